"""Fixed texts of reports in the languages that they can be had in.

English texts are their own keys, as with gettext. A test holds each catalogue complete and free of what is no longer said.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "ko")
CATALOGUES: Final = Path(__file__).with_name("languages")

Translate = Callable[[str], str]


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the translations into a language; none for English."""
    if language == "en":
        return {}
    texts: Mapping[str, str] = json.loads((CATALOGUES / f"{language}.json").read_text("utf-8"))
    return texts


def translator(language: str) -> Translate:
    """Return the function that gives a fixed English text in a language; a text without translation stays English."""
    texts = catalogue(language)
    return lambda text: texts.get(text, text)


ENGLISH: Final = translator("en")
