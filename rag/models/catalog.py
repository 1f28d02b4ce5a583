"""The catalogue of models: `models/catalog.toml`, checked as it is read."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from rag.config import PROJECT, first_fault
from rag.errors import ModelError

CATALOG = PROJECT / "models" / "catalog.toml"

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, config=_STRICT)
class HubSource:
    """A file of a hub repository at one revision."""

    repository: str
    revision: str
    path: str

    def __str__(self) -> str:
        return f"{self.repository}@{self.revision[:8]}"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Wheel:
    """A data file inside a wheel of the package index; `size` and `sha256` are the wheel's."""

    project: str
    version: str
    size: int
    sha256: str
    member: str
    platform: str = "any"

    def __str__(self) -> str:
        return f"{self.project}=={self.version}"

    @property
    def filename(self) -> str:
        """The name under which the wheel is kept until the model is whole."""
        return f"{self.project}-{self.version}.whl"


@dataclass(frozen=True, slots=True, config=_STRICT)
class WheelSource:
    """Members of wheels which, one after the other, make the file."""

    wheels: tuple[Wheel, ...]

    def __str__(self) -> str:
        return "pip"


Source = HubSource | WheelSource


@dataclass(frozen=True, slots=True, config=_STRICT)
class ModelFile:
    """A file to download: what it must be, and its sources in the order to try them."""

    name: str
    size: int
    sha256: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, config=_STRICT)
class Weights:
    """What `model.safetensors` must be where it is unpacked from the file `unpacked_from`."""

    unpacked_from: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, config=_STRICT)
class Encoder:
    """What a sentence-transformers folder says of its encoder."""

    model_type: Literal["bert", "xlm-roberta"]
    hidden_size: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    pad_token_id: int
    pooling: Literal["mean", "cls"]
    query_prompt: str
    passage_prompt: str
    max_tokens: int
    weights: Weights | None = None


@dataclass(frozen=True, slots=True, config=_STRICT)
class ModelEntry:
    """One model. A language model is one file of `models/`, an embedder one folder."""

    name: str
    kind: Literal["llm", "embedder"]
    title: str
    licence: str
    languages: str
    ram_gb: float
    files: tuple[ModelFile, ...]
    encoder: Encoder | None = None

    @property
    def size(self) -> int:
        """Bytes of its files before anything is unpacked."""
        return sum(file.size for file in self.files)

    @property
    def path(self) -> str:
        """Its name inside the folder of models."""
        return self.name if self.encoder else self.files[0].name


@cache
def load_catalog(path: Path = CATALOG) -> tuple[ModelEntry, ...]:
    """Every model of the catalogue, in its order. Raises ModelError, naming the file."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return TypeAdapter(tuple[ModelEntry, ...]).validate_python(raw.get("model", []))
    except ValidationError as error:
        raise ModelError("models.catalog", path=path, detail=first_fault(error)) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError("models.catalog", path=path, detail=error) from None


def find_model(name: str) -> ModelEntry:
    """The entry called `name`. Raises ModelError, naming those that exist."""
    for entry in load_catalog():
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in load_catalog())
    raise ModelError("models.unknown", name=name, known=known)
