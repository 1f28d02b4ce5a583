"""Questions to begin with, made from what a dossier's articles say.

No model is asked: who is quoted and what several articles speak of is found by rules, so they
are there as soon as the page is, and the dossier has something to say on each.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, islice, zip_longest
from typing import Protocol

from rag.language import fold, words
from rag.messages import message
from rag.names import full_names, translations
from rag.speech.reported import speech
from rag.types import LANGUAGES, Document, Language

COUNT = 4
LOOKED_AT = 20  # articles, the newest
ARTICLES = 3  # that name a topic, at least
LONGEST = 90  # characters of a title that is asked about
SHORTEST = 3  # characters of a topic


class Article(Protocol):
    """What the order of articles depends on: a Document has it, and a row of a list."""

    @property
    def language(self) -> Language: ...
    @property
    def published(self) -> date | None: ...


def promise(article: Article, language: Language) -> tuple[bool, str]:
    """Articles that promise more to a reader of `language` have the greater one."""
    return article.language == language, str(article.published or "")


def suggestions(documents: Sequence[Document], language: Language, count: int = COUNT) -> list[str]:
    """At most `count` questions in `language`: what people said, and what is written on a topic.

    The two kinds take turns; articles in `language` come first, the newest before the others.
    """
    newest = sorted(documents, key=lambda one: promise(one, language), reverse=True)[:LOOKED_AT]
    said = (message("suggest.said", language, name=name) for name in _speakers(newest))
    topics = (message("suggest.topic", language, name=name) for name in _topics(newest))
    titles = (message("suggest.title", language, title=title) for title in _titles(newest))
    written = chain(topics, titles)
    turns = chain.from_iterable(zip_longest(islice(said, count), islice(written, count)))
    return list(islice(dict.fromkeys(one for one in turns if one), count))


def _titles(documents: Sequence[Document]) -> Iterator[str]:
    titles = (" ".join(document.title.split()) for document in documents)
    return (title for title in titles if 0 < len(title) <= LONGEST)


def _speakers(documents: Sequence[Document]) -> Iterator[str]:
    """Who is quoted by name, one an article."""
    known: set[str] = set()
    for document in documents:
        for one in speech(document.text, document.language):
            name = " ".join(one.name.split())
            if one.direct and full_names(name) == [name] and " " in name:
                if fold(name) not in known:
                    known.add(fold(name))
                    yield name
                break


def _topics(documents: Sequence[Document]) -> Iterator[str]:
    """What several articles name, what most of them name first; `SHORTEST` spares initials. No
    country and no language: articles that name France are seldom about it."""
    articles = Counter(name for document in documents for name in full_names(document.text))
    return (
        name
        for name, number in articles.most_common()
        if number >= ARTICLES and len(name) >= SHORTEST and not _is_of_a_country(name)
    )


def _is_of_a_country(name: str) -> bool:
    """Whether all words of a name are of the names of countries and languages."""
    return any(set(words(name)) <= translations(language).keys() for language in LANGUAGES)
