"""Pages by their address: limits hold, and nobody's own network is reached."""

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rag.config import Settings
from rag.errors import ArticleError
from rag.ingest import document_id, read_article
from rag.ingest.fetch import fetch_page, is_public

ARTICLE = (
    "<html><head><title>Un lama à la mairie</title></head><body><article>"
    "<h1>Un lama à la mairie</h1><p>Un lama est entré lundi dans la mairie de Sablonges, et il "
    "a fallu deux heures pour l’en faire sortir avec des carottes.</p><p>Personne n’a été "
    "blessé, mais le registre des mariages a été en partie mangé par l’animal.</p>"
    "</article></body></html>"
)
Handler = Callable[[BaseHTTPRequestHandler], None]


def send(
    request: BaseHTTPRequestHandler,
    body: bytes = b"",
    kind: str = "text/html; charset=utf-8",
    status: int = 200,
    **headers: str,
) -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


class Site:
    """A web site on this machine; `pages` maps a path to what answers there."""

    def __init__(self) -> None:
        self.pages: dict[str, Handler] = {}
        self.requests: list[tuple[str, str]] = []
        self.closing = threading.Event()
        site = self

        class Request(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.requests.append((self.path, self.headers["Host"]))
                site.pages[self.path](self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.closing.set()
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def allowed() -> Settings:
    return Settings(allow_private_addresses=True, fetch_seconds=10, fetch_bytes=20_000)


def error_of(url: str, settings: Settings) -> str:
    with pytest.raises(ArticleError) as caught:
        read_article(url, settings)
    return caught.value.key


def test_a_page_becomes_a_document_under_its_own_address(site: Site, allowed: Settings) -> None:
    site.pages["/lama"] = lambda request: send(request, ARTICLE.encode())
    document = read_article(site.url("/lama#photo"), allowed).document
    assert document.title == "Un lama à la mairie"
    assert document.text.startswith("Un lama est entré lundi dans la mairie")
    assert document.path == document.url == site.url("/lama")
    assert document.id == document_id(site.url("/lama"))


def test_a_page_says_its_encoding_in_its_header(site: Site, allowed: Settings) -> None:
    text = "Le café de la gare rouvrira mardi, a annoncé son propriétaire à la radio locale.\n"
    kind = "text/plain; charset=cp850"
    site.pages["/cafe.txt"] = lambda request: send(request, text.encode("cp850"), kind)
    assert read_article(site.url("/cafe.txt"), allowed).document.text == text.strip()


def test_a_redirection_is_followed_to_the_article(site: Site, allowed: Settings) -> None:
    site.pages["/old"] = lambda request: send(request, status=301, Location="/lama")
    site.pages["/lama"] = lambda request: send(request, ARTICLE.encode())
    document = read_article(site.url("/old"), allowed).document
    assert (document.path, document.url) == (site.url("/old"), site.url("/lama"))


def test_a_loop_of_redirections_ends(site: Site, allowed: Settings) -> None:
    site.pages["/a"] = lambda request: send(request, status=302, Location="/a")
    assert error_of(site.url("/a"), allowed) == "ingest.page_redirects"
    assert len(site.requests) == 6


def test_an_endless_page_is_left_at_the_size_limit(site: Site, allowed: Settings) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        send(request)
        try:
            while not site.closing.is_set():
                request.wfile.write(b"<p>encore</p>" * 500)
        except OSError:
            pass

    site.pages["/endless"] = endless
    assert error_of(site.url("/endless"), allowed) == "ingest.too_big"


@pytest.mark.parametrize("before_the_headers", [True, False])
def test_a_page_that_never_ends_answering_is_left_at_the_time_limit(
    site: Site, allowed: Settings, before_the_headers: bool
) -> None:
    def silent(request: BaseHTTPRequestHandler) -> None:
        if not before_the_headers:
            send(request, b"<p>Il")
        site.closing.wait(30)

    site.pages["/silent"] = silent
    short = allowed.model_copy(update={"fetch_seconds": 0.2})
    assert error_of(site.url("/silent"), short) == "ingest.page_slow"


def test_a_page_that_drips_is_left_at_the_time_limit_too(site: Site, allowed: Settings) -> None:
    def drips(request: BaseHTTPRequestHandler) -> None:
        send(request)
        try:
            while not site.closing.wait(0.01):
                request.wfile.write(b".")
        except OSError:
            pass

    site.pages["/drips"] = drips
    short = allowed.model_copy(update={"fetch_seconds": 0.3})
    assert error_of(site.url("/drips"), short) == "ingest.page_slow"


@pytest.mark.parametrize(
    ("status", "kind", "key"),
    [
        (404, "text/html", "ingest.page_status"),
        (500, "text/html", "ingest.page_status"),
        (200, "application/pdf", "ingest.page_type"),
        (200, "image/png", "ingest.page_type"),
    ],
)
def test_an_error_page_or_a_picture_is_no_article(
    site: Site, allowed: Settings, status: int, kind: str, key: str
) -> None:
    site.pages["/x"] = lambda request: send(request, b"x", kind, status)
    assert error_of(site.url("/x"), allowed) == key


def test_the_machine_of_the_user_is_not_reached(site: Site) -> None:
    site.pages["/admin"] = lambda request: send(request, ARTICLE.encode())
    for host in ("127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433"):
        assert error_of(site.url("/admin", host), Settings()) == "ingest.page_private"
    assert site.requests == []


def test_a_redirection_into_the_users_network_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/out"] = lambda request: send(
        request, status=302, Location="http://169.254.169.254/secret"
    )
    monkeypatch.setattr("rag.ingest.fetch.is_public", lambda address: address == "127.0.0.1")
    assert error_of(site.url("/out"), Settings()) == "ingest.page_private"
    assert [path for path, _ in site.requests] == ["/out"]


def test_the_address_that_was_checked_is_the_one_that_is_reached(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers a public address first and a private one next gains nothing."""
    answers = iter(["127.0.0.1", "10.0.0.1", "10.0.0.1"])
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, *rest: object, **named: object) -> object:
        if host == "rebinding.example":
            asked.append(host)
            host = next(answers)
        return real(host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr("rag.ingest.fetch.is_public", lambda address: address == "127.0.0.1")
    site.pages["/lama"] = lambda request: send(request, ARTICLE.encode())
    fetched = fetch_page(site.url("/lama", "rebinding.example"), Settings())
    assert fetched.data == ARTICLE.encode()
    assert asked == ["rebinding.example"]
    assert site.requests == [("/lama", f"rebinding.example:{site.port}")]


def test_a_name_with_one_private_address_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [(socket.AF_INET, 0, 0, "", (a, 80)) for a in ("93.184.215.14", "192.168.1.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    assert error_of("http://mixed.example/", Settings()) == "ingest.page_private"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.10",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:0:1:2:3:4:5:6",
    ],
)
def test_an_address_that_leads_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]
)
def test_an_address_of_the_web_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("ftp://journal.example/une", "ingest.page_address"),
        ("file:///etc/passwd", "ingest.page_address"),
        ("http://", "ingest.page_address"),
        ("http://user:secret@journal.example/", "ingest.page_address"),
        ("http://[::1", "ingest.page_address"),
        ("https://nowhere.invalid/", "ingest.page_host"),
    ],
)
def test_what_is_no_address_of_a_page_is_said_so(
    url: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: object, **__: object) -> object:
        raise socket.gaierror("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    assert error_of(url, Settings()) == key


def test_a_password_in_an_address_is_not_repeated_in_the_message() -> None:
    with pytest.raises(ArticleError) as caught:
        read_article("http://user:secret@journal.example/", Settings())
    assert "secret" not in str(caught.value)


def test_a_closed_port_is_a_failure_that_names_the_page(allowed: Settings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
        with pytest.raises(ArticleError) as caught:
            read_article(url, allowed)
    assert caught.value.key == "ingest.page_failed"
    assert url in str(caught.value)


def test_a_proxy_of_the_environment_is_not_used(
    site: Site, allowed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.pages["/lama"] = lambda request: send(request, ARTICLE.encode())
    assert read_article(site.url("/lama"), allowed).document.title == "Un lama à la mairie"
