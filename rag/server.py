"""A language model run by a server that speaks the OpenAI chat API, in place of the local one.

vLLM, llama-server, Ollama, LM Studio and llama-cpp-python[server] all do, each with gaps: what
one refuses or leaves out is done without. docs/servers.md says what is lost. The API:
https://platform.openai.com/docs/api-reference/chat
"""

import json
import math
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cache
from ipaddress import ip_address
from queue import SimpleQueue
from typing import Any

import httpx

from rag.config import Settings
from rag.engine import Piece, Prompt, Work
from rag.errors import EngineError, ModelError, RecoupeError, SettingsError

KEY_VARIABLE = "RECOUPE_API_KEY"
CONNECT_SECONDS = 5.0  # also how long a server has to name its models
SURE_YES, UNSURE, SURE_NO = 0.95, 0.5, 0.05  # where the word is told, but not how likely it is

# What is asked for beside the reply itself; the next line where a server refuses the first.
_FOR_WORDS: tuple[dict[str, Any], ...] = (
    {"logprobs": True, "top_logprobs": 20},
    {"logprobs": True, "top_logprobs": 5},
    {},
)
_FOR_REPLIES: tuple[dict[str, Any], ...] = (
    {"logprobs": True, "top_logprobs": 1, "stream_options": {"include_usage": True}},
    {"logprobs": True, "top_logprobs": 1},
    {"stream_options": {"include_usage": True}},
    {},
)
_REFUSED_EXTRA = re.compile("logprob|stream_options|include_usage", re.IGNORECASE)
_TOO_LONG = re.compile("context.?(length|size|window)|too long", re.IGNORECASE)


