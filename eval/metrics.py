"""What is measured, as pure functions; each docstring says where the measure comes from.

A measure that does not apply (a share of nothing) is None, never 0 or 1.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval.normalize import answer_tokens, contains, months, tokens
from eval.types import Cited, Claim, ExpectedPosition, Gold, Question
from rag.types import Document, Language

Run = Mapping[str, Mapping[str, float]]  # question to document to score, a higher one is better
Qrels = Mapping[str, Mapping[str, int]]  # question to document to grade, relevant from 1
Supported = Callable[[str, list[str]], bool]  # do these quotes together support this claim?

RIGHT_F1 = 0.5


# Retrieval


def retrieval(run: Run, qrels: Qrels) -> dict[str, dict[str, float]]:
    """For each question with a relevant document: recall@1, @5, @10, mrr@10 and ndcg@10.

    recall@k is the share of the relevant documents among the first k; mrr@10 one over the rank
    of the first relevant one (Voorhees, The TREC-8 Question Answering Track Report, 1999);
    ndcg@10 is the gain discounted by rank, gains linear (Järvelin & Kekäläinen, Cumulated
    gain-based evaluation of IR techniques, 2002). Computed by trec_eval through ir_measures
    (MacAvaney et al., Streamlining Evaluation with ir-measures, 2022). A question that is not in
    `run` found nothing.
    """
    from ir_measures import RR, R, nDCG

    names = {R @ 1: "recall@1", R @ 5: "recall@5", R @ 10: "recall@10"}
    return _measured(run, qrels, names | {RR @ 10: "mrr@10", nDCG @ 10: "ndcg@10"})


def recall_curve(run: Run, qrels: Qrels, depth: int = 10) -> list[float]:
    """Mean recall@1 … recall@`depth` (see `retrieval`); empty if nothing is relevant."""
    from ir_measures import R

    measured = _measured(run, qrels, {R @ k: str(k) for k in range(1, depth + 1)})
    if not measured:
        return []
    return [float(np.mean([one[str(k)] for one in measured.values()])) for k in range(1, depth + 1)]


def _measured(run: Run, qrels: Qrels, names: dict[Any, str]) -> dict[str, dict[str, float]]:
    import ir_measures

    judged = {
        question: dict(grades)
        for question, grades in qrels.items()
        if any(grade > 0 for grade in grades.values())
    }
    ranked = {question: _by_rank(run.get(question, {})) for question in judged}
    measured = {question: dict.fromkeys(names.values(), 0.0) for question in judged}
    if any(ranked.values()):
        for metric in ir_measures.iter_calc(list(names), judged, ranked):
            measured[metric.query_id][names[metric.measure]] = float(metric.value)
    return measured


def _by_rank(scores: Mapping[str, float]) -> dict[str, float]:
    """Scores that keep the order, ties as they come: trec_eval sees 32 bits and breaks ties by
    name."""
    best_first = sorted(scores, key=lambda document: -scores[document])
    return {document: float(-rank) for rank, document in enumerate(best_first)}


def wrong_language_share(found: Sequence[Language], wanted: Collection[Language]) -> float | None:
    """The share of hits, by their languages, in none of the `wanted` ones; None without hits."""
    return _share([language not in wanted for language in found])


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


# Answers


def exact_match(text: str, answers: Sequence[str], language: Language) -> bool:
    """Whether `text` is one of `answers` once normalised (Rajpurkar et al., SQuAD, 2016).

    `language` is the text's; an answer may be in either.
    """
    said = tokens(text, language)
    return any(said in answer_tokens(answer, language) for answer in answers)


def f1(text: str, answers: Sequence[str], language: Language) -> float:
    """The best token F1 of `text` with one of `answers`: the harmonic mean of the shares of
    their tokens that they have in common (Rajpurkar et al., SQuAD, 2016)."""
    said = tokens(text, language)
    readings = [one for answer in answers for one in answer_tokens(answer, language)]
    return max((_f1(said, one) for one in readings), default=0.0)


def _f1(said: Sequence[str], expected: Sequence[str]) -> float:
    common = sum((Counter(said) & Counter(expected)).values())
    return 2 * common / (len(said) + len(expected)) if common else 0.0


def is_right(text: str, question: Question, language: Language | None = None) -> bool:
    """Whether `text` gives what is accepted as the answer to `question`.

    Of `positions` and of `parts`, where there are any, it contains one answer each. Otherwise it
    contains one of `answers`, or has a token F1 of 0.5 or more with one, and then whatever a miss
    makes another thing of: its numbers (14 millions are not nearly 15 millions), its months, and
    both words where it has just two (Jean Dupont is not Marie Dupont; where the surname or the
    bare number will do, `answers` has it). `language` is the text's, the question's unless given.
    """
    language = language or question.language
    groups = [position.answers for position in question.positions]
    groups = (groups if len(groups) > 1 else []) + list(question.parts)
    if groups:
        return all(_contains_any(text, group, language) for group in groups)
    if _contains_any(text, question.answers, language):
        return True
    said = tokens(text, language)
    readings = [one for answer in question.answers for one in answer_tokens(answer, language)]
    return any(_f1(said, one) >= RIGHT_F1 and _needed(one) <= set(said) for one in readings)


def _contains_any(text: str, answers: Sequence[str], language: Language) -> bool:
    return any(contains(text, answer, language) for answer in answers)


def _needed(answer: Sequence[str]) -> set[str]:
    """The tokens without which an answer is another one: see `is_right`."""
    if len(answer) == 2:
        return set(answer)
    return months(answer) | {word for word in answer if any(char.isdigit() for char in word)}


# Citations


def citation_recall(
    claims: Sequence[Claim], citations: Sequence[Cited], supported: Supported
) -> float | None:
    """The share of `claims` that all they cite, together, supports; None without claims.

    A claim that cites nothing is not supported. ALCE (Gao et al., Enabling Large Language Models
    to Generate Text with Citations, 2023), with `supported` in the place of its NLI model.
    """
    return _share([_is_supported(one.text, _quotes(one, citations), supported) for one in claims])


def citation_precision(
    claims: Sequence[Claim], citations: Sequence[Cited], supported: Supported
) -> float | None:
    """The share of the claims' citations that are needed; None where nothing is cited.

    One is needed if all that its claim cites supports it and either this one does alone or the
    others do not without it. ALCE (Gao et al., 2023). A number that stands for nothing is not.
    """
    needed = []
    for claim in claims:
        text, quotes = claim.text, _quotes(claim, citations)
        whole = _is_supported(text, quotes, supported)
        for n in dict.fromkeys(claim.citations):
            needed.append(whole and _is_needed(text, n, quotes, supported))
    return _share(needed)


def _quotes(claim: Claim, citations: Sequence[Cited]) -> dict[int, str]:
    """What `claim` cites, by number, as far as there is something under it."""
    every = {one.n: one.quote for one in citations}
    return {n: every[n] for n in dict.fromkeys(claim.citations) if n in every}


def _is_supported(text: str, quotes: Mapping[int, str], supported: Supported) -> bool:
    return bool(quotes) and supported(text, list(quotes.values()))


def _is_needed(text: str, n: int, quotes: Mapping[int, str], supported: Supported) -> bool:
    if n not in quotes:
        return False
    others = {other: quote for other, quote in quotes.items() if other != n}
    return supported(text, [quotes[n]]) or not _is_supported(text, others, supported)


def gold_cited(cited: Sequence[Cited], gold: Sequence[Gold], every: bool = False) -> float | None:
    """How much of the known evidence an answer cites; None where none is known.

    A gold quote counts as cited if a citation overlaps it, a gold without a quote if one is in
    its document. Several prove the same answer: any will do, and the value is 0 or 1. With
    `every` (a question with parts or positions) it is the share of them that are cited.
    """
    reached = [any(_overlap(one, proof) for one in cited) for proof in gold]
    return _share(reached if every or not reached else [any(reached)])


def _overlap(cited: Cited, gold: Gold) -> bool:
    if cited.document_id != gold.document_id:
        return False
    return not gold.quote or (cited.start < gold.end and gold.start < cited.end)


def quotes_exact(citations: Sequence[Cited], documents: Mapping[str, Document]) -> float | None:
    """The share of citations whose quote is, letter by letter, at its place in its document;
    None without citations. A check of Recoupe's own promise."""
    return _share([_is_exact(one, documents) for one in citations])


