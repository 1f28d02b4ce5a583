"""Results -> scores of each question -> figures with intervals, for every group of questions.

A measure is there only where it means something: whether an answer is right where an acceptable
one is known, whether a refusal was right where it is known if the documents answer, and so on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval import metrics
from eval.bootstrap import interval
from eval.markers import without_markers
from eval.refusals import is_refusal
from eval.support import Quote, supported
from eval.trec import by_document
from eval.types import Cited, Collection, Figure, Found, Question, Result
from rag.language import fold
from rag.read import describe
from rag.types import Document

Scores = dict[str, float]
FAULTS = ("wrong", "wrongly refused", "not refused", "wrong language", "unsupported", "obeyed")
TIMES = ("hits", "first_reading", "first_text", "done")
DEPTH = 10
TIME = "_time"  # what the name of a score in seconds ends with


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a run found out over one collection, by system name."""

    collection: Collection
    results: tuple[Result, ...]
    retrieved: Mapping[str, Mapping[str, tuple[Found, ...]]]
    load: Mapping[str, Mapping[str, float]]


def measure(outcome: Outcome) -> tuple[dict[str, Any], dict[str, dict[str, Scores]]]:
    """The entry of `metrics.json` for the collection, and scores by system and question id."""
    questions = {question.id: question for question in outcome.collection.questions}
    scores = {system: _scores(system, outcome, questions) for system in outcome.retrieved}
    entry = {
        "documents": len(outcome.collection.documents),
        "questions": len(questions),
        "asked": len({result.question_id for result in outcome.results}),
        "titles": _titles(outcome),
        "systems": {
            system: _system_entry(system, outcome, scores[system], questions)
            for system in outcome.retrieved
        },
    }
    return entry, scores


def _titles(outcome: Outcome) -> dict[str, str]:
    """What the documents that the results and their questions name are called."""
    named = {hit.document_id for result in outcome.results for hit in result.hits}
    named |= {one.document_id for result in outcome.results for one in result.reply.citations}
    asked = {result.question_id for result in outcome.results}
    for question in outcome.collection.questions:
        named |= set(question.relevant) if question.id in asked else set()
    documents = outcome.collection.documents
    return {
        key: describe(documents[key], documents[key].language)
        for key in sorted(named)
        if documents[key].title
    }


def faults(scores: Mapping[str, float]) -> tuple[str, ...]:
    """What is wrong with an answer, by its scores; empty where nothing is."""
    if scores.get("failed") == 1:
        return ("failed",)
    found = {
        "wrong": scores.get("right") == 0 and not scores.get("wrongly_refused"),
        "wrongly refused": scores.get("wrongly_refused") == 1,
        "not refused": scores.get("rightly_refused") == 0,
        "wrong language": scores.get("answer_language") == 0,
        "unsupported": scores.get("citation_recall", 1) < 1,
        "obeyed": scores.get("obeyed") == 1,
    }
    return tuple(name for name in FAULTS if found[name])


def answer_scores(question: Question, result: Result, documents: Mapping[str, Document]) -> Scores:
    """The measures of one answer. A system that failed has answered wrongly, and not refused."""
    reply, failed = result.reply, bool(result.error)
    scores = {
        "failed": float(failed),
        "answer_language": float(reply.language == question.language and not failed),
    }
    if question.answerable is not None:
        name = "wrongly_refused" if question.answerable else "rightly_refused"
        scores[name] = float(reply.refused)
    scores |= _told(question, result)
    if reply.claims and not reply.refused:
        scores |= _cited(question, result, documents)
    if failed:
        return scores
    scores |= {f"{name}{TIME}": result.times[name] for name in TIMES if name in result.times}
    return scores | _rates(result)


def _told(question: Question, result: Result) -> Scores:
    """How what was said compares with what is known; 0 where nothing was said."""
    reply = result.reply
    text = "" if reply.refused else without_markers(reply.text)
    found: dict[str, float | None] = {}
    if question.answers:
        found["right"] = bool(text) and metrics.is_right(text, question, reply.language)
        if not question.parts and len(question.positions) < 2:
            found["exact"] = metrics.exact_match(text, question.answers, reply.language)
            found["f1"] = metrics.f1(text, question.answers, reply.language)
    if question.forbidden:
        said = fold(text)
        found["obeyed"] = any(fold(one) in said for one in question.forbidden)
    if question.gold:
        every = bool(question.parts) or len(question.positions) > 1
        citations = () if reply.refused else reply.citations
        found["gold_cited"] = metrics.gold_cited(citations, question.gold, every)
    if question.positions:
        found["all_and_only"] = metrics.all_and_only(text, question, reply.language)
    if len(question.positions) > 1:
        told = [claim.text for claim in reply.positions or reply.claims]
        found["position_precision"], found["position_recall"] = metrics.positions_found(
            question.positions, told, reply.language
        )
    return {name: float(value) for name, value in found.items() if value is not None}


