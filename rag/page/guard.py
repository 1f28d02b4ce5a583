"""Who may talk to the page: the page itself, and programs that are no web page.

Any web site open in the same browser can send requests to 127.0.0.1, and a name that its owner
points at 127.0.0.1 (DNS rebinding) makes them look like the page's own. So the host name asked
for must be one that is served, a request of a browser must come from the page, only the routes
of the page and of its interface (docs/api.md) exist, nothing but an upload may be large, and the
browser is told to load nothing from anywhere else.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

# Gradio's page builds functions from templates and has inline scripts and styles.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
RESPONSE_HEADERS = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

PAGE_ROUTES = (
    "/assets/",
    "/static/",
    "/favicon.ico",
    "/manifest.json",
    "/theme.css",
    "/config",
    "/gradio_api/app_id",
    "/gradio_api/startup-events",
    "/gradio_api/theme.css",
    "/gradio_api/heartbeat/",
    "/gradio_api/run/predict",
    "/gradio_api/queue/join",
    "/gradio_api/queue/data",
    "/gradio_api/upload",
    "/gradio_api/cancel",
    "/gradio_api/reset",
)
API_NAMES = ("ask", "search", "add", "list")  # what programs may call
API_ROUTES = (
    "/gradio_api/info",
    *(f"/gradio_api/call/{name}" for name in API_NAMES),
    *(f"/gradio_api/call/{name}/" for name in API_NAMES),
)
UPLOAD_ROUTE = "/gradio_api/upload"
UPLOAD_BYTES = 500_000_000  # all files of one upload together
BODY_BYTES = 2_000_000  # of any other request


class PageOnly:
    """ASGI middleware: answers 403 to what is neither the page nor its interface.

    `names` are the host names that are served, `routes` what there is beside those of the page.
    """

    def __init__(
        self, app: App, names: frozenset[str] = LOCAL_HOSTS, routes: tuple[str, ...] = API_ROUTES
    ) -> None:
        self.app = app
        self._is_allowed = partial(is_allowed, names=names, routes=(*PAGE_ROUTES, *routes))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            headers = request_headers(scope)
            if not self._is_allowed(scope["path"], headers):
                await send_text(send, 403, "Only the page of Recoupe may ask this.")
            elif not is_small_enough(scope["path"], headers):
                await send_text(send, 413, "This is too large, or does not say how large it is.")
            else:
                await self.app(scope, receive, _with_headers(send))
        # A web socket is never opened by the page: left unanswered, the server closes it.


def is_allowed(
    path: str,
    headers: dict[str, str],
    names: frozenset[str] = LOCAL_HOSTS,
    routes: tuple[str, ...] = (*PAGE_ROUTES, *API_ROUTES),
) -> bool:
    """Whether a request for `path` with `headers` (names in lower case) is the page's own, or
    one of a program that is no web page."""
    if _host(f"//{headers.get('host', '')}") not in names:
        return False
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers["host"]:
        return False
    # A link from another site may open the page, but no other request may come from there.
    if path != "/" and headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    return path == "/" or _is_page_route(path, routes)


def is_small_enough(path: str, headers: dict[str, str]) -> bool:
    """Whether a request says how large it is, and is no larger than the page has use for."""
    size = headers.get("content-length", "0")
    limit = UPLOAD_BYTES if path.rstrip("/") == UPLOAD_ROUTE else BODY_BYTES
    return "transfer-encoding" not in headers and size.isdecimal() and int(size) <= limit


def is_web(address: str) -> bool:
    """Whether `address` is that of a web page."""
    try:
        return urlsplit(address).scheme in ("http", "https") and bool(urlsplit(address).hostname)
    except ValueError:  # brackets that do not close
        return False


def _is_page_route(path: str, routes: Iterable[str]) -> bool:
    if ".." in path:
        return False
    return any(
        path.startswith(route) if route.endswith("/") else path in (route, f"{route}/")
        for route in routes
    ) or path.startswith("/gradio_api/upload_progress")


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:  # brackets that do not close
        return None


def request_headers(scope: Scope) -> dict[str, str]:
    """By name, in lower case."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def send_text(send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
    """Answer with one text, and the headers that every answer has."""
    own = [(b"content-type", b"text/plain; charset=utf-8"), *headers, *RESPONSE_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": own})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *RESPONSE_HEADERS]
        await send(message)

    return wrapped
