"""Questions and documents from files: our own set, and the formats of other people's.

`load` takes
- a BEIR folder (Thakur et al. 2021): `corpus.jsonl`, `queries.jsonl`, `qrels/*.tsv`, and beside
  them, in our own set only, `answers.jsonl`;
- SQuAD's JSON, 1.1 or 2.0 (Rajpurkar et al. 2016, 2018);
- JSON lines with `question`, `lang`, `answers`, `answerable`, and the documents in `context`,
  `contexts`, or `context_fr` and `context_en` (see eval/README.md);
- a folder of such files, those without questions left out.
"""

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from eval.types import Collection, ExpectedPosition, Gold, Question
from rag.errors import SettingsError
from rag.language import detect, fold
from rag.types import LANGUAGES, Document, Language

ANSWER_WORDS = 30  # a longer acceptable answer is a document, not something to compare with
WITHOUT = "-without"  # what the id of a question ends with whose answer was taken out

Row = Mapping[str, Any]


def load(path: Path) -> list[Collection]:
    """The collections of a file or folder, each with at least one question.

    Raises SettingsError, naming the file and the line, where it cannot be read or has none.
    """
    if not path.exists():
        raise SettingsError("eval.absent", path=path)
    if path.is_dir() and not (path / "corpus.jsonl").is_file():
        files = sorted(file for file in path.iterdir() if file.suffix in (".json", ".jsonl"))
        collections = [_load_one(file) for file in files]
    else:
        collections = [_load_one(path)]
    found = [_distinct(collection) for collection in collections if collection.questions]
    if not found:
        raise SettingsError("eval.no_questions", path=path)
    return found


def fingerprint(collection: Collection) -> str:
    """The SHA-256 of what the documents say: the same for the same texts, wherever they lie."""
    digest = hashlib.sha256()
    for one in sorted(collection.documents.values(), key=lambda document: document.id):
        for part in (one.id, one.title, one.outlet, str(one.published), one.language, one.text):
            digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def questions_fingerprint(collection: Collection) -> str:
    """The SHA-256 of what is asked and of all that is known of the answers."""
    rows = [asdict(question) for question in collection.questions]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def with_answers_taken_out(collection: Collection) -> Collection:
    """The same with a twin to each question, asked over the documents that lack its answers.

    For a set in which every question has its answer: the twins have to be refused. They look
    at no document that answers the question or that holds, by chance, one of its answers.
    Collections that have unanswerable questions of their own stay as they are.
    """
    if any(question.answerable is False for question in collection.questions):
        return collection
    texts = {key: fold(document.text) for key, document in collection.documents.items()}
    twins = [
        _without_answer(question, texts)
        for question in collection.questions
        if question.answers and not question.scope
    ]
    asked = [twin for twin in twins if len(twin.excluded) < len(texts)]
    return replace(collection, questions=(*collection.questions, *asked))


def _without_answer(question: Question, texts: Mapping[str, str]) -> Question:
    """The twin of `question`, over what is left of `texts`, which are folded."""
    words = "|".join(re.escape(fold(answer)) for answer in question.answers)
    holds = re.compile(rf"(?<!\w)(?:{words})(?!\w)")
    out = {key for key, text in texts.items() if key in question.relevant or holds.search(text)}
    return replace(
        question,
        id=f"{question.id}{WITHOUT}",
        kind="unanswerable",
        answerable=False,
        answers=(),
        parts=(),
        gold=(),
        relevant={},
        positions=(),
        excluded=tuple(sorted(out | set(question.excluded))),
    )


def _distinct(collection: Collection) -> Collection:
    """The same with a number after each id that has come before: results are kept by id.

    Raises SettingsError for a language that is neither French nor English.
    """
    languages = {document.language for document in collection.documents.values()}
    languages |= {question.language for question in collection.questions}
    others = sorted(languages - set(LANGUAGES))
    if others:
        detail = f"language {others[0]}; only fr and en are known"
        raise SettingsError("eval.unreadable", path=collection.dataset, detail=detail)
    seen: Counter[str] = Counter()
    questions = []
    for question in collection.questions:
        seen[question.id] += 1
        again = seen[question.id] > 1
        new_id = f"{question.id}#{seen[question.id]}" if again else str(question.id)
        questions.append(replace(question, id=new_id))
    return replace(collection, questions=tuple(questions))


