"""Folding for matching: one character in, one character out, so that offsets in the folded text are offsets in the text."""

from functools import cache

from opencc import OpenCC

_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FFF


@cache
def _table() -> dict[int, str]:
    """Full-width forms to ASCII, traditional characters to simplified ones (OpenCC's character table)."""
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table[0x3000] = table[0xA0] = " "
    for dash in (0x2010, 0x2011, 0x2012, 0x2013):
        table[dash] = "-"
    for apostrophe in (0x2018, 0x2019):
        table[apostrophe] = "'"
    han = [chr(code) for code in range(_FIRST_HAN, _LAST_HAN + 1)]
    simplified = OpenCC("t2s").convert("\n".join(han)).split("\n")
    table.update({ord(old): new for old, new in zip(han, simplified, strict=True) if old != new and len(new) == 1})
    return table


def fold(text: str) -> str:
    """Return `text` for matching: lower case, half-width, simplified characters; always of the same length.

    Lower-casing a few letters would lengthen the text (İ); those are left as they are.
    """
    folded = text.translate(_table())
    lowered = folded.lower()
    if len(lowered) == len(folded):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in folded)


def fold_width_and_script(text: str) -> str:
    """`fold` without lower-casing: for names in which capitals count (Arm, Meta). Same length as `text`."""
    return text.translate(_table())
