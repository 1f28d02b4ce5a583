import json
import shutil
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

from rag.config import PROJECT, Settings
from rag.embed import SentenceTransformerEmbedder, cpu_flags, fastest_dtype
from rag.errors import ModelError
from rag.models import model_path
from rag.models.catalog import Encoder, ModelEntry
from rag.models.folder import small_files
from tests.e5_reference import REFERENCE, reference
from tests.tiny_models import POSITIONS, VOCABULARY, embedder_entry, lay_out_embedder

QUERIES = ["qui a rouvert le pont ?", "who reopened the bridge?"]
PASSAGES = ["le pont a rouvert samedi.", "the bridge reopened.", "samedi"]
LONG = "le pont a rouvert samedi . " * 100


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sources")


@pytest.fixture(scope="module")
def folder(sources: Path) -> Path:
    return lay_out_embedder(embedder_entry(sources), sources, sources / "models")


int8 = pytest.mark.skipif("avx2" not in cpu_flags(), reason="8-bit products need AVX2")


@pytest.fixture(scope="module")
def embedder(folder: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder.load(folder, threads=1, dtype="float32")


@pytest.fixture(scope="module")
def quick(folder: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder.load(folder, threads=2, dtype="int8")


@pytest.fixture(params=["embedder", pytest.param("quick", marks=int8)])
def either(request: pytest.FixtureRequest) -> SentenceTransformerEmbedder:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def expected(sources: Path) -> dict[str, list[dict]]:
    return reference(sources / "tiny-q4.bin", sources / "tokenizer.json", QUERIES, PASSAGES)


def test_vectors_are_those_of_the_published_weights(
    embedder: SentenceTransformerEmbedder, expected: dict[str, list[dict]]
) -> None:
    passages = np.array([entry["vector"] for entry in expected["passages"]])
    assert np.abs(embedder.encode_passages(PASSAGES) - passages).max() < 1e-3
    for entry in expected["queries"]:
        assert np.abs(embedder.encode_query(entry["text"]) - entry["vector"]).max() < 1e-3


def test_the_prefixes_reach_the_tokenizer(
    embedder: SentenceTransformerEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = embedder._encoder._model.tokenizer
    seen: list[str] = []
    real = type(tokenizer)._encode_plus

    def spy(self, text, *args, **kwargs):
        seen.extend([text] if isinstance(text, str) else text)
        return real(self, text, *args, **kwargs)

    monkeypatch.setattr(type(tokenizer), "_encode_plus", spy)
    embedder.encode_query("le pont")
    embedder.encode_passages(["samedi"])
    assert seen == ["query: le pont", "passage: samedi"]


@int8
def test_vectors_of_8_bits_are_nearly_those_of_the_published_weights(
    quick: SentenceTransformerEmbedder, expected: dict[str, list[dict]]
) -> None:
    passages = np.array([entry["vector"] for entry in expected["passages"]])
    assert (quick.encode_passages(PASSAGES) * passages).sum(axis=1).min() > 0.999
    for entry in expected["queries"]:
        assert quick.encode_query(entry["text"]) @ entry["vector"] > 0.999


@int8
def test_sums_of_8_bits_are_not_cut_where_all_weights_and_inputs_are_large() -> None:
    import torch

    from rag.encoder import _Linear

    random = torch.Generator().manual_seed(0)
    for signs in ([1, 1], [1, -1], [-1, -1]):
        layer = torch.nn.Linear(64, 16)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(signs * 32) * 0.3)
            layer.weight[:, ::2] += torch.rand(16, 32, generator=random) * 0.1
        states = torch.rand(4, 64, generator=random) * 0.1 + 0.9
        with torch.inference_mode():
            exact, found = layer(states), _Linear(layer)(states)
        torch.testing.assert_close(found, exact, rtol=0, atol=0.15)


@int8
def test_a_question_is_not_kept_waiting_by_articles_that_are_being_added(
    quick: SentenceTransformerEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = quick.encode_query(QUERIES[0])
    answered, real = threading.Event(), quick._encoder._vector

    def slow(text: str, threads: int) -> np.ndarray:
        if text.startswith("passage: "):
            assert answered.wait(timeout=60)
        return real(text, threads)

    monkeypatch.setattr(quick._encoder, "_vector", slow)
    vectors: list[np.ndarray] = []
    adding = threading.Thread(target=lambda: vectors.append(quick.encode_passages(PASSAGES * 4)))
    adding.start()
    assert (quick.encode_query(QUERIES[0]) == alone).all()
    assert adding.is_alive()
    answered.set()
    adding.join()
    assert vectors[0].shape == (12, quick.dimensions)


def test_vectors_have_unit_length_and_the_announced_shape(
    either: SentenceTransformerEmbedder,
) -> None:
    vectors = either.encode_passages(PASSAGES)
    assert vectors.shape == (len(PASSAGES), either.dimensions)
    assert vectors.dtype == either.encode_query("le").dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert either.encode_passages([]).shape == (0, either.dimensions)


def test_each_passage_keeps_its_own_vector_whatever_its_neighbours(
    either: SentenceTransformerEmbedder,
) -> None:
    many = [" ".join(["pont", "le", "samedi"][: 1 + i % 3] * (1 + i % 7)) for i in range(50)]
    alone = np.stack([either.encode_passages([text])[0] for text in many])
    np.testing.assert_allclose(either.encode_passages(many), alone, atol=1e-5)


@int8
def test_adding_an_article_again_gives_the_same_vectors_to_the_last_bit(
    quick: SentenceTransformerEmbedder, folder: Path
) -> None:
    many = [*PASSAGES, LONG] * 3
    alone = np.stack([quick.encode_passages([text])[0] for text in many])
    assert (quick.encode_passages(many) == alone).all()
    other = SentenceTransformerEmbedder.load(folder, threads=3, dtype="int8")
    assert (other.encode_passages(many) == alone).all()


def test_a_long_text_is_counted_whole_without_a_warning(
    either: SentenceTransformerEmbedder,
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert either.count_tokens(LONG) == 600
        either.encode_query("le pont")
        assert either.count_tokens(LONG) == 600
    assert either.count_tokens("") == 0


def test_a_text_beyond_the_limit_is_cut_and_not_refused(
    either: SentenceTransformerEmbedder,
) -> None:
    beginning = " ".join(LONG.split()[: POSITIONS * 2])
    either.count_tokens(LONG)
    np.testing.assert_allclose(*either.encode_passages([LONG, beginning])[:, None], atol=1e-6)


def test_questions_asked_while_articles_are_added_get_their_own_vectors(
    either: SentenceTransformerEmbedder,
) -> None:
    alone = {text: either.encode_query(text) for text in QUERIES}
    wrong: list[str] = []

    def ask(text: str) -> None:
        for _ in range(20):
            either.count_tokens(LONG)
            if not np.allclose(either.encode_query(text), alone[text], atol=1e-6):
                wrong.append(text)

    threads = [threading.Thread(target=ask, args=[text]) for text in QUERIES * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_fingerprint_changes_with_what_changes_vectors_and_with_nothing_else(
    embedder: SentenceTransformerEmbedder, folder: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    load = SentenceTransformerEmbedder.load
    assert load(copy, threads=2, dtype="float32").fingerprint == embedder.fingerprint
    dtypes = ["float32", "bfloat16", *(["int8"] if "avx2" in cpu_flags() else [])]
    assert len({load(copy, dtype=dtype).fingerprint for dtype in dtypes}) == len(dtypes)
    for name, old, new in [
        ("config_sentence_transformers.json", "query: ", "question: "),
        ("manifest.json", '"model.safetensors": "', '"model.safetensors": "0'),
        ("1_Pooling/config.json", '_tokens": true', '_sqrt_len_tokens": true'),
    ]:
        changed = shutil.copytree(folder, tmp_path / Path(name).name)
        text = (changed / name).read_text(encoding="utf-8")
        assert old in text
        (changed / name).write_text(text.replace(old, new), encoding="utf-8")
        assert load(changed, dtype="float32").fingerprint != embedder.fingerprint, name


def test_the_stronger_embedders_of_the_catalogue_load_with_their_own_pooling(
    sources: Path, tmp_path: Path
) -> None:
    """XLM-R with the vector of its first token and no prefix, as BGE-M3 has it."""
    import torch
    from safetensors.torch import save_file
    from transformers import AutoConfig, XLMRobertaModel

    encoder = Encoder(
        *("xlm-roberta", 32, 1, 2, 64, len(VOCABULARY), POSITIONS + 2, 1, 1e-5, 1),
        *("cls", "", "", POSITIONS),
    )
    entry = ModelEntry("tiny-m3", "embedder", "Tiny", "MIT", "French", 1, (), encoder)
    for name, content in small_files(entry, encoder).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    manifest["sha256"] |= {"model.safetensors": "", "tokenizer.json": ""}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    shutil.copy(sources / "tokenizer.json", tmp_path)
    config = AutoConfig.from_pretrained(tmp_path)
    model = XLMRobertaModel(config).eval()
    save_file(model.state_dict(), tmp_path / "model.safetensors", {"format": "pt"})

    embedder = SentenceTransformerEmbedder.load(tmp_path, dtype="float32")
    ids = [0, *(VOCABULARY.index(word) for word in PASSAGES[1].rstrip(".").split()), 8, 2]
    with torch.inference_mode():
        expected = model(torch.tensor([ids])).last_hidden_state[0, 0].numpy()
    expected /= np.linalg.norm(expected)
    np.testing.assert_allclose(embedder.encode_query(PASSAGES[1]), expected, atol=1e-5)
    np.testing.assert_allclose(embedder.encode_passages([PASSAGES[1]])[0], expected, atol=1e-5)


def test_the_type_is_the_quickest_that_the_cpu_has_units_for() -> None:
    assert fastest_dtype(frozenset(), "bert") == "float32"
    assert fastest_dtype(frozenset({"sse4_2", "avx"}), "bert") == "float32"
    assert fastest_dtype(frozenset({"avx2", "avx512f"}), "bert") == "int8"
    assert fastest_dtype(frozenset({"avx2", "avx512_bf16"}), "bert") == "int8"
    assert fastest_dtype(frozenset({"avx2", "amx_tile", "amx_bf16"}), "bert") == "bfloat16"


def test_a_model_never_measured_with_8_bits_keeps_the_precision_of_its_library() -> None:
    assert fastest_dtype(frozenset({"avx2"}), "xlm-roberta") == "float32"
    assert fastest_dtype(frozenset({"avx2", "avx512_bf16"}), "xlm-roberta") == "bfloat16"


@pytest.mark.parametrize(
    ("flags", "dtype"), [("sse4_2", "float32"), pytest.param("avx2", "int8", marks=int8)]
)
def test_without_being_asked_it_takes_the_quickest_type(
    folder: Path, monkeypatch: pytest.MonkeyPatch, flags: str, dtype: str
) -> None:
    monkeypatch.setattr("rag.embed.cpu_flags", lambda: frozenset({flags}))
    load = SentenceTransformerEmbedder.load
    assert load(folder).fingerprint == load(folder, dtype=dtype).fingerprint


@pytest.mark.parametrize("missing", ["model.safetensors", "tokenizer.json", "manifest.json"])
def test_a_folder_that_does_not_load_is_named(folder: Path, tmp_path: Path, missing: str) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / missing).unlink()
    with pytest.raises(ModelError, match=str(copy)):
        SentenceTransformerEmbedder.load(copy)


@pytest.mark.model
def test_the_real_vectors_match_the_reference() -> None:
    settings = Settings()
    folder = model_path(settings.embedder, settings.models)
    embedder = SentenceTransformerEmbedder.load(folder, dtype="float32")
    expected = json.loads(REFERENCE.read_text(encoding="utf-8"))
    for entry in expected["queries"]:
        assert np.abs(embedder.encode_query(entry["text"]) - entry["vector"]).max() < 1e-3
    passages = expected["passages"]
    vectors = embedder.encode_passages([entry["text"] for entry in passages])
    assert np.abs(vectors - [entry["vector"] for entry in passages]).max() < 1e-3


@int8
@pytest.mark.model
def test_the_real_vectors_of_8_bits_point_where_the_librarys_do() -> None:
    from sentence_transformers import SentenceTransformer

    settings = Settings()
    folder = model_path(settings.embedder, settings.models)
    texts = [path.read_text(encoding="utf-8") for path in sorted((PROJECT / "seeds").glob("*.md"))]
    texts += [text[:600] for text in texts] + [text[600:660] for text in texts]
    library = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    expected = library.encode(texts, prompt_name="passage")
    embedder = SentenceTransformerEmbedder.load(folder, dtype="int8")
    cosines = (embedder.encode_passages(texts) * expected).sum(axis=1)
    assert cosines.mean() > 0.998
    assert cosines.min() > 0.995


@pytest.mark.model
def test_a_question_finds_its_answer_in_the_other_language(
    real_embedder: SentenceTransformerEmbedder,
) -> None:
    passages = real_embedder.encode_passages(
        [
            "The mayor reopened the stone bridge on Saturday.",
            "The team lost its third match in a row.",
            "Milk prices rose by four percent in a year.",
        ]
    )
    scores = passages @ real_embedder.encode_query("Qui a rouvert le pont de pierre ?")
    assert scores.argmax() == 0
