"""Other machines reach the page with a user name and a password, or not at all."""

import asyncio
import stat
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from rag.errors import RecoupeError, SettingsError
from rag.page.access import (
    WAITING,
    Access,
    PasswordFirst,
    SharedDesk,
    access_for,
    access_from_environment,
    served_names,
)

ACCESS = Access("rédaction", "un long mot de passe é")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("USER", "PASSWORD", "PASSWORD_FILE", "NAMES"):
        monkeypatch.delenv(f"RECOUPE_{name}", raising=False)
    yield


def header(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


RIGHT = header(ACCESS.user, ACCESS.password)


# -- what is set ----------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "desk.example"])
def test_the_page_is_not_opened_to_other_machines_without_a_password(host: str) -> None:
    with pytest.raises(SettingsError, match="First set RECOUPE_USER and RECOUPE_PASSWORD"):
        access_for(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_this_machine_no_password_is_needed(host: str) -> None:
    assert access_for(host) is None


def test_a_user_name_and_a_password_open_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOUPE_USER", "desk")
    monkeypatch.setenv("RECOUPE_PASSWORD", "twelve chars")
    assert access_for("0.0.0.0") == access_for("127.0.0.1") == Access("desk", "twelve chars")


def test_the_password_can_be_kept_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("kept in a file\n", encoding="utf-8")
    file.chmod(stat.S_IRUSR)
    monkeypatch.setenv("RECOUPE_USER", "desk")
    monkeypatch.setenv("RECOUPE_PASSWORD_FILE", str(file))
    assert access_from_environment() == Access("desk", "kept in a file")


def test_a_password_file_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECOUPE_USER", "desk")
    monkeypatch.setenv("RECOUPE_PASSWORD_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match=r"nowhere cannot be read \(FileNotFoundError\)"):
        access_from_environment()


@pytest.mark.parametrize(
    ("user", "password"),
    [("desk", ""), ("", "twelve chars"), ("desk", "eleven char"), ("a:b", "twelve chars")],
)
def test_half_an_access_opens_nothing(
    monkeypatch: pytest.MonkeyPatch, user: str, password: str
) -> None:
    monkeypatch.setenv("RECOUPE_USER", user)
    monkeypatch.setenv("RECOUPE_PASSWORD", password)
    with pytest.raises(SettingsError, match="Set both, or neither"):
        access_for("127.0.0.1")


def test_the_password_is_not_shown_where_the_access_is_printed() -> None:
    assert ACCESS.password not in repr(ACCESS)


# -- who is let in --------------------------------------------------------------------------


def test_the_right_name_and_password_are_let_in() -> None:
    assert ACCESS.admits(RIGHT)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic é",
        header("rédaction", ""),
        header("rédaction", "un long mot de passe e"),
        header("redaction", ACCESS.password),
        header("", ""),
        RIGHT.replace("Basic", "Bearer"),
    ],
)
def test_nobody_else_is(given: str) -> None:
    assert not ACCESS.admits(given)


async def _inner(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


def asked(*given: str, path: str = "/") -> list[int]:
    """The status that answers each of these Authorization headers, one after the other."""

    async def ask() -> list[int]:
        app = PasswordFirst(_inner, ACCESS, pause_seconds=0)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:

            async def one(value: str) -> int:
                headers = {"authorization": value} if value else {}
                return (await client.get(path, headers=headers)).status_code

            return [await one(value) for value in given]

    return asyncio.run(ask())


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/upload", "/assets/index.js"])
def test_nothing_is_answered_before_the_password_is_given(path: str) -> None:
    assert asked("", header("x", "y"), RIGHT, path=path) == [401, 401, 200]


def test_after_a_mistake_the_right_password_is_let_in() -> None:
    assert asked(header("x", "y"), RIGHT, RIGHT) == [401, 200, 200]


def test_only_so_many_attempts_wait_after_a_failure() -> None:
    async def ask() -> list[int]:
        app = PasswordFirst(_inner, ACCESS, 0.05)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
            wrong = {"authorization": header("x", "y")}
            assert (await client.get("/", headers=wrong)).status_code == 401
            attempts = [client.get("/", headers=wrong) for _ in range(WAITING + 2)]
            return sorted(one.status_code for one in await asyncio.gather(*attempts))

    assert asyncio.run(ask()) == [401] * WAITING + [429] * 2


def test_the_browser_is_told_to_ask_for_the_password() -> None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=PasswordFirst(_inner, ACCESS))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
            return await client.get("/")

    answer = asyncio.run(ask())
    assert answer.headers["www-authenticate"] == 'Basic realm="Recoupe", charset="UTF-8"'
    assert "Recoupe demande un nom et un mot de passe" in answer.text
    assert "Recoupe asks for a user name and a password" in answer.text


# -- which names are served -----------------------------------------------------------------


def test_the_address_that_is_served_and_names_of_a_proxy_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RECOUPE_NAMES", "Recoupe.Example, other.example")
    assert served_names("192.168.1.5") == {
        "127.0.0.1",
        "localhost",
        "::1",
        "192.168.1.5",
        "recoupe.example",
        "other.example",
    }


def test_serving_every_address_does_not_mean_every_name() -> None:
    own = {a.address for many in psutil.net_if_addrs().values() for a in many if "." in a.address}
    names = served_names("0.0.0.0")
    assert own <= names
    assert not {"evil.example", ""} & names


# -- what readers on other machines may add -------------------------------------------------


@pytest.mark.parametrize("place", ["/etc/passwd", "~/.ssh", "file:///etc/passwd", "http://[x"])
def test_no_file_of_the_machine_is_added_from_another_one(place: str) -> None:
    desk = SharedDesk(lambda: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(RecoupeError, match="adds no files of this one"):
        list(desk.add("one", [], ["https://journal.example/a", place]))
