"""The languages of the interface: its words, dates and numbers. English is written in the templates, others are data.

Which one a reader gets: what they chose (a cookie), else what their browser asks for.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "words"
COOKIE = "language"
NAMES = {"en": "English", "zh": "简体中文"}
_TAGS = {"en": "en", "zh": "zh-Hans"}
ARTICLE_LANGUAGES = {"en": "English", "zh": "中文"}


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the interface. ``words``: what is said for each English text; what is missing stays English."""

    code: str
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """For ``<html lang>``."""
        return _TAGS[self.code]

    def say(self, text: str, /, **values: object) -> str:
        """`text` in this language, with ``{names}`` filled in."""
        said = self.words.get(text, text)
        return said.format(**values) if values else said

    def count(self, number: int, one: str, many: str) -> str:
        """``{n}`` things: `one` and `many` are the English forms; other languages are looked up by `many`."""
        text = one if number == 1 and self.code == "en" else self.words.get(many, many)
        return text.format(n=f"{number:,}")

    def date(self, moment: datetime) -> str:
        """14 Nov 2023; 2023年11月14日."""
        if self.code == "zh":
            return f"{moment.year}年{moment.month}月{moment.day}日"
        return f"{moment.day} {moment:%b %Y}"

    def short_date(self, moment: datetime) -> str:
        """14 Nov; 11月14日."""
        return f"{moment.month}月{moment.day}日" if self.code == "zh" else f"{moment.day} {moment:%b}"

    def month(self, moment: datetime) -> str:
        """Nov 2023; 2023年11月."""
        return f"{moment.year}年{moment.month}月" if self.code == "zh" else f"{moment:%b %Y}"

    def article_language(self, code: str) -> str:
        return ARTICLE_LANGUAGES.get(code) or self.say("Other")


def choose(cookie: str | None, accepted: str | None) -> Language:
    """The language of a request from its cookie and its Accept-Language header, which may be anything."""
    if cookie in NAMES:
        return language(str(cookie))
    best, weight = "en", 0.0
    for part in (accepted or "")[:500].split(","):
        tag, _, quality = part.strip().partition(";")
        code = tag.split("-")[0].lower()
        try:
            q = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if code in NAMES and q > weight:
            best, weight = code, q
    return language(best)


@cache
def language(code: str) -> Language:
    path = FOLDER / f"{code}.toml"
    return Language(code, tomllib.loads(path.read_text("utf-8")) if path.is_file() else {})
