"""Who may talk to the page: only a browser on this machine, on this very page.

Any web site open in the same browser can send requests to 127.0.0.1, and a name that its owner
points at 127.0.0.1 (DNS rebinding) makes them look like the page's own. So the host name asked
for must be this machine's, the request must come from the page, only the routes that the page
uses exist, and the browser is told to load nothing from anywhere else.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
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


class LocalPageOnly:
    """ASGI middleware: answers 403 to anything but the page itself, on this machine."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and is_allowed(scope["path"], _headers(scope)):
            await self.app(scope, receive, _with_headers(send))
        elif scope["type"] == "http":
            await _refuse(send)
        # A web socket is never opened by the page: left unanswered, the server closes it.


def is_allowed(path: str, headers: dict[str, str]) -> bool:
    """Whether a request for `path` with `headers` (names in lower case) is the page's own."""
    if _host(f"//{headers.get('host', '')}") not in LOCAL_HOSTS:
        return False
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers["host"]:
        return False
    # A link from another site may open the page, but no other request may come from there.
    if path != "/" and headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    return path == "/" or _is_page_route(path, PAGE_ROUTES)


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


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *RESPONSE_HEADERS]
        await send(message)

    return wrapped


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": b"Only the page of Recoupe may ask this.\n"})
