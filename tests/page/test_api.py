"""Programs get the same answers as the page, through Gradio's client and through plain HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from rag.page.access import Access
from rag.page.guard import API_NAMES
from tests.page.browsing import Served
from tests.page.test_access import RIGHT

BRIDGE = "---\ntitle: Le pont\ndate: 2025-06-13\n---\nLe pont de Nantes a rouvert lundi. Fini.\n"
QUESTION = "Qui a rouvert le pont ?"
ACCESS = Access("rédaction", "un long mot de passe é")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    page = Served(tmp_path_factory.mktemp("api"), {"pont.md": BRIDGE}, ACCESS)
    yield page.address
    page.blocks.close()


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    headers = {"Authorization": RIGHT}
    return Client(
        address, headers=headers, verbose=False, analytics_enabled=False, download_files=False
    )


def test_a_program_is_answered_as_ask_json_answers(client: Client) -> None:
    answer = client.predict(QUESTION, api_name="/ask")
    assert answer["text"] == "Le pont de Nantes a rouvert lundi [1]."
    assert answer["language"] == "fr"
    assert answer["citations"][0]["quote"] == "Le pont de Nantes a rouvert lundi."
    assert client.predict(question=QUESTION, language="en", api_name="/ask")["language"] == "en"


def test_a_program_finds_passages_with_their_places(client: Client) -> None:
    (hit,) = client.predict("pont Nantes", 5, api_name="/search")["hits"]
    assert (hit["rank"], hit["start"], hit["document"]["title"]) == (1, 0, "Le pont")
    assert hit["text"] == "Le pont de Nantes a rouvert lundi. Fini."


def test_a_program_adds_articles_and_lists_them(client: Client, tmp_path: Path) -> None:
    (tmp_path / "gare.txt").write_text("La gare ferme mardi. Encore.", encoding="utf-8")
    places = [str(tmp_path / "gare.txt"), str(tmp_path / "nowhere.txt")]
    changes = client.predict(places, api_name="/add")["changes"]
    assert [one["outcome"] for one in changes] == ["added", "failed"]
    listed = client.predict(api_name="/list")["documents"]
    assert [one["path"].rpartition("/")[2] for one in listed] == ["pont.md", "gare.txt"]
    assert listed[0]["published"] == "2025-06-13" and "text" not in listed[0]


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("/ask", ["  "], "Ask a question"),
        ("/ask", ["x" * 1001], "1001"),
        ("/ask", [["a list"]], "Ask a question"),
        ("/ask", [QUESTION, "de"], "Unknown language: de"),
        ("/search", ["pont", 0], "from 1 to 50"),
        ("/search", ["pont", "many"], "from 1 to 50"),
        ("/add", ["a text"], "'places' must be a list"),
        ("/add", [[]], "Choose files"),
    ],
)
def test_a_mistake_is_said_in_one_line(
    client: Client, name: str, arguments: list[Any], said: str
) -> None:
    with pytest.raises(AppError, match=said):
        client.predict(*arguments, api_name=name)


def test_the_four_functions_are_offered_and_nothing_else(address: str) -> None:
    headers = {"Authorization": RIGHT}
    told = httpx.get(f"{address}gradio_api/info?all_endpoints=True", headers=headers).json()
    assert set(told["named_endpoints"]) == {f"/{name}" for name in API_NAMES}
    assert told["unnamed_endpoints"] == {}
    parameters = told["named_endpoints"]["/ask"]["parameters"]
    assert [one["parameter_name"] for one in parameters] == ["question", "language"]


def test_plain_http_is_enough(address: str) -> None:
    with httpx.Client(base_url=address, headers={"Authorization": RIGHT}, timeout=60) as plain:
        called = plain.post("gradio_api/call/ask", json={"data": [QUESTION, "fr"]}).json()
        told = plain.get(f"gradio_api/call/ask/{called['event_id']}").text
    event, data = told.strip().splitlines()[-2:]
    assert event == "event: complete"
    (answer,) = json.loads(data.removeprefix("data: "))
    assert answer["text"] == "Le pont de Nantes a rouvert lundi [1]."


@pytest.mark.parametrize("path", ["", "config", "gradio_api/info", "theme.css", "favicon.ico"])
def test_without_the_password_a_program_gets_nothing(address: str, path: str) -> None:
    assert httpx.get(f"{address}{path}").status_code == 401
    assert httpx.post(f"{address}gradio_api/call/ask", json={"data": ["x"]}).status_code == 401


def test_with_the_password_another_site_still_gets_nothing(address: str) -> None:
    headers = {"Authorization": RIGHT, "Origin": "https://evil.example"}
    assert httpx.get(f"{address}config", headers=headers).status_code == 403