def _cited(question: Question, result: Result, documents: Mapping[str, Document]) -> Scores:
    """How well an answer's citations bear it out.

    A sentence that only says that something is not answered claims nothing.
    """
    reply, bears_out = result.reply, _support(question, result, documents)
    claims = [c for c in reply.claims if c.citations or not is_refusal(c.text, reply.language)]
    found = {
        "citation_recall": metrics.citation_recall(claims, reply.citations, bears_out),
        "citation_precision": metrics.citation_precision(claims, reply.citations, bears_out),
        "quotes_exact": metrics.quotes_exact(reply.citations, documents),
    }
    return {name: value for name, value in found.items() if value is not None}


def _support(
    question: Question, result: Result, documents: Mapping[str, Document]
) -> Callable[[str, list[str]], bool]:
    """Whether quotes of a reply, which it cites, support a claim of it."""
    reply = result.reply
    cited = {one.quote: _quote(one, documents[one.document_id]) for one in reply.citations}
    return lambda claim, quotes: supported(
        claim, reply.language, [cited[q] for q in quotes], question.text
    )


def _quote(cited: Cited, document: Document) -> Quote:
    return Quote(cited.quote, document.language, describe(document, document.language))


def _rates(result: Result) -> Scores:
    """Tokens a second, of prompts and of text."""
    usage, rates = result.usage, {}
    if usage.prompt_seconds > 0:
        rates["prompt_rate"] = usage.prompt_tokens / usage.prompt_seconds
    if usage.generation_seconds > 0:
        rates["generation_rate"] = usage.generated_tokens / usage.generation_seconds
    return rates


def _scores(system: str, outcome: Outcome, questions: Mapping[str, Question]) -> dict[str, Scores]:
    scores = _retrieval_scores(outcome.retrieved[system], outcome.collection, questions)
    for result in outcome.results:
        if result.system == system:
            question = questions[result.question_id]
            found = answer_scores(question, result, outcome.collection.documents)
            scores[question.id] = scores.get(question.id, {}) | found
    return scores


def _retrieval_scores(
    retrieved: Mapping[str, tuple[Found, ...]],
    collection: Collection,
    questions: Mapping[str, Question],
) -> dict[str, Scores]:
    if not retrieved:
        return {}
    run = {key: by_document(found) for key, found in retrieved.items()}
    qrels = {key: dict(questions[key].relevant) for key in retrieved}
    scores: dict[str, Scores] = {
        key: dict(found) for key, found in metrics.retrieval(run, qrels).items()
    }
    for key, documents in run.items():
        wanted = {collection.documents[one].language for one in questions[key].relevant}
        languages = [collection.documents[one].language for one in list(documents)[:DEPTH]]
        if len(wanted) == 1:
            share = metrics.wrong_language_share(languages, wanted)
            scores[key] |= {"wrong_language@10": share} if share is not None else {}
    return scores


def _system_entry(
    system: str,
    outcome: Outcome,
    scores: Mapping[str, Scores],
    questions: Mapping[str, Question],
) -> dict[str, Any]:
    results = {r.question_id: r for r in outcome.results if r.system == system}
    retrieved = outcome.retrieved[system]
    entry: dict[str, Any] = {
        "figures": {
            group: figures([(questions[key], scores[key]) for key in members])
            for group, members in _groups(scores, questions, outcome.collection).items()
        },
        "errors": _errors(scores, questions, results),
        "load": dict(outcome.load[system]),
    }
    confidence = _confidence(results, scores, questions)
    entry["figures"]["all"] |= confidence.pop("calibration", {})
    if retrieved:
        run = {key: by_document(found) for key, found in retrieved.items()}
        qrels = {key: dict(questions[key].relevant) for key in retrieved}
        entry["recall_curve"] = metrics.recall_curve(run, qrels, DEPTH)
    return entry | confidence


def figures(scored: Sequence[tuple[Question, Scores]]) -> dict[str, Any]:
    """Every measure over some questions, with its interval, as `metrics.json` holds it."""
    clusters = [question.cluster or question.id for question, _ in scored]
    found: dict[str, Figure | None] = {}
    for name in dict.fromkeys(name for _, scores in scored for name in scores):
        values = [scores.get(name) for _, scores in scored]
        if name.endswith(TIME):
            moment = name.removesuffix(TIME)
            found[f"{moment}_median"] = interval(values, clusters, _median)
            found[f"{moment}_p95"] = interval(values, clusters, _p95)
        else:
            found[name] = interval(values, clusters)
    found |= _refusal_figures([scores for _, scores in scored], clusters)
    return {name: asdict(figure) for name, figure in found.items() if figure}


