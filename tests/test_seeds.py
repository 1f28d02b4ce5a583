"""The starter dossier: what it must hold, and that its sentences are its own."""

import os
import re
from datetime import date
from pathlib import Path

import frontmatter
import pytest
from rapidfuzz import fuzz

from rag.config import PROJECT

SEEDS = sorted((PROJECT / "seeds").glob("*.md"))
REPORTS = Path(os.environ.get("RECOUPE_SHARED", PROJECT.parent / "shared")) / "seeds"
REPORT_NAMES = ("Media Wall News", "Meta investit 14,3 pour Scale AI")
each_seed = pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)


def text_of(name: str) -> str:
    return str(frontmatter.load(str(PROJECT / "seeds" / name)).content)


def word_sequences(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_language_has_six_articles(language: str) -> None:
    in_language = [path for path in SEEDS if frontmatter.load(str(path))["language"] == language]
    assert len(in_language) == 6
    assert all(path.name.startswith(f"{language}-") for path in in_language)


@each_seed
def test_an_article_says_who_wrote_it_and_where_its_facts_come_from(path: Path) -> None:
    article = frontmatter.load(str(path))
    assert all(article[key] for key in ("title", "author", "outlet"))
    assert isinstance(article["date"], date)
    assert article["note"].startswith(("Écrit pour Recoupe", "Written for Recoupe"))
    assert any(name in article["note"] for name in REPORT_NAMES)


@each_seed
def test_an_article_is_short(path: Path) -> None:
    assert 150 <= len(re.findall(r"\w+", frontmatter.load(str(path)).content)) <= 300


@each_seed
def test_no_article_puts_words_into_anyone_s_mouth(path: Path) -> None:
    assert not re.search(r"[«»“”\"]", frontmatter.load(str(path)).content)


def test_the_two_figures_for_the_investment_stand_in_both_languages() -> None:
    assert "15 milliards" in text_of("fr-01-meta-scale-15-milliards.md")
    assert "14,3 milliards" in text_of("fr-02-meta-49-pour-cent-14-3-milliards.md")
    assert "15 billion" in text_of("en-01-meta-15-billion-scale-ai.md")
    assert "14.3 billion" in text_of("en-03-meta-scale-ai-stake-corrected.md")


def test_one_event_is_told_in_both_languages() -> None:
    french = text_of("fr-03-laboratoire-superintelligence.md")
    english = text_of("en-04-superintelligence-lab.md")
    for name in ("Alexandr Wang", "superintelligence", "Google DeepMind", "49", "Scale AI"):
        assert name in french and name in english


def test_the_reprint_is_nearly_the_same_text_under_another_outlet() -> None:
    names = ("fr-01-meta-scale-15-milliards.md", "fr-06-reprise-meta-scale-15-milliards.md")
    first, reprint = (frontmatter.load(str(PROJECT / "seeds" / name)) for name in names)
    assert 85 < fuzz.ratio(first.content, reprint.content) < 100
    assert first["outlet"] != reprint["outlet"]


def test_no_other_pair_is_a_reprint() -> None:
    meant = {("fr-01", "fr-06"), ("en-02", "en-03")}
    near = {
        (one.stem[:5], other.stem[:5])
        for at, one in enumerate(SEEDS)
        for other in SEEDS[at + 1 :]
        if fuzz.ratio(text_of(one.name), text_of(other.name)) > 70
    }
    assert near == meant


def test_the_corrected_version_names_the_earlier_one_and_shows_its_correction() -> None:
    corrected = frontmatter.load(str(PROJECT / "seeds/en-03-meta-scale-ai-stake-corrected.md"))
    earlier = frontmatter.load(str(PROJECT / "seeds" / corrected["corrects"]))
    assert corrected["correction"].startswith("18 June 2025")
    assert corrected.content.startswith("Correction, 18 June 2025:")
    assert corrected["outlet"] == earlier["outlet"]
    assert corrected["date"] > earlier["date"]
    assert "majority of Scale AI" in earlier.content.split(",")[0]


@each_seed
def test_no_sentence_is_taken_from_a_report(path: Path) -> None:
    reports = sorted(REPORTS.glob("*.txt"))
    if not reports:
        pytest.skip("the reports are not on this machine")
    article = frontmatter.load(str(path))
    taken = word_sequences(f"{article['title']}\n{article.content}", 8)
    for report in reports:
        assert not taken & word_sequences(report.read_text(encoding="utf-8"), 8)
