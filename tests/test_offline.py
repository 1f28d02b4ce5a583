"""After set-up nothing needs a network, and nothing tries to reach one."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rag.config import PROJECT

OFFLINE = PROJECT / "tests" / "offline"
QUESTION = "When does the old bridge close?"
ARTICLE = """---
title: The old bridge closes
outlet: River Post
date: 2024-03-05
language: en
---
The old bridge closes on Monday. It was built in 1921, of stone from the quarry of Arlon.
"""

pytestmark = [
    pytest.mark.model,
    pytest.mark.browser,
    pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="needs Debian's Chromium"),
]


@dataclass(frozen=True)
class Session:
    """What came of a user's session, and what it tried to reach."""

    answer: dict[str, Any]
    page: str
    attempts: list[str]


def can_be_alone() -> bool:
    """Whether this user may make a network namespace."""
    unshare = shutil.which("unshare")
    return bool(unshare) and not subprocess.run([unshare, "-n", "true"], check=False).returncode


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("offline")
    (folder / "article.md").write_text(ARTICLE, encoding="utf-8")
    log = folder / "network.log"
    log.touch()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("RECOUPE_")
    }
    environment |= {"PYTHONPATH": str(OFFLINE), "RECOUPE_NETWORK_LOG": str(log)}
    recoupe = str(Path(sys.executable).with_name("recoupe"))
    dossier = str(folder / "dossier")
    added = [recoupe, "add", str(folder / "article.md"), "--dossier", dossier]
    subprocess.run(added, env=environment, check=True)
    alone = can_be_alone()
    done = subprocess.run(
        [
            *(["unshare", "-n"] if alone else []),
            *(sys.executable, str(OFFLINE / "session.py"), "alone" if alone else "as it is"),
            *(QUESTION, dossier),
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    attempts = log.read_text(encoding="utf-8").splitlines()
    return Session(result["answer"], result["page"], attempts)


def test_a_question_is_answered_on_the_command_line(session: Session) -> None:
    assert "Monday" in session.answer["text"]
    assert session.answer["citations"][0]["outlet"] == "River Post"


def test_a_question_is_answered_on_the_page(session: Session) -> None:
    assert "Monday" in session.page


def test_nobody_tries_to_reach_a_network(session: Session) -> None:
    assert session.attempts == []


def test_an_attempt_would_have_been_seen(tmp_path: Path) -> None:
    log = tmp_path / "network.log"
    environment = {**os.environ, "PYTHONPATH": str(OFFLINE), "RECOUPE_NETWORK_LOG": str(log)}
    program = (
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    )
    subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert log.read_text(encoding="utf-8") == "socket.connect 192.0.2.1\n"
