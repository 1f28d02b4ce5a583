"""No language model: the sentence of the retrieved passages that is closest to the question."""

import time
from collections.abc import Mapping

import numpy as np

from eval.systems import Bench
from eval.systems.parts import Retrieving, found
from eval.types import Cited, Claim, Question, Reply, Result
from rag.compose import refusal
from rag.language import detect
from rag.sentences import sentences


class ExtractSystem(Retrieving):
    """Answers with an article's own sentence, in its language; refuses only an empty dossier."""

    name = "extract"

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.load: Mapping[str, float] = {}
        self._embedder = bench.embedder

    def answer(self, question: Question) -> Result:
        started = time.perf_counter()
        language = detect(question.text)
        hits = self._hits(question, language, self._top_k)
        listed = tuple(found(hit) for hit in hits)
        times = {"hits": time.perf_counter() - started}
        candidates = [
            (hit, hit.passage.start + start, hit.passage.start + end)
            for hit in hits
            for start, end in sentences(hit.passage.text, hit.document.language)
        ]
        if not candidates:
            reply = Reply(refusal(language), language, refused=True)
        else:
            texts = [hit.document.text[start:end] for hit, start, end in candidates]
            closeness = self._embedder.encode_passages(texts) @ self._embedder.encode_query(
                question.text
            )
            best = int(np.argmax(closeness))
            hit, start, end = candidates[best]
            reply = Reply(
                text=texts[best],
                language=hit.document.language,
                refused=False,
                claims=(Claim(texts[best], (1,)),),
                citations=(Cited(1, hit.document.id, start, end, texts[best]),),
            )
        times["first_text"] = times["done"] = time.perf_counter() - started
        return Result("", question.id, self.name, reply, listed, times=times)

    def close(self) -> None:
        """Nothing is held."""
