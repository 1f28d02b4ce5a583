"""Who may come in from other machines: those who know the user name and the password.

Both come from the environment, never from the command line, which others on the machine can see:
RECOUPE_USER with RECOUPE_PASSWORD, or with RECOUPE_PASSWORD_FILE, a file that holds it. The
browser asks its reader for them (HTTP Basic, RFC 7617) and sends them with every request, so
nothing of the server is reached without them: no page, no queue, no upload.
"""

import asyncio
import os
import socket
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path

import psutil

from rag.errors import RecoupeError, SettingsError
from rag.messages import message
from rag.page.desk import Desk
from rag.page.guard import (
    LOCAL_HOSTS,
    App,
    Receive,
    Scope,
    Send,
    is_web,
    request_headers,
    send_text,
)
from rag.page.view import Addition, Pasted
from rag.types import LANGUAGES

PASSWORD_CHARACTERS = 12  # at least: whoever reaches the port may guess
EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})
PAUSE_SECONDS = 1.0  # between two attempts from an address that has failed
WAITING = 8  # attempts of such an address that may wait; more are turned away unread
REMEMBERED = 4096  # addresses that have failed
# Gradio's own check that the server is up. It starts the queue, once, and tells nothing.
OPEN_ROUTE = "/gradio_api/startup-events"


@dataclass(frozen=True, slots=True)
class Access:
    """The user name and the password that open the page."""

    user: str
    password: str = field(repr=False)

    def admits(self, authorization: str) -> bool:
        """Whether the header `authorization` holds both; takes as long whatever it holds."""
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = b64decode(encoded.strip(), validate=True)
        except ValueError:
            given = b""
        same = compare_digest(given, f"{self.user}:{self.password}".encode())
        return same and scheme.lower() == "basic"


def access_from_environment() -> Access | None:
    """None where neither a user name nor a password is set.

    Raises SettingsError for one without the other, a short password, or a file not to be read.
    """
    user = os.environ.get("RECOUPE_USER", "")
    password = os.environ.get("RECOUPE_PASSWORD", "") or _from_file()
    if not user and not password:
        return None
    if not user or ":" in user or len(password) < PASSWORD_CHARACTERS:
        raise SettingsError("access.incomplete", count=PASSWORD_CHARACTERS)
    return Access(user, password)


def access_for(host: str) -> Access | None:
    """What opens the page served on `host`; None: anybody on this machine.

    Raises SettingsError where other machines would reach it without a password.
    """
    access = access_from_environment()
    if access is None and host not in LOCAL_HOSTS:
        raise SettingsError("page.host", host=host, count=PASSWORD_CHARACTERS)
    return access


def served_names(host: str) -> frozenset[str]:
    """The host names that a request for the page on `host` may carry.

    More of them, those of a proxy say, are listed in RECOUPE_NAMES with commas in between. Any
    other name could be one that a web site pointed at this machine.
    """
    named = {name.strip().lower() for name in os.environ.get("RECOUPE_NAMES", "").split(",")}
    names = LOCAL_HOSTS | (named - {""}) | {host.lower()}
    if host not in EVERY_ADDRESS:
        return names
    machine = socket.gethostname().lower()
    addresses = {
        one.address.partition("%")[0].lower()
        for many in psutil.net_if_addrs().values()
        for one in many
        if one.family in (socket.AF_INET, socket.AF_INET6)
    }
    return names | addresses | {machine, f"{machine}.local"}


class PasswordFirst:
    """ASGI middleware: nothing is answered before `access` admits the request.

    An address that has failed has its attempts looked at one by one, a pause before each.
    """

    def __init__(self, app: App, access: Access, pause_seconds: float = PAUSE_SECONDS) -> None:
        self.app = app
        self._access = access
        self._pause = pause_seconds
        self._failed: OrderedDict[str, _Turnstile] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope.get("path") == OPEN_ROUTE:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            given = request_headers(scope).get("authorization", "")
            address = str((scope.get("client") or ("",))[0])
            status = await self._status(address, given)
            if status == 200:
                await self.app(scope, receive, send)
            else:
                await _refuse(send, status)

    async def _status(self, address: str, given: str) -> int:
        if not given:  # a browser that has not asked its reader yet: no attempt
            return 401
        if turnstile := self._failed.get(address):
            if turnstile.waiting >= WAITING:
                return 429
            await turnstile.pass_through(self._pause)
        if self._access.admits(given):
            self._failed.pop(address, None)
            return 200
        self._failed.setdefault(address, _Turnstile())
        while len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)
        return 401


class _Turnstile:
    """Lets one attempt through at a time, after a pause."""

    def __init__(self) -> None:
        self.waiting = 0
        self._lock = asyncio.Lock()

    async def pass_through(self, seconds: float) -> None:
        self.waiting += 1
        try:
            async with self._lock:
                await asyncio.sleep(seconds)
        finally:
            self.waiting -= 1


class SharedDesk(Desk):
    """A desk for readers on other machines: they add what they upload and web pages, but no
    files of this machine, of which they would otherwise read whatever its user can."""

    def add(
        self,
        tab: str,
        uploads: Sequence[str],
        places: Sequence[str],
        pasted: Pasted | None = None,
    ) -> Iterator[Addition]:
        """As `Desk.add`. Raises RecoupeError for a path."""
        for place in places:
            if not is_web(place):
                raise RecoupeError("access.path", path=place)
        yield from super().add(tab, uploads, places, pasted)


def _from_file() -> str:
    name = os.environ.get("RECOUPE_PASSWORD_FILE", "")
    try:
        return Path(name).expanduser().read_text(encoding="utf-8").strip() if name else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("access.file", path=name, detail=type(error).__name__) from None


async def _refuse(send: Send, status: int) -> None:
    challenge = (b"www-authenticate", b'Basic realm="Recoupe", charset="UTF-8"')
    text = "\n".join(message("access.denied", language) for language in LANGUAGES)
    await send_text(send, status, text, challenge)
