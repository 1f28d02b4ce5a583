"""Downloads a file of a hub repository at its pinned revision, resuming where it stopped.

Plain HTTPS with a Range header: the hub's own client retries for half a minute without a
network, refuses to work once the program has forbidden look-ups, and keeps a cache of its own.
Only the address comes from it, so that its settings for mirrors hold.
"""

import queue
import threading
from pathlib import Path

import httpx

from rag.models.catalog import HubSource, ModelFile
from rag.models.progress import Progress, SourceError

PROBE_SECONDS = 3.0
_STALL_SECONDS = 30.0
_ATTEMPTS = 4  # in a row without a byte


def address(source: HubSource) -> str:
    """Where the hub, or the mirror that its settings name, serves the file."""
    from huggingface_hub import hf_hub_url

    return str(hf_hub_url(source.repository, source.path, revision=source.revision))


def probe(url: str, seconds: float) -> None:
    """Ask once whether the file is there. Raises SourceError after `seconds` at the latest.

    In a thread, because the look-up of a name can outlast any time limit given to the client.
    """
    answers: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(_ask(url, seconds)), daemon=True).start()
    try:
        problem = answers.get(timeout=seconds)
    except queue.Empty:
        problem = f"timeout {seconds:g} s"
    if problem:
        raise SourceError(problem)


def download(source: HubSource, file: ModelFile, target: Path, progress: Progress) -> None:
    """Fill `target`, which may already hold the first bytes. Its hash is not checked here.

    Raises SourceError when the hub cannot be reached, stops answering, or has another file.
    """
    url = address(source)
    probe(url, PROBE_SECONDS)
    progress.expect(file.name, file.size)
    failures = 0
    while (start := _size(target)) < file.size:
        try:
            _continue(url, file, target, progress)
        except (httpx.HTTPError, OSError) as error:
            failures = 0 if _size(target) > start else failures + 1
            if failures == _ATTEMPTS or _is_final(error):
                raise SourceError(_name(error)) from None


def _client(seconds: float) -> httpx.Client:
    return httpx.Client(timeout=seconds, follow_redirects=True)


def _ask(url: str, seconds: float) -> str:
    try:
        with _client(seconds) as client:
            status = client.head(url).status_code
    except Exception as error:  # a proxy setting alone can raise ValueError or ImportError
        return _name(error)
    return "" if status < 400 else f"HTTP {status}"


def _continue(url: str, file: ModelFile, target: Path, progress: Progress) -> None:
    start = _size(target)
    headers = {"Range": f"bytes={start}-", "Accept-Encoding": "identity"}
    with _client(_STALL_SECONDS) as client, client.stream("GET", url, headers=headers) as response:
        response.raise_for_status()
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        length = int(response.headers.get("Content-Length", file.size - start))
        if (start if resumed else 0) + length != file.size:
            raise SourceError(f"{length} B, not {file.size - start} B")
        with target.open("ab" if resumed else "wb") as output:
            for chunk in response.iter_bytes():
                output.write(chunk)
                progress.report(file.name, output.tell())


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _is_final(error: Exception) -> bool:
    """Whether asking again would change nothing: the hub answered, and said no."""
    return isinstance(error, httpx.HTTPStatusError) and error.response.status_code < 500


def _name(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    return str(error) or type(error).__name__
