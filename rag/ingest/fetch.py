"""Pages from the web, fetched with limits, and never from inside the user's own network.

A page that a journalist adds may redirect anywhere: to a router, a printer, a cloud machine's
metadata. So every address is checked before anything is sent to it, redirects included, and the
connection goes to the very address that was checked (a second look-up of the name could give
another one). Proxies of the environment are not used, for they would look the name up themselves.
"""

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Queue

import httpx

from rag.config import Settings
from rag.errors import ArticleError

REDIRECTS = 5
CONTENT_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
}
_HEADERS = {
    "User-Agent": "Recoupe/0.1 (reads one page that its user asked for)",
    "Accept": "text/html, application/xhtml+xml, text/markdown, text/plain",
    "Accept-Language": "fr, en",
    "Accept-Encoding": "gzip, deflate",
}
_USER = re.compile(r"//[^/@]*@")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page's bytes; `suffix` says the format as a file's would, `url` is where it was found."""

    data: bytes
    suffix: str
    charset: str | None
    url: str


def fetch_page(url: str, settings: Settings) -> Fetched:
    """Fetch `url` within `settings.fetch_seconds` altogether and `settings.fetch_bytes`.

    Raises ArticleError for what is refused (address, type, size, too many redirects) and for
    what fails (no answer in time, no such host, an error status).
    """
    deadline = time.monotonic() + settings.fetch_seconds
    return _within(settings.fetch_seconds, url, lambda: _follow(url, settings, deadline))


def _within(seconds: float, url: str, work: Callable[[], Fetched]) -> Fetched:
    """Run `work`, waiting `seconds` at most: a look-up or a slow header knows no total limit.

    The abandoned thread ends by its own limits, and does not keep the program alive.
    """
    results: Queue[Fetched | BaseException] = Queue()

    def run() -> None:
        try:
            results.put(work())
        except BaseException as error:
            results.put(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise ArticleError("ingest.page_slow", url=url, seconds=seconds)
    result = results.get()
    if isinstance(result, BaseException):
        raise result
    return result


def _follow(url: str, settings: Settings, deadline: float) -> Fetched:
    current = url
    try:
        with httpx.Client(trust_env=False, headers=_HEADERS) as client:
            for _ in range(REDIRECTS + 1):
                answer = _request(client, current, settings, deadline)
                if isinstance(answer, Fetched):
                    return answer
                current = answer
    except httpx.TimeoutException:
        raise ArticleError("ingest.page_slow", url=url, seconds=settings.fetch_seconds) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise ArticleError("ingest.page_failed", url=url, detail=_one_line(error)) from None
    raise ArticleError("ingest.page_redirects", url=url, limit=REDIRECTS)


def _request(client: httpx.Client, url: str, settings: Settings, deadline: float) -> Fetched | str:
    """The page, or the address that it redirects to."""
    address = _parse(url)
    host = address.raw_host.decode("ascii")
    checked = _checked_address(host, address.port or _port(address), url, settings)
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise ArticleError("ingest.page_slow", url=url, seconds=settings.fetch_seconds)
    request = client.build_request(
        "GET",
        address.copy_with(host=checked, fragment=None),
        headers={"Host": address.netloc.decode("ascii")},
        timeout=remaining,
        extensions={"sni_hostname": host},  # the certificate must be the name's
    )
    response = client.send(request, stream=True)
    try:
        if response.has_redirect_location:
            return str(address.join(response.headers["location"]))
        return _body(response, url, settings, deadline)
    finally:
        response.close()


def _parse(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise ArticleError("ingest.page_address", url=url) from None
    if address.scheme not in ("http", "https") or not address.host or address.userinfo:
        shown = _USER.sub("//", url)  # a password is nobody else's business
        raise ArticleError("ingest.page_address", url=shown)
    return address


def _port(address: httpx.URL) -> int:
    return 443 if address.scheme == "https" else 80


def _checked_address(host: str, port: int, url: str, settings: Settings) -> str:
    """One address of `host`, all of which are public (or private ones are allowed)."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ArticleError("ingest.page_host", url=url, host=host) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.allow_private_addresses and not all(map(is_public, addresses)):
        raise ArticleError("ingest.page_private", url=url, host=host)
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IPv4 or IPv6 address is on the public internet, also where one hides another."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if found.ipv4_mapped:
            return is_public(str(found.ipv4_mapped))
        if found.teredo or (found.sixtofour and not is_public(str(found.sixtofour))):
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


def _body(response: httpx.Response, url: str, settings: Settings, deadline: float) -> Fetched:
    if response.status_code != 200:
        raise ArticleError("ingest.page_status", url=url, status=response.status_code)
    kind = response.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
    if kind not in CONTENT_TYPES:
        raise ArticleError("ingest.page_type", url=url, kind=kind or "?")
    data = bytearray()
    for piece in response.iter_bytes():
        data += piece
        if len(data) > settings.fetch_bytes:
            raise ArticleError("ingest.too_big", path=url, limit=megabytes(settings.fetch_bytes))
        if time.monotonic() > deadline:
            raise ArticleError("ingest.page_slow", url=url, seconds=settings.fetch_seconds)
    return Fetched(bytes(data), CONTENT_TYPES[kind], response.charset_encoding, url)


def megabytes(size: int) -> str:
    """A size in bytes as messages say it, in MB."""
    return f"{size / 1_000_000:g}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
