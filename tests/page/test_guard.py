"""No web site may use the page behind the reader's back."""

import pytest

from rag.page.guard import BODY_BYTES, UPLOAD_BYTES, is_allowed, is_small_enough

HOST = "127.0.0.1:7860"
OWN = {"host": HOST, "origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860", "127.0.0.1"])
def test_the_page_opens_on_this_machine(host: str) -> None:
    assert is_allowed("/", {"host": host})


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1.evil.example:7860", "192.168.1.5:7860", "[::1"]
)
def test_a_name_that_was_pointed_at_this_machine_is_refused(host: str) -> None:
    assert not is_allowed("/", {"host": host})
    assert not is_allowed("/gradio_api/queue/join", {"host": host})


@pytest.mark.parametrize(
    "path",
    [
        "/assets/index.js",
        "/gradio_api/queue/join",
        "/gradio_api/queue/data",
        "/gradio_api/upload",
        "/gradio_api/upload_progress",
        "/gradio_api/run/predict",
        "/gradio_api/heartbeat/abc",
        "/gradio_api/info",
        "/gradio_api/call/ask",
        "/gradio_api/call/ask/0123",
        "/theme.css",
    ],
)
def test_the_page_reaches_what_it_needs(path: str) -> None:
    assert is_allowed(path, OWN)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999"])
def test_another_site_cannot_send_anything(origin: str) -> None:
    assert not is_allowed("/gradio_api/upload", {"host": HOST, "origin": origin})


def test_another_site_cannot_load_anything_but_the_page_itself() -> None:
    foreign = {"host": HOST, "sec-fetch-site": "cross-site"}
    assert is_allowed("/", foreign)  # a link to the page
    assert not is_allowed("/config", foreign)


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=https://evil.example",
        "/gradio_api/call/on_ask",
        "/gradio_api/call/asking",
        "/gradio_api/api/ask",
        "/gradio_api/openapi.json",
        "/gradio_api/runs",
        "/gradio_api/stream/one",
        "/login",
        "/gradio_api/vibe-edit",
        "/monitoring",
        "/static/../../secret",
        "/assets/..%2f/secret/..",
        "/docs",
    ],
)
def test_no_other_route_of_the_server_can_be_reached(path: str) -> None:
    assert not is_allowed(path, OWN)


def test_a_name_that_is_served_is_answered_and_no_other() -> None:
    names = frozenset({"desk.example"})
    assert is_allowed("/config", {"host": "desk.example:7860"}, names)
    assert not is_allowed("/config", {"host": "127.0.0.1:7860"}, names)
    foreign = {"host": "desk.example:7860", "origin": "http://127.0.0.1:7860"}
    assert not is_allowed("/config", foreign, names)


@pytest.mark.parametrize(
    ("path", "size", "allowed"),
    [
        ("/gradio_api/upload", UPLOAD_BYTES, True),
        ("/gradio_api/upload", UPLOAD_BYTES + 1, False),
        ("/gradio_api/queue/join", BODY_BYTES, True),
        ("/gradio_api/queue/join", BODY_BYTES + 1, False),
        ("/gradio_api/upload/../queue/join", BODY_BYTES + 1, False),
    ],
)
def test_nothing_but_an_upload_fills_the_memory(path: str, size: int, allowed: bool) -> None:
    assert is_small_enough(path, {"content-length": str(size)}) == allowed


@pytest.mark.parametrize(
    "headers",
    [{"transfer-encoding": "chunked"}, {"content-length": "-1"}, {"content-length": "x"}],
)
def test_a_request_must_say_how_large_it_is(headers: dict[str, str]) -> None:
    assert not is_small_enough("/gradio_api/upload", headers)
    assert is_small_enough("/gradio_api/upload", {})
