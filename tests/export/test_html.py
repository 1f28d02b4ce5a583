"""An HTML export stands alone: nothing runs in it, nothing is loaded by it."""

from lxml import html as reader

from rag.export import html
from tests.archive.conversations import DISAGREEMENT, REFUSAL, turn
from tests.export.hostile import hostile_turn

ELEMENTS = set(
    "html head meta title style body main section h1 h2 h3 p span a ul li div strong "
    "blockquote footer".split()
)


def texts(page: str, path: str) -> list[str]:
    return [one.text_content() for one in reader.fromstring(page).xpath(path)]


def test_a_page_shows_the_answers_and_their_sources() -> None:
    page = html([turn(DISAGREEMENT, 1), turn(REFUSAL, 2)], "en", "The bridge")
    assert texts(page, "//h1") == ["The bridge"]
    assert texts(page, "//h2") == ["Combien a coûté le pont\N{NO-BREAK SPACE}?", "Who paid?"]
    assert texts(page, "//*[@class='verdict']") == ["The dossier does not answer"]
    assert texts(page, "//*[@class='doubt']") == [
        "Le maire parle de «\N{NO-BREAK SPACE}grand pont\N{NO-BREAK SPACE}» [1]."
    ]
    assert texts(page, "//blockquote[@lang='fr']") == ["“Le pont a coûté 14 millions d’euros”"]
    assert texts(page, "//blockquote[@lang='en']") == ["“The bridge cost 17 million euros.”"] * 2


def test_every_citation_leads_to_its_own_source() -> None:
    page = reader.fromstring(html([turn(DISAGREEMENT, 1), turn(REFUSAL, 2)], "fr"))
    leads = set(page.xpath("//a[@class='marker']/@href"))
    assert leads == {"#source-1-1", "#source-1-2", "#source-2-1"}
    assert {f"#{one}" for one in page.xpath("//@id")} == leads


def test_a_page_needs_nothing_and_runs_nothing() -> None:
    page = reader.fromstring(html([turn(DISAGREEMENT)], "fr"))
    assert page.xpath("//script | //link | //img | //iframe | //@src | //@onclick") == []
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    (style,) = page.xpath("//style/text()")
    assert "url(" not in style
    assert page.get("lang") == "fr"


def test_nothing_in_an_article_becomes_markup() -> None:
    page = reader.fromstring(html([hostile_turn()], "en", "<script>"))
    assert {one.tag for one in page.iter()} <= ELEMENTS
    names = {name for one in page.iter() for name in one.attrib}
    assert [name for name in names if name.startswith("on")] == []
    hrefs = [one for one in page.xpath("//@href") if not one.startswith("#source-1-")]
    assert hrefs == ["https://evil.example/%22%3E)%3Cscript%3E%20%60x%60"]
