"""The models: what the catalogue knows of each, where they lie, how they get there.

`models/catalog.toml` names every file with its SHA-256; nothing is loaded that was not compared
with it. Weights are safetensors or GGUF, never pickle.
"""

from rag.models.catalog import ModelEntry, find_model, load_catalog
from rag.models.installed import fingerprint, is_present, model_path, verify
from rag.models.provision import pull

__all__ = [
    "ModelEntry",
    "find_model",
    "fingerprint",
    "is_present",
    "load_catalog",
    "model_path",
    "pull",
    "verify",
]