def _is_exact(cited: Cited, documents: Mapping[str, Document]) -> bool:
    document = documents.get(cited.document_id)
    if document is None or not 0 <= cited.start < cited.end:
        return False
    return document.text[cited.start : cited.end] == cited.quote


# Refusals


@dataclass(frozen=True, slots=True)
class Refusals:
    """Precision: of what was refused, the share that should be; recall: the reverse.

    None where nothing was refused, or nothing should be; F1 only where neither was.
    """

    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """Answering from `threshold` on answers the share `coverage`, `risk` of it wrongly."""

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Bin:
    """The `n` answers with a confidence above `low`, up to `high`: its mean, and how many of
    them are right."""

    low: float
    high: float
    confidence: float
    accuracy: float
    n: int


def refusal_scores(refused: Sequence[bool], should: Sequence[bool]) -> Refusals:
    """Refusing as a class to find, question by question: precision, recall and F1
    (van Rijsbergen, Information Retrieval, 1979), as SQuAD 2.0 scores its unanswerable questions
    (Rajpurkar et al., 2018). Raises ValueError if the lengths differ."""
    if len(refused) != len(should):
        raise ValueError(f"{len(refused)} replies, {len(should)} questions")
    both = int(np.logical_and(refused, should).sum())
    did, ought = int(np.sum(refused)), int(np.sum(should))
    return Refusals(
        precision=both / did if did else None,
        recall=both / ought if ought else None,
        f1=2 * both / (did + ought) if did + ought else None,
    )


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> list[RiskPoint]:
    """The risk-coverage curve, a point for each confidence, the highest first.

    El-Yaniv & Wiener, On the Foundations of Noise-free Selective Classification, 2010; Geifman &
    El-Yaniv, Selective Classification for Deep Neural Networks, 2017. Equal confidences are
    answered together. Raises ValueError if the lengths differ.
    """
    sure, wrong = _sorted(confidence, right)
    last_of_group = np.append(sure[1:] != sure[:-1], True)[: len(sure)]
    mistakes = np.cumsum(wrong)
    return [
        RiskPoint(float(sure[k - 1]), float(k / len(sure)), float(mistakes[k - 1] / k))
        for k in np.flatnonzero(last_of_group) + 1
    ]


