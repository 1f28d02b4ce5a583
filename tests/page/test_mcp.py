"""Assistants may ask and search, and can do nothing else; without the switch nothing is there."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client
from mcp.types import CallToolResult

from rag.page.mcp import ROUTE
from tests.page.browsing import Served

BRIDGE = "---\ntitle: Le pont\ndate: 2025-06-13\n---\nLe pont de Nantes a rouvert lundi. Fini.\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    page = Served(tmp_path_factory.mktemp("mcp"), {"pont.md": BRIDGE}, with_mcp=True)
    yield page.address.rstrip("/") + ROUTE
    page.blocks.close()


def called(address: str, name: str, **values: Any) -> CallToolResult:
    async def call() -> CallToolResult:
        async with Client(address) as client:
            return await client.call_tool(name, values)

    return asyncio.run(call())


def test_an_assistant_is_offered_ask_and_search_and_nothing_else(address: str) -> None:
    async def tools() -> list[Any]:
        async with Client(address) as client:
            return list((await client.list_tools()).tools)

    offered = asyncio.run(tools())
    assert [one.name for one in offered] == ["ask", "search"]
    assert all(one.annotations.read_only_hint for one in offered)
    assert set(offered[0].input_schema["properties"]) == {"question", "language"}
    assert offered[0].input_schema["required"] == ["question"]


def test_an_assistant_is_answered_with_the_words_of_the_article(address: str) -> None:
    told = called(address, "ask", question="Qui a rouvert le pont ?").structured_content
    assert told["text"] == "Le pont de Nantes a rouvert lundi [1]."
    assert told["citations"][0]["quote"] == "Le pont de Nantes a rouvert lundi."


def test_an_assistant_finds_passages(address: str) -> None:
    (hit,) = called(address, "search", question="pont Nantes").structured_content["hits"]
    assert hit["document"]["title"] == "Le pont"


@pytest.mark.parametrize(
    ("values", "said"),
    [({"question": " "}, "question"), ({"question": "pont", "limit": 0}, "from 1 to 50")],
)
def test_a_mistake_is_told_in_one_line(address: str, values: dict[str, Any], said: str) -> None:
    result = called(address, "search", **values)
    assert result.is_error
    (block,) = result.content
    assert said in block.text
    assert "\n" not in block.text


def test_what_is_not_offered_cannot_be_called(address: str) -> None:
    assert called(address, "add", places=["/etc/hostname"]).is_error


def test_a_web_site_in_the_same_browser_may_not_ask(address: str) -> None:
    for headers in ({"Origin": "http://elsewhere.example"}, {"Host": "elsewhere.example"}):
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        assert httpx.post(address, json=body, headers=headers).status_code == 403


def test_without_the_switch_nothing_is_there(tmp_path: Path) -> None:
    page = Served(tmp_path, {})
    try:
        assert httpx.post(page.address.rstrip("/") + ROUTE, json={}).status_code == 403
    finally:
        page.blocks.close()