class ServerEngine:
    """An Engine whose model runs in a server; a call's prompts are sent side by side.

    Pieces of a server that reports no probabilities have the logprob `math.nan`. Errors name
    the address, never the key. For any thread; calls do not wait for each other.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "",
        parallel: int = 8,
        seconds: float = 120,
    ) -> None:
        """Nothing is sent yet. `seconds` is the longest silence of the server.

        Raises SettingsError where `base_url` or `api_key` cannot be one.
        """
        self.name = model
        self.work = Work()
        self._url = str(_address(base_url)).rstrip("/")
        self._key = _usable(api_key)
        self._parallel = parallel
        self._seconds = seconds
        self._lock = threading.Lock()
        self._calls: set[_Call] = set()
        self._for_words, self._for_replies = list(_FOR_WORDS), list(_FOR_REPLIES)
        self._one_at_a_time = False
        self._turn = threading.Lock()

    def close(self) -> None:
        """End what is under way; connections are kept by no call, so none is left open."""
        self.stop()

    def fits(self, prompt: Prompt, max_tokens: int) -> bool:
        """True: only the server knows its limit, and says when it is passed."""
        return True

    def is_ready(self, prompt: Prompt) -> bool:
        """True: the server takes the prompts of a call side by side, and keeps what it likes."""
        return True

    def stop(self) -> None:
        with self._lock:
            calls = list(self._calls)
        for call in calls:
            call.stop()

    def models(self) -> list[str]:
        """The names of the models that the server offers. Raises EngineError."""
        with self._call() as call, self._explained(CONNECT_SECONDS):
            response = call.client.get(f"{self._url}/models", timeout=CONNECT_SECONDS)
            if not response.is_success:
                raise self._refusal(response.status_code, response.text)
            with self._as_documented():
                return [str(model["id"]) for model in response.json()["data"]]

    def probabilities(
        self, prompts: Sequence[Prompt], yes: Sequence[str], no: Sequence[str]
    ) -> list[float]:
        """As Engine has it, over the tokens that the server reports as the likeliest.

        A token counts as the word that it begins, in the case given. Without probabilities,
        the first word of the reply is `SURE_YES` or `SURE_NO`; neither word is `UNSURE`.
        """
        with self._call() as call:
            asked = [
                call.submit(self._first_word, call, self._body(prompt, 1), yes, no)
                for prompt in prompts
            ]
            for _ in call.pieces(len(asked)):
                pass  # a word comes whole
            return [one.result() for one in asked]

    def generate(self, prompts: Sequence[Prompt], max_tokens: int) -> Generator[Piece]:
        with self._call() as call:
            for number, prompt in enumerate(prompts):
                call.submit(self._reply, call, number, self._body(prompt, max_tokens))
            yield from call.pieces(len(prompts))

    def _body(self, prompt: Prompt, max_tokens: int) -> dict[str, Any]:
        messages = [{"role": turn.role, "content": turn.content} for turn in prompt.turns]
        messages.append({"role": "user", "content": prompt.passage + prompt.asked})
        return {
            "model": self.name,
            "messages": messages,
            "temperature": 0,
            "max_tokens": max_tokens,
        }

    def _first_word(
        self, call: "_Call", body: dict[str, Any], yes: Sequence[str], no: Sequence[str]
    ) -> float:
        with self._post(call, body, self._for_words) as response:
            response.read()
        with self._as_documented():
            data = response.json()
            choice = data["choices"][0]
            self._count(data.get("usage"))
            tokens = (choice.get("logprobs") or {}).get("content")
            if tokens:
                return _share(tokens[0].get("top_logprobs") or tokens[:1], yes, no)
            return _guess(choice["message"]["content"] or "", yes, no)

    def _reply(self, call: "_Call", number: int, body: dict[str, Any]) -> None:
        """Put the pieces of one reply among the call's news."""
        reply = _Reply(number)
        for _ in range(self._parallel + 1):
            with self._post(call, body | {"stream": True}, self._for_replies) as response:
                self._follow(call, reply, response)
            if reply.ended:
                return
            # llama-cpp-python cuts a reply short for the next request that comes in.
            self._one_at_a_time = True
            reply.begin_again()
        raise self._error("server.broken")

    def _follow(self, call: "_Call", reply: "_Reply", response: httpx.Response) -> None:
        """Take in one stream, to the end of the line or for as long as the server sends it."""
        usage: dict[str, Any] = {}
        tokens = 0
        for event in self._events(response, reply):
            with self._as_documented():
                usage = event.get("usage") or usage
                for choice in event.get("choices") or []:
                    text = (choice.get("delta") or {}).get("content") or ""
                    tokens += bool(text)
                    piece = reply.take(text, (choice.get("logprobs") or {}).get("content") or [])
                    if piece:
                        call.tell(piece)
                    reply.finished = reply.finished or bool(choice.get("finish_reason"))
            if reply.changed:
                raise self._error("server.broken")
            if reply.line_ended:
                break
        with self._as_documented():
            self._count(usage or {"completion_tokens": tokens})

    def _events(self, response: httpx.Response, reply: "_Reply") -> Iterator[dict[str, Any]]:
        """The objects of a stream. Raises EngineError where it breaks off or is an error."""
        begun = False
        for field, value in _server_sent(response):
            if value == "[DONE]":
                return
            begun = True
            with self._as_documented():
                event = json.loads(value)
                if field == "error" or event.get("error"):
                    raise self._refusal(500, value)
            yield event
        if not reply.finished:
            is_stream = begun or "event-stream" in response.headers.get("Content-Type", "")
            raise self._error("server.broken" if is_stream else "server.not_api")

    @contextmanager
    def _post(
        self, call: "_Call", body: dict[str, Any], extras: list[dict[str, Any]]
    ) -> Iterator[httpx.Response]:
        """The response to `body` and the first of `extras` that the server accepts."""
        while True:
            extra = extras[0]
            turn = self._turn if self._one_at_a_time else nullcontext()
            explained, posted = self._explained(self._seconds), call.post(self._url, body | extra)
            with turn, explained, posted as response:
                if response.is_success:
                    yield response
                    return
                said = response.read().decode(errors="replace")
            if not extra or not _REFUSED_EXTRA.search(said):
                raise self._refusal(response.status_code, said)
            with self._lock:
                if extra in extras:  # another thread may have been told the same
                    extras.remove(extra)

    @contextmanager
    def _call(self) -> "Iterator[_Call]":
        """A call that `stop` can end; at its end, all its connections are closed."""
        call = _Call(self._client(), self._parallel)
        with self._lock:
            self._calls.add(call)
        try:
            yield call
        finally:
            call.end()
            with self._lock:
                self._calls.discard(call)
                prompt_seconds, generation_seconds = call.seconds()
                self.work.prompt_seconds += prompt_seconds
                self.work.generation_seconds += generation_seconds

    def _client(self) -> httpx.Client:
        return httpx.Client(
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            timeout=httpx.Timeout(self._seconds, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=not _is_loopback(httpx.URL(self._url).host),
            verify=_certificates(),
        )

    def _count(self, usage: Mapping[str, Any] | None) -> None:
        """Add what the server says it did; a prompt's tokens that it had kept are left out."""
        usage = usage or {}
        kept = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        with self._lock:
            self.work.prompt_tokens += max(0, (usage.get("prompt_tokens") or 0) - kept)
            self.work.generated_tokens += usage.get("completion_tokens") or 0

    @contextmanager
    def _explained(self, seconds: float) -> Iterator[None]:
        """What goes wrong on the way, as an EngineError; `seconds` is the time allowed."""
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise self._error("server.unreachable", detail=self._one_line(str(error))) from None
        except httpx.TimeoutException:
            raise self._error("server.slow", seconds=seconds) from None
        except httpx.HTTPError:
            raise self._error("server.broken") from None

    @contextmanager
    def _as_documented(self) -> Iterator[None]:
        """What is not shaped as the API has it, as an EngineError."""
        try:
            yield
        except (ValueError, LookupError, TypeError, AttributeError):
            raise self._error("server.not_api") from None

    def _refusal(self, status: int, said: str) -> RecoupeError:
        """The error of an HTTP status and of what the server said with it."""
        if status in (401, 403):
            return self._error("server.denied", status=status, variable=KEY_VARIABLE)
        if "model_not_found" in said or (status == 404 and "model" in said.lower()):
            return ModelError("server.model", url=self._url, name=self.name)
        if status < 400 or status in (404, 405):
            return self._error("server.not_api")
        if _TOO_LONG.search(said):
            return self._error("server.too_long")
        key = "server.failed" if status >= 500 else "server.refused"
        return self._error(key, status=status, detail=self._one_line(_said(said)))

    def _error(self, key: str, **blanks: object) -> EngineError:
        return EngineError(key, url=self._url, **blanks)

    def _one_line(self, text: str) -> str:
        """A server's own words, short, and without the key where it repeats it."""
        text = text.replace(self._key, "…") if self._key else text
        return " ".join(text.split())[:200]


class _Call:
    """The requests of one call: its threads, its connections, and what has come so far."""

    def __init__(self, client: httpx.Client, parallel: int) -> None:
        self.client = client
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="recoupe-server")
        self._news: SimpleQueue[Piece | Future[Any] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._cut = self._stopped = False
        self._started = time.perf_counter()
        self._first = self._last = 0.0

    def submit(self, work: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        """Have a thread of this call do it; `pieces` waits for it and raises what it raises."""
        future = self._pool.submit(work, *arguments)
        future.add_done_callback(self._done)
        return future

    def tell(self, piece: Piece) -> None:
        """Hand a piece to whoever reads `pieces`."""
        self._first = self._first or time.perf_counter()
        self._news.put(piece)

    def pieces(self, waiting: int) -> Generator[Piece]:
        """What the threads tell, as it comes, until `waiting` of them are done."""
        while waiting:
            news = self._news.get()
            if self._stopped:
                raise EngineError("llm.stopped")
            if isinstance(news, Future):
                news.result()
                waiting -= 1
            elif news:
                yield news

    def post(self, url: str, body: dict[str, Any]) -> AbstractContextManager[httpx.Response]:
        """One request for a chat completion, as httpx streams it."""
        return self.client.stream(
            "POST", f"{url}/chat/completions", json=body, extensions={"trace": self._watch}
        )

    def stop(self) -> None:
        """Make `pieces` raise EngineError, whatever the threads are waiting for."""
        self._stopped = True
        self._shut_down()
        self._news.put(None)

    def end(self) -> None:
        """Close every connection; threads that still wait on one fail, unheard."""
        self._shut_down()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.client.close()

    def seconds(self) -> tuple[float, float]:
        """Until the first piece, and from there to the end; all is prompt where none came."""
        first = self._first or self._last
        return max(0.0, first - self._started), max(0.0, self._last - first)

    def _done(self, future: "Future[Any]") -> None:
        self._last = time.perf_counter()
        self._news.put(future)

    def _watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Note each connection that httpx opens: closing a socket wakes nobody who reads it."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            with self._lock:
                self._sockets.append(info["return_value"].get_extra_info("socket"))
            if self._cut:
                self._shut_down()

    def _shut_down(self) -> None:
        with self._lock:
            self._cut = True
            for one in self._sockets:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)


class _Reply:
    """A reply under way: what has come of it, and whether its line is over."""

    def __init__(self, number: int) -> None:
        self.finished = self.line_ended = self.changed = False
        self._number = number
        self._begun = False
        self._heard = self._known = ""

    @property
    def ended(self) -> bool:
        return self.finished or self.line_ended

    def begin_again(self) -> None:
        """What comes next is the same reply, from its start: what was heard is skipped."""
        self._known = self._heard

    def take(self, text: str, tokens: Sequence[Mapping[str, Any]]) -> Piece | None:
        """The piece that more text makes, if any; blank lines before the reply are skipped."""
        known = len(text[: len(self._known)])
        if text[:known] != self._known[:known]:
            self.changed = True
            return None
        self._known = self._known[known:]
        self._heard += text[known:]
        start, rest = known, text[known:]
        line, newline, after = rest.partition("\n")
        while newline and not self._begun and not line.strip():
            start, rest = start + len(line) + 1, after
            line, newline, after = rest.partition("\n")
        self._begun = self._begun or bool(line.strip())
        self.line_ended = bool(newline)
        return (
            Piece(self._number, line, _logprob(tokens, start, start + len(line))) if line else None
        )


def open_server(settings: Settings) -> ServerEngine:
    """The engine that `settings` name, once its server has answered.

    A server that is not on this machine needs its host in `allow_remote_server`. Raises
    SettingsError, and ModelError where the server cannot be used.
    """
    host = _address(settings.base_url).host
    if not _is_loopback(host) and settings.allow_remote_server.strip().lower() != host:
        raise SettingsError("server.remote", host=host)
    key = os.environ.get(KEY_VARIABLE, "")
    engine = ServerEngine(settings.base_url, settings.server_model, key)
    try:
        offered = engine.models()
    except EngineError as error:
        if error.key != "server.not_api" or not settings.server_model:
            raise ModelError(error.key, **error.blanks) from None
        offered = []  # some servers do not list what they have
    if not settings.server_model and not offered:
        raise ModelError("server.no_model", url=settings.base_url)
    engine.name = settings.server_model or offered[0]
    return engine


@cache
def _certificates() -> ssl.SSLContext:
    """Who is trusted on https; cached because reading them takes a tenth of a second."""
    return httpx.create_ssl_context()


def _address(base_url: str) -> httpx.URL:
    """Raises SettingsError, which does not repeat what may hold a password."""
    try:
        url = httpx.URL(base_url.strip())
    except (httpx.InvalidURL, ValueError):
        raise SettingsError("server.address") from None
    extra = url.userinfo or url.query or url.fragment
    if url.scheme not in ("http", "https") or not url.host or extra or (url.port or 1) > 65535:
        raise SettingsError("server.address")
    return url


def _usable(key: str) -> str:
    """The key without the spaces around it. Raises SettingsError, which does not repeat it."""
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise SettingsError("server.key", variable=KEY_VARIABLE)
    return key


def _is_loopback(host: str) -> bool:
    """Whether what is sent to `host` stays on this machine; no name is looked up."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _server_sent(response: httpx.Response) -> Iterator[tuple[str, str]]:
    """(field, value) of each line of a stream; only a line feed ends one.

    https://html.spec.whatwg.org/multipage/server-sent-events.html, of which servers of this
    API use single lines. httpx would also break lines at U+2028, which JSON may hold.
    """
    rest = b""
    for block in response.iter_bytes():
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            field, _, value = line.decode(errors="replace").partition(":")
            if field in ("data", "error"):
                yield field, value.strip()


def _said(body: str) -> str:
    """The words for people in the body of an error."""
    try:
        data = json.loads(body)
        error = data.get("error") or data.get("detail") or data
        return str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, AttributeError, LookupError):
        return body


def _logprob(tokens: Sequence[Mapping[str, Any]], start: int, end: int) -> float:
    """The sum over the tokens that lie in text[start:end]; nan where none is told."""
    told, at = [], 0
    for token in tokens:
        after = at + len(token["token"])
        if after > start and at < end:
            told.append(float(token["logprob"]))
        at = after
    return sum(told) if told else math.nan


def _share(tokens: Sequence[Mapping[str, Any]], yes: Sequence[str], no: Sequence[str]) -> float:
    """P(yes) / (P(yes) + P(no)) over `tokens`; those that could begin either are left out."""
    mass = {True: 0.0, False: 0.0}
    for token in tokens:
        says_yes, says_no = _begins(token["token"], yes), _begins(token["token"], no)
        if says_yes != says_no:
            mass[says_yes] += math.exp(min(0.0, token["logprob"]))
    total = mass[True] + mass[False]
    return mass[True] / total if total else UNSURE


def _guess(text: str, yes: Sequence[str], no: Sequence[str]) -> float:
    """What the first word of a reply says, where its probability is not told."""
    word = re.search(r"\w+", text)
    says_yes, says_no = (bool(word and _begins(word[0], words)) for words in (yes, no))
    if says_yes == says_no:
        return UNSURE
    return SURE_YES if says_yes else SURE_NO


def _begins(token: str, words: Sequence[str]) -> bool:
    token = token.strip()
    return bool(token) and any(word.startswith(token) for word in words)
