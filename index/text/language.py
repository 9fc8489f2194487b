"""Which of the two languages a text is in."""

import re

from index.text.tokens import HAN

_HAN = re.compile(f"[{HAN}]")
_KANA_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
_LATIN = re.compile("[A-Za-z]")
_ENGLISH = re.compile(
    r"\b(?:the|of|and|to|in|is|for|that|on|with|as|by|at|from|its|are|was|will|has|it|this|be)\b", re.IGNORECASE
)
_SAMPLE = 4000


def detect_language(text: str) -> str:
    """``zh``, ``en`` or ``und`` (neither, or too little to tell), from the scripts and commonest words of the text.

    Chinese chip news is full of Latin names, so a Chinese character counts as much as four letters. A statistical
    detector adds nothing for two languages of different scripts, and py3langid takes 0.8 s to its first answer.
    """
    sample = text[:_SAMPLE]
    han, kana, latin = (len(pattern.findall(sample)) for pattern in (_HAN, _KANA_HANGUL, _LATIN))
    if kana > han * 0.2:
        return "und"
    if han * 4 >= latin and han > 0:
        return "zh"
    words = latin / 5
    if latin and (words < 12 or len(_ENGLISH.findall(sample)) >= words * 0.08):
        return "en"
    return "und"
