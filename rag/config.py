"""Settings, read once at the edge: defaults, then the dossier's `recoupe.toml`, then `RECOUPE_*`.

Also what must be in the environment before a heavy library is imported: nothing that Recoupe
loads may look anything up on a network, nor take more of the processor than it uses.
"""

import os
import tomllib
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import SettingsError

PROJECT = Path(__file__).resolve().parent.parent

OFFLINE_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "TOKENIZERS_PARALLELISM": "false",
}
# Threads that wait for each other spin for long by default: one other busy program then makes
# the model many times slower. This short, it costs little on an idle machine.
THREAD_ENVIRONMENT = {"GOMP_SPINCOUNT": "1000"}
# A dossier may come from somebody else: it cannot itself allow its reader's questions to leave.
ONLY_FROM_ENVIRONMENT = "allow_remote_server"


def go_offline() -> None:
    """Forbid look-ups and telemetry to the libraries loaded after this, and calm their threads."""
    os.environ.update(OFFLINE_ENVIRONMENT)
    for name, value in THREAD_ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def physical_cores() -> int:
    """Cores this process may use, hyper-threads not counted: more threads only get in the way."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(psutil.cpu_count(logical=False) or 1, allowed or 1))


class Settings(BaseModel):
    """Everything that can be set; an unknown key is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dossier: Path = Path("dossier")
    models: Path = PROJECT / "models"
    embedder: str = "multilingual-e5-small"
    llm: str = "qwen2.5-coder-1.5b"
    threads: int = Field(default=0, ge=0, description="0: one per physical core")
    context_tokens: int = Field(default=4096, ge=1024)
    base_url: str = Field(default="", description="a server of models; empty: the local model")
    server_model: str = Field(default="", description="empty: the first that the server names")
    allow_remote_server: str = Field(default="", description="the host that may read articles")

    passage_tokens: int = Field(default=200, ge=40, le=400)
    top_k: int = Field(default=5, ge=1, le=20)
    candidate_k: int = Field(default=50, ge=10, le=500)
    answerable_threshold: float = Field(
        default=0, ge=0, le=1, description="0: as fitted for the language"
    )
    kv_gigabytes: float = Field(default=2.0, ge=0, description="passages kept as read; 0: none")
    warm: bool = Field(default=True, description="the page reads articles ahead while it waits")

    fetch_seconds: float = Field(default=20.0, gt=0)
    fetch_bytes: int = Field(default=10_000_000, gt=0)
    allow_private_addresses: bool = False

    @classmethod
    def load(cls, dossier: Path | None = None) -> "Settings":
        """Read the settings of `dossier` (default: `RECOUPE_DOSSIER`, else `./dossier`).

        Raises SettingsError, naming the file and the setting.
        """
        from_environment = {
            name: os.environ[f"RECOUPE_{name.upper()}"]
            for name in cls.model_fields
            if f"RECOUPE_{name.upper()}" in os.environ
        }
        folder = Path(dossier or from_environment.pop("dossier", "dossier")).expanduser().resolve()
        file = folder / "recoupe.toml"
        try:
            from_file = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
            if ONLY_FROM_ENVIRONMENT in from_file:
                raise SettingsError("server.in_file", name=ONLY_FROM_ENVIRONMENT, path=file)
            return cls.model_validate({**from_file, **from_environment, "dossier": folder})
        except ValidationError as error:
            raise SettingsError("settings.unknown", detail=first_fault(error), path=file) from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError("settings.unknown", detail=error, path=file) from None


def first_fault(error: ValidationError) -> str:
    """Where the first fault of a file is, and what: on one line."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