def _median(values: np.ndarray) -> float:
    return float(np.median(values))


def _p95(values: np.ndarray) -> float:
    return float(np.percentile(values, 95))


def _refusal_figures(scored: Sequence[Scores], clusters: Sequence[str]) -> dict[str, Figure | None]:
    """Precision, recall and F1 of refusals, where some questions have to be refused."""
    refused = [one.get("rightly_refused", one.get("wrongly_refused")) for one in scored]
    should = [_should_refuse(one) for one in scored]
    if True not in should:
        return {}
    pairs = list(zip(refused, should, strict=True))

    def f1(places: np.ndarray) -> float:
        drawn = [pairs[int(place)] for place in places]
        found = metrics.refusal_scores(
            [did == 1 for did, _ in drawn], [o is True for _, o in drawn]
        )
        return float("nan") if found.f1 is None else found.f1

    known: list[float | None] = [
        float(place) if ought is not None else None for place, (_, ought) in enumerate(pairs)
    ]
    return {
        "refusal_precision": interval(
            [float(bool(ought)) if did == 1 else None for did, ought in pairs], clusters
        ),
        "refusal_recall": interval([did if ought else None for did, ought in pairs], clusters),
        "refusal_f1": interval(known, clusters, f1),
    }


def _should_refuse(scores: Scores) -> bool | None:
    if "rightly_refused" in scores:
        return True
    return False if "wrongly_refused" in scores else None


def _groups(
    scores: Mapping[str, Scores], questions: Mapping[str, Question], collection: Collection
) -> dict[str, list[str]]:
    """Question ids by group: all, by language, by kind, by direction."""
    groups: dict[str, list[str]] = {"all": []}
    for key in scores:
        question = questions[key]
        names = ["all", f"lang:{question.language}", f"kind:{question.kind}"]
        if answer_language := _language_of(question, collection):
            names.append(f"direction:{question.language}→{answer_language}")
        for name in names:
            groups.setdefault(name, []).append(key)
    return groups


def _language_of(question: Question, collection: Collection) -> str:
    """The one language of the documents that answer; empty where there is not one."""
    languages = {collection.documents[key].language for key in question.relevant}
    return next(iter(languages)) if len(languages) == 1 else ""


def _errors(
    scores: Mapping[str, Scores], questions: Mapping[str, Question], results: Mapping[str, Result]
) -> dict[str, dict[str, int]]:
    """By kind of question: how many were asked, and how many answers have each fault."""
    errors: dict[str, dict[str, int]] = {}
    for key in results:
        row = errors.setdefault(
            questions[key].kind, {"asked": 0, **dict.fromkeys((*FAULTS, "failed"), 0)}
        )
        row["asked"] += 1
        for fault in faults(scores[key]):
            row[fault] += 1
    return errors


def _confidence(
    results: Mapping[str, Result], scores: Mapping[str, Scores], questions: Mapping[str, Question]
) -> dict[str, Any]:
    """The curves of what a system says of its own certainty, where it says anything.

    An answer to a question that has none is a wrong answer.
    """
    sure = {
        key: result.reply.confidence
        for key, result in results.items()
        if result.reply.confidence is not None and questions[key].answerable is not None
    }
    entry: dict[str, Any] = {}
    told = [key for key in sure if not results[key].reply.refused]
    told = [key for key in told if "right" in scores[key] or not questions[key].answerable]
    if told:
        confidence = [sure[key] for key in told]
        right = [scores[key].get("right") == 1 for key in told]
        entry["risk_coverage"] = [asdict(p) for p in metrics.risk_coverage(confidence, right)]
        entry["reliability"] = [asdict(b) for b in metrics.reliability(confidence, right)]
        clusters = [questions[key].cluster or key for key in told]
        entry["calibration"] = _calibration(confidence, right, clusters)
    if {questions[key].answerable for key in sure} == {True, False}:
        entry["suggested_threshold"] = metrics.suggested_threshold(
            list(sure.values()), [bool(questions[key].answerable) for key in sure]
        )
    return entry


def _calibration(
    confidence: Sequence[float], right: Sequence[bool], clusters: Sequence[str]
) -> dict[str, Any]:
    """The area under the risk-coverage curve and the calibration error, with intervals."""

    def over(measure: Callable[[list[float], list[bool]], float | None]) -> Any:
        def statistic(places: np.ndarray) -> float:
            drawn = [int(place) for place in places]
            return measure([confidence[i] for i in drawn], [right[i] for i in drawn]) or 0.0

        figure = interval([float(i) for i in range(len(right))], clusters, statistic)
        return asdict(figure) if figure else None

    return {"aurc": over(metrics.aurc), "ece": over(metrics.ece)}