def aurc(confidence: Sequence[float], right: Sequence[bool]) -> float | None:
    """The area under the risk-coverage curve, 0 at best; None without answers.

    The mean of the risks of answering the 1, 2, … n surest (Geifman, Uziel & El-Yaniv,
    Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers, 2019). Equal confidences
    count as in every order at once: each has the mean error of its group.
    """
    sure, wrong = _sorted(confidence, right)
    if not len(sure):
        return None
    _, group, size = np.unique(sure, return_inverse=True, return_counts=True)
    wrong = (np.bincount(group, weights=wrong) / size)[group]
    return float(np.mean(np.cumsum(wrong) / np.arange(1, len(wrong) + 1)))


def _sorted(confidence: Sequence[float], right: Sequence[bool]) -> tuple[np.ndarray, np.ndarray]:
    """Confidences, the highest first, and for each 1 where the answer is wrong."""
    if len(confidence) != len(right):
        raise ValueError(f"{len(confidence)} confidences, {len(right)} answers")
    sure, wrong = np.asarray(confidence, dtype=float), 1.0 - np.asarray(right, dtype=float)
    order = np.argsort(-sure, kind="stable")
    return sure[order], wrong[order]


def reliability(confidence: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[Bin]:
    """A reliability diagram: what is right among answers of like confidence, from 0 to 1.

    Equal widths, the upper edge included, empty bins left out (Guo et al., On Calibration of
    Modern Neural Networks, 2017). Raises ValueError if the lengths differ.
    """
    sure, wrong = _sorted(confidence, right)
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, sure, side="left") - 1, 0, bins - 1)
    return [
        Bin(
            low=round(float(edges[one]), 9),
            high=round(float(edges[one + 1]), 9),
            confidence=float(sure[place == one].mean()),
            accuracy=float(1 - wrong[place == one].mean()),
            n=int((place == one).sum()),
        )
        for one in np.unique(place)
    ]


def ece(confidence: Sequence[float], right: Sequence[bool], bins: int = 10) -> float | None:
    """Expected calibration error: how far confidence is from accuracy, over the bins of
    `reliability`, each by its share of answers; None without answers. Naeini et al., Obtaining
    Well Calibrated Probabilities Using Bayesian Binning, 2015; Guo et al., 2017."""
    diagram = reliability(confidence, right, bins)
    if not diagram:
        return None
    return sum(one.n * abs(one.accuracy - one.confidence) for one in diagram) / len(confidence)


def suggested_threshold(confidence: Sequence[float], answerable: Sequence[bool]) -> float | None:
    """The confidence from which to answer so that mistakes are fewest; None without questions.

    Refusing an answerable question and answering another one are a mistake each. Thresholds lie
    midway between neighbours, 0 and 1 among them; of equally good ones the lowest is taken.
    """
    sure, unanswerable = _sorted(confidence, answerable)
    if not len(sure):
        return None
    values = np.unique([0.0, *sure, 1.0])
    thresholds = (values[1:] + values[:-1]) / 2
    if sure.min() <= 0:
        thresholds = np.append(0.0, thresholds)  # else nothing would answer that one
    answered = sure >= thresholds[:, None]
    mistakes = (answered == unanswerable.astype(bool)).sum(axis=1)
    return float(thresholds[np.argmin(mistakes)])


# Disagreement


def positions_found(
    expected: Sequence[ExpectedPosition], told: Sequence[str], language: Language
) -> tuple[float | None, float | None]:
    """Of the positions `told`, the share that are expected ones (precision); of those expected,
    the share told (recall). A told one is an expected one if it contains one of its answers.

    Ours, for want of an established measure. None for a share of nothing.
    """
    matches = [[_contains_any(one, e.answers, language) for e in expected] for one in told]
    precision = _share([any(row) for row in matches])
    recall = _share([any(row[i] for row in matches) for i in range(len(expected))])
    return precision, recall


def all_and_only(text: str, question: Question, language: Language) -> bool:
    """Whether `text` has every position that is expected, and nothing that is known to be wrong.

    The exact match of RAMDocs (Wang et al., Retrieval-Augmented Generation with Conflicting
    Evidence, 2025).
    """
    every = all(_contains_any(text, one.answers, language) for one in question.positions)
    return every and not _contains_any(text, question.wrong, language)
