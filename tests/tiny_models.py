"""Models of a few kilobytes with the formats of the real ones, and wheels that carry them."""

import base64
import struct
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from rag.models.catalog import Encoder, ModelEntry, ModelFile, Source, Weights, Wheel, WheelSource
from rag.models.e5_file import write_safetensors
from rag.models.folder import small_files

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS = 64, 2, 4, 128, 40
VOCABULARY = [
    *("<s>", "<pad>", "</s>", "<unk>", "query", "passage", ":", "?", "."),
    *("le", "pont", "a", "rouvert", "samedi", "qui", "the", "bridge", "reopened", "who"),
]


def write_tokenizer(path: Path) -> Path:
    """One token a word, `<s> … </s>` around, as XLM-R has it."""
    ids = {word: i for i, word in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(path))
    return path


def write_e5_file(path: Path, seed: int = 0) -> Path:
    """A 4-bit file of the same format with random weights."""
    random = np.random.default_rng(seed)
    table, blobs = [], []

    def add(name: str, count: int, four_bit: bool, center: float = 0.0) -> None:
        if four_bit:
            scales = random.uniform(0.02, 0.05, (count // 32, 1)).astype("<f2").view(np.uint8)
            nibbles = random.integers(0, 256, (count // 32, 16), dtype=np.uint8)
            blob = np.concatenate([scales.reshape(-1, 2), nibbles], axis=1).tobytes()
        else:
            blob = (center + random.normal(0, 0.1, count)).astype("<f4").tobytes()
        table.append((name, int(four_bit), count, len(blob)))
        blobs.append(blob)

    add("emb.word", len(VOCABULARY) * HIDDEN, True)
    add("emb.pos", POSITIONS * HIDDEN, False)
    add("emb.type", 2 * HIDDEN, False)
    add("emb.ln.w", HIDDEN, False, 1)
    add("emb.ln.b", HIDDEN, False)
    for layer in range(LAYERS):
        sizes = {name: (HIDDEN, HIDDEN) for name in ("q", "k", "v", "ao")}
        sizes |= {"fi": (FEED_FORWARD, HIDDEN), "fo": (HIDDEN, FEED_FORWARD)}
        for name, (outputs, inputs) in sizes.items():
            add(f"l{layer}.{name}.w", outputs * inputs, True)
            add(f"l{layer}.{name}.b", outputs, False)
        for name in ("aln", "oln"):
            add(f"l{layer}.{name}.w", HIDDEN, False, 1)
            add(f"l{layer}.{name}.b", HIDDEN, False)

    sizes = (HIDDEN, LAYERS, HEADS, FEED_FORWARD, len(VOCABULARY), POSITIONS, 2)
    head = struct.pack("<4sI7ifi", b"E5S1", 1, *sizes, 1e-12, 32)
    head += struct.pack("<5iQ", 2, 0, 2, 1, 3, 3) + bytes(4 * 3 + 4 * 2) + b"abc"
    head += struct.pack("<iI", 1, 5) + b"norms" + struct.pack("<i", len(table))
    offset = len(head) + sum(2 + len(name) + 21 for name, *_ in table)
    for name, kind, count, length in table:
        head += struct.pack(f"<H{len(name)}s", len(name), name.encode())
        head += struct.pack("<BIQQ", kind, count, offset, length)
        offset += length
    path.write_bytes(head + b"".join(blobs))
    return path


def build_wheel(folder: Path, project: str, data: bytes, code: str = "") -> Wheel:
    """A wheel of version 1.0 that carries `data` beside a package made of `code`."""
    package = project.replace("-", "_")
    info = f"{package}-1.0.dist-info"
    files = {
        f"{package}/__init__.py": code.encode(),
        f"{package}/data/part.bin": data,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},{_digest(content)},{len(content)}\n" for name, content in files.items()
    )
    path = folder / f"{package}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**files, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    raw = path.read_bytes()
    return Wheel(project, "1.0", len(raw), sha256(raw).hexdigest(), f"{package}/data/part.bin")


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"


def llm_entry(content: bytes, *sources: Source) -> ModelEntry:
    """A language model whose one file has this content."""
    file = ModelFile("tiny.gguf", len(content), sha256(content).hexdigest(), sources)
    return ModelEntry("tiny", "llm", "Tiny", "MIT", "French and English", 1, (file,))


def embedder_entry(folder: Path, index: Path | None = None) -> ModelEntry:
    """The tiny embedder, its two files written in `folder` and, if given, in wheels of `index`."""
    weights = write_e5_file(folder / "tiny-q4.bin")
    tokenizer = write_tokenizer(folder / "tokenizer.json")
    unpacked = folder / "unpacked"
    write_safetensors(weights, unpacked)

    def file(path: Path, project: str) -> ModelFile:
        content = path.read_bytes()
        sources = (WheelSource((build_wheel(index, project, content),)),) if index else ()
        return ModelFile(path.name, len(content), sha256(content).hexdigest(), sources)

    raw = unpacked.read_bytes()
    encoder = Encoder(
        *("bert", HIDDEN, LAYERS, HEADS, FEED_FORWARD, len(VOCABULARY), POSITIONS, 2),
        *(1e-12, 1, "mean", "query: ", "passage: ", POSITIONS),
        Weights("tiny-q4.bin", len(raw), sha256(raw).hexdigest()),
    )
    files = (file(weights, "tiny-weights"), file(tokenizer, "tiny-tokenizer"))
    return ModelEntry("tiny-e5", "embedder", "Tiny", "MIT", "French and English", 1, files, encoder)


def lay_out_embedder(entry: ModelEntry, sources: Path, models_folder: Path) -> Path:
    """Put the folder of `embedder_entry(sources)` where a pull would."""
    assert entry.encoder
    folder = models_folder / entry.path
    folder.mkdir(parents=True)
    write_safetensors(sources / "tiny-q4.bin", folder / "model.safetensors")
    (folder / "tokenizer.json").write_bytes((sources / "tokenizer.json").read_bytes())
    for name, content in small_files(entry, entry.encoder).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
