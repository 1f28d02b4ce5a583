"""HTML and Markdown keep the article and what they state of it."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import ArticleError
from rag.ingest import Article, read_article

PAGES = Path(__file__).parent / "pages"


def read(path: Path) -> Article:
    return read_article(str(path), Settings())


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_web_page_gives_its_article_without_menus_and_comments() -> None:
    assert read(PAGES / "toits.html").document.text.split("\n\n") == [
        "Sous les toits plantés de Sablonges, il a fait six degrés de moins que dans les classes "
        "voisines. La mesure, prise pendant neuf jours d’août, conforte un programme contesté.",
        "Des capteurs dans douze écoles",
        "La ville avait posé ses capteurs en mai, à la demande de parents d’élèves. « Nous "
        "voulions des chiffres, pas des promesses », rappelle Hermine Cazalis, qui les représente.",
        "- six écoles sous des toits plantés ;",
        "- six écoles sous des tuiles.",
        "Le coût reste élevé : deux fois celui d’une toiture ordinaire, selon la note que la "
        "mairie a publiée lundi.",
    ]


def test_a_web_page_says_who_published_it_and_when() -> None:
    document = read(PAGES / "toits.html").document
    assert document.title == "Les toits verts de Sablonges tiennent la canicule"
    assert (document.author, document.outlet) == ("Solène Trémaux", "La Dépêche des Dunes")
    assert (document.published, document.language) == (date(2023, 8, 21), "fr")
    assert document.url == "https://depeche-des-dunes.example/toits-verts"


def test_a_page_without_a_date_gets_none_from_its_text_or_footer() -> None:
    document = read(PAGES / "undated.html").document
    assert document.published is None
    assert "The café will keep the umbrellas." in document.text


@pytest.mark.parametrize(
    ("markup", "published"),
    [
        ('<meta name="dc.date" content="2024-02-09">', date(2024, 2, 9)),
        ('<meta itemprop="datePublished" content="2024-02-09T08:00">', date(2024, 2, 9)),
        (
            '<script type="application/ld+json">{"datePublished": "2024-02-09"}</script>',
            date(2024, 2, 9),
        ),
        ('<time datetime="2024-02-09">hier</time>', date(2024, 2, 9)),
        ('<p class="post-date">Publié le 9 février 2024</p>', date(2024, 2, 9)),
        ('<meta name="date" content="2999-01-01">', None),
        ('<footer><time datetime="2024-02-09">à jour</time></footer>', None),
    ],
)
def test_a_date_is_found_where_pages_state_it(
    tmp_path: Path, markup: str, published: date | None
) -> None:
    html = (
        f"<html><head><title>Un phare déménage</title></head><body>{markup}<article><p>Le phare de "
        "Kermorval a été déplacé de douze mètres pendant la nuit, pierre par pierre, pour échapper "
        "à la falaise.</p><p>Les gardiens ont dormi à l’intérieur pendant toute l’opération."
        "</p></article></body></html>"
    )
    assert read(write(tmp_path, "a.html", html)).document.published == published


def test_a_page_of_two_sentences_is_read(tmp_path: Path) -> None:
    html = "<html><body><p>Le bac est en panne. Il reprendra samedi.</p></body></html>"
    document = read(write(tmp_path, "a.html", html)).document
    assert document.text == "Le bac est en panne. Il reprendra samedi."


def test_a_page_in_an_older_encoding_keeps_its_accents(tmp_path: Path) -> None:
    html = "<html><head><meta charset='iso-8859-15'></head><body><p>Le café coûte 2 €.</p></body>"
    (tmp_path / "a.html").write_bytes(html.encode("iso8859-15"))
    assert read(tmp_path / "a.html").document.text == "Le café coûte 2 €."


@pytest.mark.parametrize(
    "html", ["<html></html>", "<html><body><script>x()</script></body></html>"]
)
def test_a_page_without_text_says_so(tmp_path: Path, html: str) -> None:
    with pytest.raises(ArticleError) as caught:
        read(write(tmp_path, "a.html", html))
    assert caught.value.key == "ingest.nothing_to_read"


def test_markdown_becomes_the_words_a_reader_sees() -> None:
    article = read(PAGES / "moulin.md")
    assert article.document.text.split("\n\n") == [
        "Après trente ans de silence, la roue du moulin tourne de nouveau depuis samedi. Cinq "
        "habitants l'ont remontée à la main.",
        "Une farine locale",
        "Le blé vient de trois fermes :",
        "- la ferme du Haut ;",
        "- la ferme Lacaze ;",
        "- la coopérative.",
        "« On a tout appris dans un vieux carnet », raconte la meunière.",
        "Le pain sera vendu le dimanche.",
    ]
    assert [(line.number, line.reason) for line in article.removed] == [(10, "removed.title")]


def test_front_matter_in_french_is_understood() -> None:
    document = read(PAGES / "moulin.md").document
    assert document.title == "Le moulin de Pierrefeu reprend du service"
    assert (document.author, document.outlet) == (
        "Achille Bonnemain, Rose Gaudry",
        "Le Papier du Canton",
    )
    assert (document.published, document.language) == (date(2022, 11, 5), "fr")
    assert document.url == "https://papier-du-canton.example/moulin"


@pytest.mark.parametrize(
    ("field", "published"),
    [
        ("date: 2024-02-09", date(2024, 2, 9)),
        ("date: 2024-02-09 18:30:00", date(2024, 2, 9)),
        ("published: February 9, 2024", date(2024, 2, 9)),
        ("Date: 9 février 2024", date(2024, 2, 9)),
        ("date: yesterday", None),
        ("date: [1, 2]", None),
    ],
)
def test_front_matter_dates_are_read_as_people_write_them(
    tmp_path: Path, field: str, published: date | None
) -> None:
    text = (
        f"---\n{field}\n---\nThe ferry will sail again on Saturday, its owner said on the radio.\n"
    )
    assert read(write(tmp_path, "a.md", text)).document.published == published


def test_a_colon_in_an_unquoted_headline_loses_nothing(tmp_path: Path) -> None:
    text = "---\ntitle: Sablonges: the ferry is back\nauthor: Ann Ode\n---\nThe ferry is back.\n"
    document = read(write(tmp_path, "a.md", text)).document
    assert (document.title, document.author) == ("Sablonges: the ferry is back", "Ann Ode")
    assert document.text == "The ferry is back."


def test_a_rule_at_the_top_is_not_front_matter(tmp_path: Path) -> None:
    text = "---\n\nThe ferry is back.\n\n---\n\nIt sails on Saturday.\n"
    document = read(write(tmp_path, "a.md", text)).document
    assert document.text == "The ferry is back.\n\nIt sails on Saturday."


def test_markdown_without_front_matter_is_titled_by_its_heading(tmp_path: Path) -> None:
    text = "# The ferry is back\n\nBy Ann Ode\n\nThe ferry sailed on Saturday, after six weeks.\n"
    document = read(write(tmp_path, "a.md", text)).document
    assert (document.title, document.author) == ("The ferry is back", "Ann Ode")
    assert document.text == "The ferry sailed on Saturday, after six weeks."


def test_front_matter_alone_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(ArticleError) as caught:
        read(write(tmp_path, "a.md", "---\ntitle: Empty\n---\n"))
    assert caught.value.key == "ingest.nothing_to_read"


def test_front_matter_that_unfolds_to_gigabytes_is_harmless(tmp_path: Path) -> None:
    layers = "\n".join(f"{b}: &{b} [{f'*{a},' * 9}]" for a, b in pairwise("abcdefghi"))
    text = f"---\na: &a [x]\n{layers}\ntitle: *i\n---\nThe ferry is back.\n"
    assert read(write(tmp_path, "a.md", text)).document.text == "The ferry is back."


def test_front_matter_runs_nothing(tmp_path: Path) -> None:
    text = "---\ntitle: !!python/object/apply:os.getcwd []\n---\nThe ferry is back.\n"
    title = read(write(tmp_path, "a.md", text)).document.title
    assert title == "!!python/object/apply:os.getcwd []"


def test_a_fragment_of_a_page_is_read(tmp_path: Path) -> None:
    document = read(write(tmp_path, "a.html", "<p>Le bac est en panne. Il reprendra samedi.</p>"))
    assert document.document.text == "Le bac est en panne. Il reprendra samedi."
