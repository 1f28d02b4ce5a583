"""What a user does after set-up, as one program: ask on the command line, then on the page.

Run by test_offline.py, where it can in a network namespace that has nothing but a loopback.
Prints one JSON object: {"answer": …, "page": text of the answer on the page}.
"""

import fcntl
import json
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import httpx

SIOCSIFFLAGS = 0x8914
UP_AND_RUNNING = 0x41
SECONDS = 600  # the models may have to be loaded by a busy machine


def bring_loopback_up() -> None:
    """In a new namespace it is down, and the page could not be served."""
    with socket.socket() as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", UP_AND_RUNNING))


def recoupe(*arguments: str) -> list[str]:
    """The command line, as installed."""
    return [str(Path(sys.executable).with_name("recoupe")), *arguments]


def ask(question: str, dossier: str) -> dict[str, object]:
    """The answer that `recoupe ask --json` prints."""
    command = recoupe("ask", question, "--dossier", dossier, "--json")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return dict(json.loads(done.stdout))


def ask_on_the_page(question: str, dossier: str) -> str:
    """The answer that the page shows, in a browser."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    server = subprocess.Popen(
        recoupe("serve", "--port", port, "--no-browser", "--dossier", dossier),
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}", server)
        return in_the_browser(f"http://127.0.0.1:{port}", question)
    finally:
        server.terminate()
        server.wait()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the page is served."""
    end = time.monotonic() + SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            httpx.get(address, trust_env=False).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.2)
    sys.exit("the page was not served")


def in_the_browser(address: str, question: str) -> str:
    """Ask, and wait for the answer with its numbered sources."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.goto(address)
        page.locator("#question textarea").fill(question)
        page.locator("#ask").click()
        page.locator("#answer a").first.wait_for()
        text = page.locator("#answer").inner_text()
        browser.close()
        return text


def main() -> None:
    how, question, dossier = sys.argv[1:]
    if how == "alone":
        bring_loopback_up()
    answer = ask(question, dossier)
    print(json.dumps({"answer": answer, "page": ask_on_the_page(question, dossier)}))


main()