def _load_one(path: Path) -> Collection:
    try:
        if path.is_dir():
            return _beir(path)
        if path.suffix == ".json":
            return _squad(path)
        return _rows(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("eval.unreadable", path=path, detail=error) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        detail = f"{type(error).__name__}: {error}"
        raise SettingsError("eval.unreadable", path=path, detail=detail) from None


@dataclass(slots=True)
class _Builder:
    """Documents and questions of a set under way; the same text is one document."""

    dataset: str
    documents: dict[str, Document] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    def add(self, text: str, language: Language, title: str = "") -> str:
        """Add a document once; its id."""
        key = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:16]
        self.documents[key] = Document(key, key, text, language, title)
        return key

    def done(self) -> Collection:
        return Collection(self.dataset, self.documents, tuple(self.questions))


def _lines(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from None
            if not isinstance(row, dict):
                raise ValueError(f"line {number}: not an object")
            yield row


def _squad(path: Path) -> Collection:
    built = _Builder(path.stem)
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            key = built.add(text, detect(text), article.get("title", "").replace("_", " "))
            for asked in paragraph["qas"]:
                found = [] if asked.get("is_impossible") else asked["answers"]
                starts = [(answer["answer_start"], answer["text"]) for answer in found]
                built.questions.append(
                    _over_one(str(asked["id"]), asked["question"], None, key, starts, bool(found))
                )
    return built.done()


def _over_one(
    key: str,
    text: str,
    language: Language | None,
    document_id: str,
    answers: Iterable[tuple[int, str]],
    answerable: bool,
) -> Question:
    """A question over one paragraph, with its answers and where they start."""
    found = list(answers)
    return Question(
        id=key,
        text=text,
        language=language or detect(text),
        kind="fact" if answerable else "unanswerable",
        answerable=answerable,
        answers=tuple(dict.fromkeys(answer for _, answer in found)),
        gold=tuple(Gold(document_id, start, start + len(one), one) for start, one in found),
        relevant={document_id: 1} if answerable else {},
        cluster=document_id,
    )


def _rows(path: Path) -> Collection:
    built = _Builder(path.stem)
    rows = [row for row in _lines(path) if row.get("question")]
    headlines: dict[str, dict[Language, str]] = {}
    for row in rows:
        if row.get("doc_lang"):
            language: Language = row["doc_lang"][:2]
            text = row["context"].replace("\n", "\n\n")  # one paragraph a line
            headlines.setdefault(row["doc"], {})[language] = built.add(text, language)
    for row in rows:
        if row.get("doc_lang"):
            built.questions.append(_across(row, headlines[row["doc"]], row["doc_lang"][:2]))
        elif row.get("contexts"):
            built.questions.append(_over_several(row, built))
        elif row.get("context"):
            built.questions.append(_over_context(row, built))
        else:
            keys: dict[Language, str] = {
                one: built.add(row[f"context_{one}"], one)
                for one in LANGUAGES
                if row.get(f"context_{one}")
            }
            built.questions += [_across(row, keys, one) for one in keys]
    return built.done()


def _over_context(row: Row, built: _Builder) -> Question:
    text, answers = row["context"], row.get("answers") or []
    key = built.add(text, row.get("context_lang") or row["lang"], row.get("title") or "")
    starts = row.get("answer_starts") or [text.find(answer) for answer in answers]
    answerable = bool(answers) if row.get("answerable") is None else row["answerable"]
    found = [
        (start, answer)
        for start in starts
        for answer in answers
        if start >= 0 and text.startswith(answer, start)
    ]
    question = _over_one(row["id"], row["question"], row["lang"], key, found, answerable)
    return replace(question, answers=_short(answers))


def _across(row: Row, keys: Mapping[Language, str], wanted: Language) -> Question:
    """A question whose answer exists in several languages, asked of one of them."""
    return Question(
        id=f"{row['id']}-in-{wanted}",
        text=row["question"],
        language=row["lang"],
        kind="headline" if row.get("doc_lang") else "fact",
        answerable=True,
        answers=_short(row.get("answers") or []),
        relevant={keys[wanted]: 1},
        excluded=tuple(key for language, key in keys.items() if language != wanted),
        cluster=min(keys.values()),
    )


def _over_several(row: Row, built: _Builder) -> Question:
    """A question with passages of its own, each perhaps with a label and the answer it gives."""
    contexts = row["contexts"]
    keys = [built.add(one["text"], row["lang"], one.get("title") or "") for one in contexts]
    answers = _short(row.get("answers") or [])
    labelled = list(zip(keys, contexts, strict=True))
    right = [(key, one["answer"]) for key, one in labelled if one.get("label") == "correct"]
    positions = tuple(
        ExpectedPosition((answer,), tuple(key for key, given in right if given == answer))
        for answer in answers
        if right
    )
    return Question(
        id=row["id"],
        text=row["question"],
        language=row["lang"],
        kind=_kind_over_several(row["answerable"], positions),
        answerable=row["answerable"],
        answers=answers,
        relevant={key: 1 for key, _ in right},
        positions=positions,
        wrong=_short(dict.fromkeys(row.get("wrong_answers") or [])),
        scope=tuple(dict.fromkeys(keys)),
        cluster=row["id"],
    )


def _kind_over_several(answerable: bool, positions: tuple[ExpectedPosition, ...]) -> str:
    if not answerable:
        return "unanswerable"
    return "disagreement" if len(positions) > 1 else "fact"


def _short(answers: Iterable[str]) -> tuple[str, ...]:
    return tuple(answer for answer in answers if len(answer.split()) <= ANSWER_WORDS)


def _beir(folder: Path) -> Collection:
    documents = {row["_id"]: _document(row) for row in _lines(folder / "corpus.jsonl")}
    relevant = _qrels(folder / "qrels")
    told = folder / "answers.jsonl"
    answers = {row["_id"]: row for row in _lines(told)} if told.is_file() else {}
    unknown = {key for grades in relevant.values() for key in grades} - documents.keys()
    if unknown:
        raise ValueError(f"qrels name {min(unknown)}, which is not in corpus.jsonl")
    questions = [
        _question(row, relevant.get(row["_id"], {}), answers.get(row["_id"]))
        for row in _lines(folder / "queries.jsonl")
        if row["_id"] in relevant or row["_id"] in answers
    ]
    return Collection(folder.resolve().name, documents, tuple(questions))


def _document(row: Row) -> Document:
    text, title = row["text"], row.get("title") or ""
    return Document(
        id=row["_id"],
        path=row["_id"],
        text=text,
        language=row.get("language") or detect(f"{title}\n{text}"),
        title=title,
        outlet=row.get("outlet") or "",
        published=date.fromisoformat(row["date"]) if row.get("date") else None,
    )


def _qrels(folder: Path) -> dict[str, dict[str, int]]:
    """Grades above 0, from `test.tsv` or else from the other files."""
    test = folder / "test.tsv"
    found: dict[str, dict[str, int]] = {}
    for path in [test] if test.is_file() else sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                if int(row["score"]) > 0:
                    found.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    return found


def _question(row: Row, relevant: Mapping[str, int], told: Row | None) -> Question:
    """A BEIR query, with what `answers.jsonl` tells of it."""
    told = told or {}
    gold = tuple(
        Gold(one["document_id"], one["start"], one["end"], one["quote"])
        for one in told.get("gold", ())
    )
    cluster = gold[0].document_id if gold else min(relevant, default=row["_id"])
    return Question(
        id=row["_id"],
        text=row["text"],
        language=row.get("language") or detect(row["text"]),
        kind=told.get("kind", "fact"),
        answerable=told["answerable"] if told else True,
        answers=tuple(told.get("answers", ())),
        parts=tuple(tuple(part) for part in told.get("parts", ())),
        gold=gold,
        relevant=relevant,
        positions=tuple(
            ExpectedPosition(tuple(one["answers"]), tuple(one["document_ids"]))
            for one in told.get("positions", ())
        ),
        forbidden=tuple(told.get("forbidden", ())),
        cluster=cluster,
    )
