"""The words that the page's own scripts show, most of them in the place of Gradio's.

Gradio writes in the language of the browser, and some words in English whatever that is, while
the reader may have chosen another language for the page. `gr.I18n` changes neither: it adds words
of an application's own. So what Gradio says of itself is hidden or replaced: see `reword` in
recoupe.js, and `--uploading` in recoupe.css.
"""

import json

from rag.messages import message
from rag.types import LANGUAGES, Language

WORDS = {  # as the scripts call them
    "chooseFiles": "page.choose_files",
    "moreFiles": "page.more_files",
    "clearFiles": "page.clear_files",
    "removeFile": "page.remove_file",
    "uploading": "page.uploading",
    "error": "page.error",
    "close": "page.close_notice",
    "lostTitle": "page.lost_title",
    "lost": "page.lost",
    "uploadFailed": "page.upload_failed",
}


def words(language: Language) -> dict[str, str]:
    """What the scripts say in `language`; "{name}" stays, for them to fill."""
    return {name: message(key, language, name="{name}") for name, key in WORDS.items()}


def starting() -> str:
    """JavaScript: a function of a language that begins, or goes on, in it."""
    both = json.dumps({language: words(language) for language in LANGUAGES}, ensure_ascii=False)
    return f"(one) => {{ recoupe.start(one, ({both})[one]); recoupeArticles.start(); }}"
