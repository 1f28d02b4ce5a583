"""A language model run by a server that speaks the OpenAI chat API, in place of the local one.

vLLM, llama-server, Ollama, LM Studio and llama-cpp-python[server] all do, each with gaps: what
one refuses or leaves out is done without. docs/servers.md says what is lost. The API:
https://platform.openai.com/docs/api-reference/chat
"""

import json
import os
import re
import ssl
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from ipaddress import ip_address
from typing import Any

import httpx

from rag.calls import Call
from rag.completions import Reply, said_in_error, server_sent, yes_guessed, yes_share
from rag.config import Settings
from rag.engine import Piece, Prompt, Work
from rag.errors import EngineError, ModelError, RecoupeError, SettingsError

KEY_VARIABLE = "RECOUPE_API_KEY"
CONNECT_SECONDS = 5.0  # also how long a server has to name its models

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

    probed = False  # a server does not show what is in its model

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
        self._calls: set[Call] = set()
        self._for_words, self._for_replies = list(_FOR_WORDS), list(_FOR_REPLIES)
        self._one_at_a_time = False
        self._turn = threading.Lock()

    def settle(self) -> None:
        """Nothing: the server's memory is its own business."""

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

    def probe(self, prompts: Sequence[Prompt]) -> list[float]:
        """Raises EngineError: a server shows nothing of what is in its model."""
        raise EngineError("server.probe")

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
        self, call: Call, body: dict[str, Any], yes: Sequence[str], no: Sequence[str]
    ) -> float:
        with self._post(call, body, self._for_words) as response:
            response.read()
        with self._as_documented():
            data = response.json()
            choice = data["choices"][0]
            self._count(data.get("usage"))
            tokens = (choice.get("logprobs") or {}).get("content")
            if tokens:
                return yes_share(tokens[0].get("top_logprobs") or tokens[:1], yes, no)
            return yes_guessed(choice["message"]["content"] or "", yes, no)

    def _reply(self, call: Call, number: int, body: dict[str, Any]) -> None:
        """Put the pieces of one reply among the call's news."""
        reply = Reply(number)
        for _ in range(self._parallel + 1):
            with self._post(call, body | {"stream": True}, self._for_replies) as response:
                self._follow(call, reply, response)
            if reply.ended:
                return
            # llama-cpp-python cuts a reply short for the next request that comes in.
            self._one_at_a_time = True
            reply.begin_again()
        raise self._error("server.broken")

    def _follow(self, call: Call, reply: Reply, response: httpx.Response) -> None:
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

    def _events(self, response: httpx.Response, reply: Reply) -> Iterator[dict[str, Any]]:
        """The objects of a stream. Raises EngineError where it breaks off or is an error."""
        begun = False
        for field, value in server_sent(response):
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
        self, call: Call, body: dict[str, Any], extras: list[dict[str, Any]]
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
    def _call(self) -> Iterator[Call]:
        """A call that `stop` can end; at its end, all its connections are closed."""
        call = Call(self._client(), self._parallel)
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
        return self._error(key, status=status, detail=self._one_line(said_in_error(said)))

    def _error(self, key: str, **blanks: object) -> EngineError:
        return EngineError(key, url=self._url, **blanks)

    def _one_line(self, text: str) -> str:
        """A server's own words, short, and without the key where it repeats it."""
        text = text.replace(self._key, "…") if self._key else text
        return " ".join(text.split())[:200]


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
