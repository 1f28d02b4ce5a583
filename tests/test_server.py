"""Against a server on this machine that says what each test has it say."""

import json
import logging
import math
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag.config import Settings
from rag.engine import Piece, Prompt, Turn
from rag.errors import EngineError, ModelError, RecoupeError, SettingsError
from rag.models import model_path
from rag.server import ServerEngine, open_server

KEY = "sk-secret-of-the-newsroom"
PATIENCE = 10.0  # seconds, for what comes at once where nothing is wrong


class Handler(BaseHTTPRequestHandler):
    """Notes each request and has the test's function answer it."""

    server: "Server"

    def do_GET(self) -> None:
        self.json({"data": [{"id": name} for name in self.server.offered]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        self.server.heard.append((self.path, self.headers.get("Authorization")))
        self.server.answer(self, body)

    def json(self, data: object, status: int = 200) -> None:
        self.plain(json.dumps(data), status)

    def plain(self, text: str, status: int = 200) -> None:
        raw = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()

    def event(self, data: object) -> None:
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        self.wfile.write(f"data: {text}\n\n".encode())
        self.wfile.flush()

    def stream(self, *texts: str, usage: dict[str, Any] | None = None) -> None:
        """A whole reply; each text is one token."""
        self.begin()
        for text in texts:
            self.event(chunk(text, [(text, -0.5)]))
        self.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        if usage:
            self.event({"choices": [], "usage": usage})
        self.event("[DONE]")

    def until_closed(self) -> None:
        """Say nothing until the other side hangs up, and note that it did."""
        self.connection.settimeout(PATIENCE)
        with suppress(TimeoutError):
            if self.connection.recv(1) == b"":
                self.server.closed.release()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Tests are quiet."""


class Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.offered = ["small"]
        self.requests: list[dict[str, Any]] = []
        self.heard: list[tuple[str, str | None]] = []
        self.closed = threading.Semaphore(0)
        self.answer: Callable[[Handler, dict[str, Any]], None] = lambda to, _: to.stream("Yes")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        """Writing to a client that hung up is no news."""


def chunk(text: str, tokens: list[tuple[str, float]]) -> dict[str, Any]:
    told = [{"token": token, "logprob": logprob} for token, logprob in tokens]
    return {"choices": [{"delta": {"content": text}, "logprobs": {"content": told}}]}


def word(text: str, likely: dict[str, float] | None = None) -> dict[str, Any]:
    """A reply of one token, with these probabilities."""
    top = [{"token": token, "logprob": math.log(p)} for token, p in (likely or {}).items()]
    logprobs = {"content": [{"token": text, "logprob": 0.0, "top_logprobs": top}]}
    return {
        "choices": [{"message": {"content": text}, "logprobs": logprobs if likely else None}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 1},
    }


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def engine(server: Server) -> Iterator[ServerEngine]:
    opened = ServerEngine(server.url, "small", KEY)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _no_key_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECOUPE_API_KEY", raising=False)


def asking(question: str) -> Prompt:
    return Prompt((Turn("system", "Answer from the text."),), "It rained.\n\n", question)


def replies(engine: ServerEngine, *questions: str) -> list[str]:
    texts = [""] * len(questions)
    for piece in engine.generate([asking(question) for question in questions], 24):
        texts[piece.prompt] += piece.text
    return texts


# What is sent, and what is made of what comes.


def test_the_model_is_sent_the_whole_conversation(server: Server, engine: ServerEngine) -> None:
    replies(engine, "Where?")
    assert server.requests == [
        {
            "model": "small",
            "messages": [
                {"role": "system", "content": "Answer from the text."},
                {"role": "user", "content": "It rained.\n\nWhere?"},
            ],
            "temperature": 0,
            "max_tokens": 24,
            "stream": True,
            "logprobs": True,
            "top_logprobs": 1,
            "stream_options": {"include_usage": True},
        }
    ]
    assert server.heard == [("/v1/chat/completions", f"Bearer {KEY}")]


@pytest.mark.parametrize("end", ["", "/"])
def test_an_address_works_with_and_without_its_last_slash(server: Server, end: str) -> None:
    assert replies(ServerEngine(server.url + end, "small"), "Where?") == ["Yes"]
    assert server.heard == [("/v1/chat/completions", None)]


def test_a_reply_comes_in_pieces_with_their_probabilities(
    server: Server, engine: ServerEngine
) -> None:
    def answer(to: Handler, _: dict[str, Any]) -> None:
        to.begin()
        to.event({"choices": [{"delta": {"role": "assistant", "content": ""}}]})
        to.event(chunk("In ", [("In", -0.25), (" ", -0.5)]))
        to.event(chunk("Arles.\nNot", [("Arles", -1.0), (".", -2.0), ("\n", -4.0), ("Not", -8.0)]))
        to.event(chunk(" here", [(" here", -16.0)]))
        to.until_closed()

    server.answer = answer
    assert list(engine.generate([asking("Where?")], 24)) == [
        Piece(0, "In ", -0.75),
        Piece(0, "Arles.", -3.0),
    ]


def test_blank_lines_before_a_reply_are_not_the_reply(server: Server, engine: ServerEngine) -> None:
    server.answer = lambda to, _: to.stream("\n", " \n\nIn Ar", "les.", "\n", "More.")
    assert replies(engine, "Where?") == ["In Arles."]


def test_a_character_that_ends_a_line_elsewhere_does_not_cut_a_reply(
    server: Server, engine: ServerEngine
) -> None:
    server.answer = lambda to, _: to.stream("À\u2028Arles\x85.")
    assert replies(engine, "Where?") == ["À\u2028Arles\x85."]


def test_replies_come_side_by_side(server: Server, engine: ServerEngine) -> None:
    go_on = threading.Event()

    def answer(to: Handler, _: dict[str, Any]) -> None:
        to.begin()
        to.event(chunk("one", [("one", -0.5)]))
        go_on.wait(PATIENCE)
        to.event(chunk("two", [("two", -0.5)]))
        to.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        to.event("[DONE]")

    server.answer = answer
    pieces = engine.generate([asking("Where?"), asking("When?")], 24)
    assert {next(pieces), next(pieces)} == {Piece(0, "one", -0.5), Piece(1, "one", -0.5)}
    go_on.set()
    assert set(pieces) == {Piece(0, "two", -0.5), Piece(1, "two", -0.5)}


def test_no_more_requests_than_allowed_are_under_way(server: Server) -> None:
    alone: list[bool] = []

    def answer(to: Handler, _: dict[str, Any]) -> None:
        came = len(server.requests)
        if came == 1:
            time.sleep(0.2)  # time for another one to come, if it can
        alone.append(len(server.requests) == came)
        to.json(word("Yes", {"Yes": 1.0}))

    server.answer = answer
    engine = ServerEngine(server.url, "small", parallel=1)
    assert engine.probabilities([asking(str(n)) for n in range(3)], ["Yes"], ["No"]) == [1.0] * 3
    assert alone == [True] * 3


def test_a_server_that_cuts_replies_for_other_requests_gives_them_whole(
    server: Server, engine: ServerEngine
) -> None:
    """As llama-cpp-python does: [DONE], and no reason why."""
    present, counting, busy, both = 0, threading.Lock(), threading.Lock(), threading.Event()

    def answer(to: Handler, _: dict[str, Any]) -> None:
        nonlocal present
        with counting:
            present += 1
            if present == 2:
                both.set()
        with busy:
            to.begin()
            to.event(chunk("In ", [("In ", -0.5)]))
            both.wait(PATIENCE)
            time.sleep(0.1)  # time for another one to come, if it can
            with counting:
                cut = present > 1
                present -= 1
            if not cut:
                to.event(chunk("Arles.", [("Arles.", -0.5)]))
                to.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
            to.event("[DONE]")

    server.answer = answer
    assert replies(engine, "Where?", "When?") == ["In Arles.", "In Arles."]
    server.requests.clear()
    assert replies(engine, "Where?", "When?") == ["In Arles.", "In Arles."]
    assert len(server.requests) == 2  # one after the other, now that it is known


# Probabilities.


def test_a_probability_is_the_share_of_yes_among_the_likely_words(
    server: Server, engine: ServerEngine
) -> None:
    likely = {"Oui": 0.3, " O": 0.15, "Non": 0.1, "N": 0.05, "oui": 0.2, "Ouille": 0.1, "\n": 0.1}
    server.answer = lambda to, _: to.json(word("Oui", likely))
    (p,) = engine.probabilities([asking("Where?")], ["Oui"], ["Non"])
    assert p == pytest.approx(0.45 / 0.6)
    sent = server.requests[0]
    assert (sent["max_tokens"], sent["logprobs"], sent["top_logprobs"]) == (1, True, 20)


def test_probabilities_come_in_the_order_of_their_prompts(
    server: Server, engine: ServerEngine
) -> None:
    share = {"a": 0.9, "b": 0.2, "c": 0.5}

    def answer(to: Handler, body: dict[str, Any]) -> None:
        p = share[body["messages"][-1]["content"][-1]]
        to.json(word("Yes", {"Yes": p, "No": 1 - p}))

    server.answer = answer
    found = engine.probabilities([asking(letter) for letter in "cab"], ["Yes"], ["No"])
    assert found == pytest.approx([0.5, 0.9, 0.2])


def test_a_word_that_is_neither_says_nothing(server: Server, engine: ServerEngine) -> None:
    server.answer = lambda to, _: to.json(word("The", {"The": 0.8, "It": 0.2}))
    assert engine.probabilities([asking("Where?")], ["Yes"], ["No"]) == [0.5]


def test_a_server_that_tells_fewer_probabilities_is_asked_for_fewer(
    server: Server, engine: ServerEngine
) -> None:
    def answer(to: Handler, body: dict[str, Any]) -> None:
        if body["top_logprobs"] > 5:
            to.json({"error": {"message": "top_logprobs must be at most 5"}}, 400)
        else:
            to.json(word("Yes", {"Yes": 0.5, "No": 0.5}))

    server.answer = answer
    for _ in range(2):
        assert engine.probabilities([asking("Where?")], ["Yes"], ["No"]) == [0.5]
    assert [sent["top_logprobs"] for sent in server.requests] == [20, 5, 5]


def test_a_server_that_refuses_to_tell_probabilities_is_taken_at_its_word(
    server: Server, engine: ServerEngine
) -> None:
    def answer(to: Handler, body: dict[str, Any]) -> None:
        if "logprobs" in body:
            to.json({"error": {"message": "logprobs is not supported"}}, 500)
        else:
            to.json(word("No"))

    server.answer = answer
    many = [asking(str(n)) for n in range(6)]
    assert engine.probabilities(many, ["Yes"], ["No"]) == [0.05] * 6


@pytest.mark.parametrize(
    ("said", "p"), [("**Yes**", 0.95), ("No.", 0.05), ("N", 0.05), ("Maybe", 0.5), ("", 0.5)]
)
def test_a_server_that_ignores_the_wish_for_probabilities_is_taken_at_its_word(
    server: Server, engine: ServerEngine, said: str, p: float
) -> None:
    server.answer = lambda to, _: to.json(word(said))
    assert engine.probabilities([asking("Where?")], ["Yes"], ["No"]) == [p]


def test_pieces_without_a_probability_say_so(server: Server, engine: ServerEngine) -> None:
    def answer(to: Handler, _: dict[str, Any]) -> None:
        to.begin()
        to.event({"choices": [{"delta": {"content": "Arles."}, "finish_reason": "stop"}]})

    server.answer = answer
    (piece,) = engine.generate([asking("Where?")], 24)
    assert piece.text == "Arles."
    assert math.isnan(piece.logprob)


def test_what_a_stream_cannot_do_is_left_out(server: Server, engine: ServerEngine) -> None:
    def answer(to: Handler, body: dict[str, Any]) -> None:
        if {"logprobs", "stream_options"} & set(body):
            to.json({"detail": "unknown: logprobs, stream_options"}, 422)
        else:
            to.stream("Arles.")

    server.answer = answer
    assert replies(engine, "Where?") == ["Arles."]


def test_tokens_are_counted_as_the_server_counts_them(server: Server, engine: ServerEngine) -> None:
    usage = {
        "prompt_tokens": 50,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 30},
    }
    server.answer = lambda to, _: to.stream("Arles.", usage=usage)
    replies(engine, "Where?")
    assert (engine.work.prompt_tokens, engine.work.generated_tokens) == (20, 7)
    server.answer = lambda to, _: to.stream("In ", "Arles.")  # one that does not count
    replies(engine, "Where?")
    assert (engine.work.prompt_tokens, engine.work.generated_tokens) == (20, 9)
    server.answer = lambda to, _: to.json(word("Yes", {"Yes": 1.0}))
    engine.probabilities([asking("Where?")], ["Yes"], ["No"])
    assert (engine.work.prompt_tokens, engine.work.generated_tokens) == (30, 10)
    assert engine.work.prompt_seconds > 0
    assert engine.work.generation_seconds > 0


# Stopping.


def test_a_reply_nobody_waits_for_any_more_is_hung_up_on(
    server: Server, engine: ServerEngine
) -> None:
    def answer(to: Handler, _: dict[str, Any]) -> None:
        to.begin()
        to.event(chunk("In", [("In", -0.5)]))
        to.until_closed()

    server.answer = answer
    pieces = engine.generate([asking("Where?"), asking("When?")], 24)
    assert [next(pieces).text, next(pieces).text] == ["In", "In"]
    pieces.close()
    assert server.closed.acquire(timeout=PATIENCE)
    assert server.closed.acquire(timeout=PATIENCE)


@pytest.mark.parametrize("begun", [False, True], ids=["before the reply", "within the reply"])
def test_a_question_that_is_stopped_ends_though_the_server_is_silent(
    server: Server, engine: ServerEngine, begun: bool
) -> None:
    asked = threading.Semaphore(0)

    def answer(to: Handler, _: dict[str, Any]) -> None:
        if begun:
            to.begin()
            to.event(chunk("In", [("In", -0.5)]))
        asked.release()
        to.until_closed()

    server.answer = answer
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(replies, engine, "Where?")
        assert asked.acquire(timeout=PATIENCE)
        engine.stop()
        with pytest.raises(EngineError, match="stopped") as error:
            reading.result(timeout=PATIENCE)
    assert error.value.key == "llm.stopped"
    assert server.closed.acquire(timeout=PATIENCE)
    server.answer = lambda to, _: to.stream("Arles.")
    assert replies(engine, "Where?") == ["Arles."]


# What goes wrong.


def says(text: str, status: int) -> Callable[[Handler, dict[str, Any]], None]:
    return lambda to, _: to.plain(text, status)


def breaks_off(to: Handler, _: dict[str, Any]) -> None:
    to.begin()
    to.event(chunk("In", [("In", -0.5)]))


def says_nothing(to: Handler, _: dict[str, Any]) -> None:
    to.begin()


def fails_half_way(to: Handler, _: dict[str, Any]) -> None:
    breaks_off(to, {})
    to.event({"error": {"message": "out of memory", "code": 500}})


def speaks_otherwise(to: Handler, _: dict[str, Any]) -> None:
    to.begin()
    to.event(["In", "Arles"])


def counts_otherwise(to: Handler, _: dict[str, Any]) -> None:
    to.begin()
    to.event({"choices": [{"delta": {"content": "In"}, "finish_reason": "stop"}], "usage": ["3"]})
    to.event("[DONE]")


@pytest.mark.parametrize(
    ("answer", "key", "words"),
    [
        (says("", 401), "server.denied", r"denies access \(401\).*RECOUPE_API_KEY"),
        (says("", 403), "server.denied", r"denies access \(403\)"),
        (
            says('{"error": {"message": "The model `small` does not exist."}}', 404),
            "server.model",
            "does not know the model small",
        ),
        (says('{"detail": "Not Found"}', 404), "server.not_api", "often ends with /v1"),
        (
            says('{"error": {"message": "exceeds the available context size"}}', 400),
            "server.too_long",
            "larger context",
        ),
        (
            says('{"error": {"message": "roles must\\nalternate"}}', 400),
            "server.refused",
            r"\(400: roles must alternate\)",
        ),
        (says('{"error": "no GPU"}', 500), "server.failed", r"\(500: no GPU\)"),
        (says("Bad Gateway", 502), "server.failed", r"\(502: Bad Gateway\)"),
        (says("<html>Hello</html>", 200), "server.not_api", "often ends with /v1"),
        (says('{"error": "Unexpected endpoint"}', 200), "server.not_api", "often ends with /v1"),
        (breaks_off, "server.broken", "broke off"),
        (says_nothing, "server.broken", "broke off"),
        (fails_half_way, "server.failed", r"\(500: out of memory\)"),
        (speaks_otherwise, "server.not_api", "often ends with /v1"),
        (counts_otherwise, "server.not_api", "often ends with /v1"),
    ],
    ids=str,
)
def test_what_goes_wrong_in_a_reply_is_said_in_one_line(
    server: Server, engine: ServerEngine, answer: Any, key: str, words: str
) -> None:
    server.answer = answer
    with pytest.raises(RecoupeError, match=words) as error:
        replies(engine, "Where?")
    assert error.value.key == key
    assert isinstance(error.value, ModelError if key == "server.model" else EngineError)
    assert server.url in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["Yes", "[]", '{"choices": []}', '{"choices": [{"message": 1}]}'])
def test_a_probability_that_is_none_is_said_in_one_line(
    server: Server, engine: ServerEngine, text: str
) -> None:
    server.answer = says(text, 200)
    with pytest.raises(EngineError, match=r"often ends with /v1") as error:
        engine.probabilities([asking("Where?")], ["Yes"], ["No"])
    assert error.value.key == "server.not_api"


def test_a_server_that_does_not_run_is_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        with pytest.raises(EngineError, match=rf"{url} cannot be reached .*refused"):
            replies(ServerEngine(url, "small"), "Where?")


def test_a_server_that_stays_silent_is_not_waited_for_for_ever(server: Server) -> None:
    server.answer = lambda to, _: to.until_closed()
    with pytest.raises(EngineError, match=r"was silent for 0\.2 s"):
        replies(ServerEngine(server.url, "small", seconds=0.2), "Where?")


def test_the_key_is_in_no_error_and_in_no_log(
    server: Server, engine: ServerEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer = says(f"bad request by Bearer {KEY}", 500)
    with pytest.raises(EngineError, match=r"\(500: bad request by Bearer …\)") as error:
        replies(engine, "Where?")
    assert server.heard == [("/v1/chat/completions", f"Bearer {KEY}")]
    assert KEY not in f"{error.value!r} {error.value.blanks} {error.value.text('fr')}"
    assert "chat/completions" in caplog.text
    assert KEY not in caplog.text


def test_articles_are_not_sent_on_to_where_a_server_points(
    server: Server, engine: ServerEngine
) -> None:
    def answer(to: Handler, _: dict[str, Any]) -> None:
        to.send_response(307)
        to.send_header("Location", "/elsewhere")
        to.send_header("Content-Length", "0")
        to.end_headers()

    server.answer = answer
    with pytest.raises(EngineError, match="does not answer as the OpenAI chat API"):
        replies(engine, "Where?")
    assert [path for path, _ in server.heard] == ["/v1/chat/completions"]


def test_a_server_on_this_machine_is_not_reached_through_a_proxy(
    server: Server, engine: ServerEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert replies(engine, "Where?") == ["Yes"]


# Opening.


def test_the_only_model_of_a_server_is_taken(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOUPE_API_KEY", f"{KEY}\n")
    engine = open_server(Settings(base_url=server.url))
    assert engine.name == "small"
    assert replies(engine, "Where?") == ["Yes"]
    assert server.heard == [("/v1/chat/completions", f"Bearer {KEY}")]


def test_the_model_that_is_set_is_taken(server: Server) -> None:
    server.offered = ["small", "large"]
    assert open_server(Settings(base_url=server.url, server_model="large")).name == "large"


def test_a_server_without_a_model_is_refused_unless_one_is_named(server: Server) -> None:
    server.offered = []
    with pytest.raises(ModelError, match="names no model"):
        open_server(Settings(base_url=server.url))
    assert open_server(Settings(base_url=server.url, server_model="large")).name == "large"


def test_a_server_that_is_not_there_is_said_before_a_question_is_asked() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(ModelError, match="cannot be reached"):
            open_server(Settings(base_url=f"http://127.0.0.1:{free.getsockname()[1]}/v1"))


@pytest.mark.parametrize("host", ["models.example", "10.0.0.7", "0.0.0.0", "127.0.0.1.example"])
def test_no_article_leaves_the_machine_unless_that_host_was_allowed(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reached(_: ServerEngine) -> list[str]:
        raise AssertionError("something was sent")

    url = f"http://{host}:8000/v1"
    monkeypatch.setattr(ServerEngine, "models", reached)
    for allowed in ("", "true", "other.example"):
        with pytest.raises(SettingsError, match=rf"RECOUPE_ALLOW_REMOTE_SERVER={host} "):
            open_server(Settings(base_url=url, allow_remote_server=allowed))
    monkeypatch.setattr(ServerEngine, "models", lambda _: ["large"])
    assert open_server(Settings(base_url=url, allow_remote_server=host)).name == "large"


def test_a_dossier_cannot_itself_allow_articles_to_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "recoupe.toml"
    file.write_text('allow_remote_server = "models.example"', encoding="utf-8")
    with pytest.raises(SettingsError, match="can only be set in the environment"):
        Settings.load(tmp_path)
    file.write_text('base_url = "http://models.example/v1"', encoding="utf-8")
    monkeypatch.setenv("RECOUPE_ALLOW_REMOTE_SERVER", "models.example")
    loaded = Settings.load(tmp_path)
    assert (loaded.base_url, loaded.allow_remote_server) == (
        "http://models.example/v1",
        "models.example",
    )


def test_a_key_in_a_dossier_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "recoupe.toml").write_text(f'api_key = "{KEY}"', encoding="utf-8")
    with pytest.raises(SettingsError, match="api_key") as error:
        Settings.load(tmp_path)
    assert KEY not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8080/v1",
        "ftp://127.0.0.1/v1",
        f"http://user:{KEY}@127.0.0.1/v1",
        f"http://127.0.0.1/v1?key={KEY}",
        "http://127.0.0.1:99999/v1",
        "http://[::1/v1",
    ],
)
def test_what_is_no_address_of_a_server_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError, match="base_url is not the address") as error:
        open_server(Settings(base_url=url))
    assert KEY not in str(error.value)


def test_a_key_that_cannot_be_one_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingsError, match="RECOUPE_API_KEY holds characters") as error:
        ServerEngine("http://127.0.0.1/v1", "small", f"{KEY}\u00e9")
    assert KEY not in str(error.value)


# A real one.


@pytest.fixture(scope="module")
def real_server() -> Iterator[str]:
    """The address of llama-cpp-python's server, as it is by default, with the smallest model."""
    small = Settings().models / "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
    model = small if small.exists() else model_path(Settings().llm, Settings().models)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(model)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--model_alias", "real"]
    process = subprocess.Popen(
        [*command, "--n_ctx", "1024", "--verbose", "false"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "API_KEY": KEY},
    )
    url = f"http://127.0.0.1:{port}/v1"
    try:
        for _ in range(600):  # a minute and more
            if _answers(url):
                break
            assert process.poll() is None, "the server did not start"
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/models", trust_env=False).status_code == 401
    except httpx.HTTPError:
        return False


@pytest.mark.model
def test_a_real_server_answers(real_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The bridge of Rivenac cost 14.3 million euros. It opened on Tuesday.\n\n"
    short = (Turn("system", "Answer with one short sentence from the text."),)
    cost = Prompt(short, text, "How much did the bridge cost?")
    day = Prompt(short, text, "On which day did the bridge open?")
    monkeypatch.setenv("RECOUPE_API_KEY", KEY)
    engine = open_server(Settings(base_url=real_server))
    texts, logprobs = ["", ""], [0.0, 0.0]
    for piece in engine.generate([cost, day], 24):  # it cuts one short for the other
        texts[piece.prompt] += piece.text
        logprobs[piece.prompt] += piece.logprob
    assert engine.name == "real"
    assert "14.3 million" in texts[0]
    assert "Tuesday" in texts[1]
    assert -10 < min(logprobs) <= max(logprobs) < 0
    says = [Prompt((), "", f"Repeat this word: {word}") for word in ("Yes", "No")]
    yes, no = engine.probabilities(says, ["Yes"], ["No"])
    assert no < 0.1 < 0.9 < yes
    assert engine.work.prompt_tokens > 20  # of the probabilities: its streams do not say
    with pytest.raises(EngineError) as error:
        engine.probabilities([Prompt((), "word " * 2000, "Why?")], ["Yes"], ["No"])
    assert error.value.key == "server.too_long"
