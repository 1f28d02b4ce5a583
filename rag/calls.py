"""The requests that belong together because one answer waits for them, and can be stopped."""

import socket
import threading
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from queue import SimpleQueue
from typing import Any

import httpx

from rag.engine import Piece
from rag.errors import EngineError


class Call:
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
