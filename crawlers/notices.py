"""What a publisher says to its readers amid an article: subscribe, follow us, read also, all rights reserved, 仅供参考.

The wordings are in ``notices.toml``. Only short paragraphs are looked at, and most wordings count only where they begin one,
because an article may well be about a newsletter.
"""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

_WORDINGS = tomllib.loads(Path(__file__).with_name("notices.toml").read_text(encoding="utf-8"))
_SHORT, _BRIEF, _CREDIT_LINE, _HEADING, _NOTE = 420, 320, 160, 60, 600
"""Columns. A longer paragraph is the article's own, whatever its words."""
_QUOTED = ("“", "”", '"', "‘", "'", "「", "『")


def _any(key: str, before: str = "", after: str = "") -> re.Pattern[str]:
    return re.compile(f"{before}(?:{'|'.join(_WORDINGS[key])}){after}", re.IGNORECASE)


_WHOLE = _any("whole", r"[\W_]*", r"[\W_]*")
_BEGINNING = _any("beginning", r"[\W_]*")
_CREDIT = _any("credit", r"[\W_]*")
_ANYWHERE = _any("anywhere")
_SUBJECTS = re.compile(
    r"\b(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _WORDINGS["subjects"].items()) + r")\b", re.IGNORECASE
)
_ADDRESS = re.compile(r"\b(?:you|your|you['’]re|our|us|we|please|here)\b", re.IGNORECASE)
_EDITOR = re.compile(r"(?:责任编辑|責任編輯|责编|責編)\s?[:：/／丨|]")
_EDITOR_WITHIN = 60
"""Characters of an imprint before its editor: 本文来源：…  责任编辑：…"""
_STOP = re.compile("[。！？!?]")
_PASSING = {"story", "network"}
"""Subjects that news has often enough together."""
_NAME = r"(?:[A-Z][\w.'’-]+ ){1,4}"
_AUTHOR = re.compile(
    r"[\W_]*(?:(?:[Aa]bout the author|[Tt]he (?:author|writer) (?:is|has|can)"
    rf"|{_NAME}(?:writes|covers|reports|contributed|blogs)\b)"
    r"|(?:[Aa]dditional reporting|[Rr]eporting|[Ww]riting|[Ee]dit(?:ing|ed)|[Cc]ompiled|[Tt]ranslated) by\b"
    rf"|{_NAME}(?:is|was|has been) (?:an?|the|our|currently|professor|assistant|associate|senior|director|editor|founder)\b"
    r".{0,120}\b(?:writer|reporter|editor|journalist|correspondent|columnist|contributor|author|blogger|founder|consultant"
    r"|professor|lecturer|fellow|freelance\w*|staff|producer|expert|analyst|director)\b)"
)


def is_notice(text: str, width: int, heading: bool = False) -> bool:
    """Whether a paragraph is the publisher's word to the reader and no part of the article.

    Args:
        width: columns; a Chinese character takes two.
        heading: it is a heading, which is judged by its first words only.
    """
    return width <= _SHORT and _is_notice(text, width, heading)


@lru_cache(maxsize=4096)
def _is_notice(text: str, width: int, heading: bool) -> bool:
    # A page's paragraphs are asked for twice, and a site's notices stand in all of its pages.
    if _WHOLE.fullmatch(text):
        return True
    if heading:
        return width <= _HEADING and _BEGINNING.match(text) is not None
    if width <= _CREDIT_LINE and _CREDIT.match(text):
        return True
    if text.startswith(_QUOTED):
        return False
    if _BEGINNING.match(text):
        return True
    editor = _EDITOR.search(text, 0, _EDITOR_WITHIN + 6)
    if editor is not None and _STOP.search(text, 0, editor.start()) is None:
        return True
    if width > _BRIEF:
        return False
    if _ANYWHERE.search(text):
        return True
    if not _ADDRESS.search(text):
        return False
    subjects = {match.lastgroup for match in _SUBJECTS.finditer(text)}
    return len(subjects) > 2 or (len(subjects) == 2 and not subjects <= _PASSING)


def is_author_note(text: str, width: int) -> bool:
    """Whether a paragraph at the end of an article tells who wrote it."""
    return width <= _NOTE and _AUTHOR.match(text) is not None
