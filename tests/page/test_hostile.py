"""An article may be written to attack its reader: nothing in it runs, nothing is fetched for it,
and over HTTP nothing of the machine can be had but the page."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import expect

import app
from rag import export
from rag.archive.store import Archive
from rag.page.guard import PAGE_ROUTES
from tests.page.browsing import Served, Tab

HOST = "pirate.example"
ATTACKS = [
    "<script>alert('script')</script>",
    "<img src=x onerror=\"alert('img')\">",
    f'<img src="http://{HOST}/pixel.png">',
    '<svg onload="alert(\'svg\')"><use href="#x"/></svg>',
    f"![photo](http://{HOST}/markdown.png)",
    "[lien](javascript:alert('link'))",
    f'<iframe src="http://{HOST}/frame"></iframe>',
    f'<link rel="stylesheet" href="http://{HOST}/style.css">',
    f"<style>@import 'http://{HOST}/import.css';</style>",
    "${alert('template')} {{constructor.constructor('alert(1)')()}} <%= 1 %>",
    "</mark></blockquote></textarea></script><script>alert('out')</script>",
    '" onmouseover="alert(\'attribute\')" x="',
]
TEXT = " ".join(ATTACKS)
# the first sentence is what the assistant of the tests reads and quotes
SENTENCE = f"Le navire {TEXT.replace('.', '·')} arrive au port. Il repart."
RAW = f"Le récit <img src=x onerror=alert('heading')>\n\n{SENTENCE}\n"
DESCRIBED = f"""---
title: "Le navire <img src=x onerror=alert('title')> ${{alert('title')}}"
author: "<script>alert('author')</script>"
outlet: "<b onclick=alert('outlet')>Le Quai</b>"
url: "javascript:alert('url')"
date: 2025-06-13
---
{SENTENCE}
"""
LINKED = "---\nurl: 'http://pirate.example/\"onclick=\"alert(1)'\n---\nLa digue tient. Encore.\n"
ARTICLES = {
    "recit<img src=x onerror=alert(1)>.txt": RAW,
    "navire.md": DESCRIBED,
    "digue.md": LINKED,
}
QUESTION = "Où est le navire ?"


# -- in the browser -------------------------------------------------------------------------


def made_by_it(tab: Tab) -> list[str]:
    """Elements and attributes on the page that only the article can have put there."""
    found: list[str] = tab.page.evaluate(
        """() => [...document.querySelectorAll(
            `[src*="pirate"], [href*="javascript:"], link[href*="pirate"], iframe,
             [onerror], [onload], [onmouseover], [onclick], b[onclick], svg > use[href="#x"]`
        )].map((one) => one.outerHTML.slice(0, 200))"""
    )
    return found


def asked_of_others(tab: Tab, address: str) -> set[str]:
    allowed = (address, "data:", "blob:", "file:")
    return {url for url in tab.requested if not url.startswith(allowed)}


@pytest.mark.browser
def test_an_article_that_attacks_is_asked_about_and_read_as_mere_text(
    served: Served, open_tab: Any
) -> None:
    tab = open_tab()
    tab.ask(QUESTION)
    expect(tab.page.locator("#answer a.marker").first).to_be_visible()
    expect(tab.page.locator("#answer")).to_contain_text("<script>alert('script')</script>")
    expect(tab.page.locator("#sources")).to_contain_text("${alert('template')}")
    tab.page.locator("#answer a.marker").first.hover()
    tab.page.locator("#answer a.marker").first.click()
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("tab", name="Articles").click()
    expect(tab.page.locator("#table")).to_contain_text("<b onclick=alert('outlet')>Le Quai</b>")
    tab.page.locator("#table button.open", has_text="Le récit").click()
    expect(tab.page.locator("#reader")).to_contain_text("<script>alert('out')</script>")
    assert (made_by_it(tab), asked_of_others(tab, served.address)) == ([], set())
    assert tab.complaints == []


@pytest.mark.browser
def test_an_exported_answer_carries_no_attack_into_another_program(
    served: Served, open_tab: Any, tmp_path: Path
) -> None:
    answer = served.assistant.ask(QUESTION)
    archive = Archive.open(tmp_path)
    turn = archive.add(None, f"{QUESTION} {TEXT}", answer)
    archive.close()
    file = tmp_path / "export.html"
    file.write_text(export.html([turn], "fr"), encoding="utf-8")
    tab = open_tab(file.as_uri(), "body")
    expect(tab.page.locator("body")).to_contain_text("<script>alert('script')</script>")
    assert (made_by_it(tab), asked_of_others(tab, served.address)) == ([], set())
    assert tab.complaints == []


def test_an_exported_answer_has_no_live_markdown(served: Served, tmp_path: Path) -> None:
    archive = Archive.open(tmp_path)
    turn = archive.add(None, f"{QUESTION} {TEXT}", served.assistant.ask(QUESTION))
    archive.close()
    shown = MarkdownIt("commonmark", {"html": True}).render(export.markdown([turn], "fr"))
    assert "Le navire" in shown and "alert(&#x27;script&#x27;)" in shown.replace("'", "&#x27;")
    for live in ("<script", "<img", "<svg", "<iframe", "<style", "<b onclick", 'href="javascript'):
        assert live not in shown


# -- over HTTP ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/file={dossier}/dossier.db",
        "gradio_api/file/{dossier}/dossier.db",
        "file={dossier}/dossier.db",
        "gradio_api/file=/etc/passwd",
        "static/..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "assets/..%2f..%2f..%2f..%2fpyproject.toml",
        "assets/%2e%2e/%2e%2e/%2e%2e/%2e%2e/pyproject.toml",
        "assets//etc/passwd",
        "static/fonts/../../../../../pyproject.toml",
        "gradio_api/proxy=http://pirate.example/",
        "gradio_api/stream/one/0/0/playlist.m3u8",
        "gradio_api/custom_component/0/server/style/x",
        "gradio_api/openapi.json",
        "gradio_api/runs",
        "gradio_api/deep_link",
        "monitoring",
        "svelte/index.js",
    ],
)
def test_no_file_of_the_machine_can_be_had(served: Served, path: str) -> None:
    dossier = served.assistant.dossier.store.folder
    answer = httpx.get(f"{served.address}{path.format(dossier=dossier)}")
    assert answer.status_code in (403, 404)
    assert b"SQLite" not in answer.content and b"root:" not in answer.content


def upload(served: Served, name: str, content: bytes) -> httpx.Response:
    return httpx.post(f"{served.address}gradio_api/upload", files={"files": (name, content)})


def test_an_uploaded_file_stays_in_its_folder_and_is_not_given_back(served: Served) -> None:
    answer = upload(served, "../../../outside.txt", b"text")
    assert answer.status_code == 200
    (path,) = answer.json()
    folder = Path(served.blocks.GRADIO_CACHE).resolve()
    assert Path(path).resolve().is_relative_to(folder)
    assert httpx.get(f"{served.address}gradio_api/file={path}").status_code == 403


def test_a_file_that_is_too_large_is_refused(served: Served) -> None:
    assert upload(served, "large.txt", b" " * 53_000_000).status_code == 413


def test_a_message_that_is_too_large_is_refused_unread(served: Served) -> None:
    body = b'{"data": ["' + b"x" * 2_000_000 + b'"]}'
    assert httpx.post(f"{served.address}gradio_api/queue/join", content=body).status_code == 413


def test_a_path_that_was_not_uploaded_cannot_be_passed_off_as_an_upload(served: Served) -> None:
    config = httpx.get(f"{served.address}config").json()
    files = {one["props"].get("elem_id"): one["id"] for one in config["components"]}["files"]
    adding = next(one for one in config["dependencies"] if files in one["inputs"])
    secret = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    data: list[Any] = [None] * len(adding["inputs"])
    data[adding["inputs"].index(files)] = [secret]
    body = {"data": data, "fn_index": adding["id"], "session_hash": "pirate"}
    joined = httpx.post(f"{served.address}gradio_api/queue/join", json=body)
    assert joined.status_code == 200
    told = httpx.get(f"{served.address}gradio_api/queue/data?session_hash=pirate", timeout=60).text
    assert '"success":false' in told
    assert "root:" not in told
    assert all(one.path != "/etc/passwd" for one in served.desk.documents())


def test_nothing_is_reported_to_anybody(served: Served) -> None:
    config = httpx.get(f"{served.address}config").json()
    assert config["analytics_enabled"] is False
    options = app.launch_options("127.0.0.1", 7860)
    assert (options["share"], options["enable_monitoring"], options["pwa"]) == (False,) * 3


def test_the_page_has_no_route_that_gives_files() -> None:
    assert not [route for route in PAGE_ROUTES if "file" in route or "proxy" in route]
