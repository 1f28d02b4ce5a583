"""The sentence-transformers folder of an embedder: every small file follows from the catalogue.

So that the folder can be verified whole: the weights and the tokenizer have their SHA-256 in the
catalogue, and the rest must be, to the byte, what is written here.
"""

import json
from hashlib import sha256

from rag.models.catalog import Encoder, ModelEntry

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
MANIFEST = "manifest.json"

_SPECIAL_TOKENS = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "cls_token": "<s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "mask_token": "<mask>",
}


def small_files(entry: ModelEntry, encoder: Encoder) -> dict[str, bytes]:
    """`{path in the folder: its bytes}`, all but the weights and the tokenizer."""
    contents = {
        "config.json": _config(encoder),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": encoder.max_tokens,
            **_SPECIAL_TOKENS,
        },
        "modules.json": _modules(),
        "1_Pooling/config.json": {
            "word_embedding_dimension": encoder.hidden_size,
            "pooling_mode_mean_tokens": encoder.pooling == "mean",
            "pooling_mode_cls_token": encoder.pooling == "cls",
        },
        "sentence_bert_config.json": {"max_seq_length": encoder.max_tokens},
        "config_sentence_transformers.json": {
            "prompts": {"query": encoder.query_prompt, "passage": encoder.passage_prompt},
            "similarity_fn_name": "cosine",
        },
    }
    files = {name: _json(content) for name, content in contents.items()}
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    manifest = {"model": entry.name, "sha256": {**hashes, **_large_hashes(entry, encoder)}}
    return {**files, MANIFEST: _json(manifest)}


def large_files(entry: ModelEntry, encoder: Encoder) -> dict[str, tuple[int, str]]:
    """`{path in the folder: (size, SHA-256)}` of the weights and the tokenizer."""
    files = {file.name: (file.size, file.sha256) for file in entry.files}
    if encoder.weights:
        del files[encoder.weights.unpacked_from]
        files[WEIGHTS] = (encoder.weights.size, encoder.weights.sha256)
    return files


def _large_hashes(entry: ModelEntry, encoder: Encoder) -> dict[str, str]:
    return {name: sha for name, (_, sha) in large_files(entry, encoder).items()}


def _config(encoder: Encoder) -> dict[str, object]:
    return {
        "architectures": ["BertModel" if encoder.model_type == "bert" else "XLMRobertaModel"],
        "model_type": encoder.model_type,
        "hidden_size": encoder.hidden_size,
        "num_hidden_layers": encoder.layers,
        "num_attention_heads": encoder.heads,
        "intermediate_size": encoder.feed_forward,
        "vocab_size": encoder.vocabulary,
        "max_position_embeddings": encoder.positions,
        "type_vocab_size": encoder.token_types,
        "layer_norm_eps": encoder.epsilon,
        "hidden_act": "gelu",
        "pad_token_id": encoder.pad_token_id,
        "dtype": "float32",
    }


def _modules() -> list[dict[str, object]]:
    kinds = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize"}
    return [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(kinds.items())
    ]


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()
