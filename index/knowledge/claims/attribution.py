"""Who stands behind a sentence: the company itself, a medium, an unnamed source, an analyst; or nobody but the article."""

import re
from dataclasses import dataclass

from index.knowledge.claims.document import Document, Sentence
from index.knowledge.claims.kinds import PARTIES, Kinds
from index.knowledge.claims.subjects import Focus

UNNAMED = "unnamed sources"
_ANALYSTS_AT = re.compile(r"[Aa]nalysts? (?:at|with|from) ((?:[A-Z][\w&.'-]+ ?){1,3})")
_SPEAKS, _SPEAKS_HAN = 70, 16
"""How far before a verb of saying the company stands that says it, in characters."""
_WHO = re.compile(
    r"公司|官方|[他她]|首席|总裁|董事长|高管|财报|执行长|财务长|\b(?:it|he|she|company|chipmaker|"
    r"executives?|chief|president|spokes\w+|by its|according to its)\b"
)
_ANALYST_WORD = re.compile(r"\banalysts?\b|分析师|研究机构|调研机构|研报|research firm|法人预期|compiled by|报告显示")


_NOT_BY_ANALYSTS = re.compile(
    r"told (?:the )?analysts?|analysts?' (?:estimates|expectations|forecasts|consensus)|(?:than|what) analysts"
    r"|(?:高于|低于|超过|超出|优于|好于|不及|符合)[^，。；]{0,6}(?:分析师|法人)|(?:分析师|法人)[^，。；]{0,4}预期"
)
"""Analysts who are spoken to, or whose expectations are beaten, say nothing themselves."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """``status`` is one of `index.knowledge.claims.claim.STATUSES`; ``cited`` are ids of the catalogue, or names."""

    status: str
    cited: tuple[str, ...] = ()


STATED = Attribution("stated")


def attribution_of(document: Document, sentence: Sentence, kinds: Kinds, focus: Focus, before: Attribution) -> Attribution:
    """Who says what `sentence` says. `before`: who said the sentence before it, in the same paragraph."""
    cues = sentence.cues
    media = _cited(sentence, "medium")
    analysts = _cited(sentence, "analyst")
    folded = document.folded[sentence.start : sentence.end]
    speaker = _speaker(document, sentence, kinds, focus)
    said, reported, estimated = sentence.has("said"), sentence.has("reported"), sentence.has("estimated")
    if sentence.has("denied"):
        return Attribution("denied", (speaker,) if speaker else media)
    if estimated or analysts:
        named = _ANALYSTS_AT.search(document.joined, sentence.start, sentence.end)
        if analysts or named or _ANALYST_WORD.search(_NOT_BY_ANALYSTS.sub(" ", folded)):
            names = (*analysts, *((named[1].strip(),) if named else ()))
            return Attribution("estimated", (*names, *media) if reported else names)
    if estimated and before.status == "estimated" and not speaker_named(sentence):
        return before
    if media and said and _medium_says(document, sentence):
        return Attribution("reported", media)
    if reported and (media or sentence.has("unnamed")):
        return Attribution("reported", media or (UNNAMED,))
    if media and ("according to" in folded or folded.startswith(("据", "根据"))):
        return Attribution("reported", media)
    if reported and not said:
        return Attribution("reported")
    if (said or estimated) and speaker is not None:
        return Attribution("announced", (speaker,))
    if not cues.keys() & {("said", ""), ("reported", ""), ("estimated", "")} and sentence.has("planned"):
        if before.status != "stated":
            return before
    return STATED


def _medium_says(document: Document, sentence: Sentence) -> bool:
    """Whether a medium stands right before a word of saying: The Information wrote on Tuesday that…"""
    spans = sentence.cues.get(("said", ""), ())
    return any(
        name.kind == "medium" and 0 <= start - name.end <= 8 and "\n" not in document.folded[name.end : start]
        for name in sentence.names
        for start, _ in spans
    )


def speaker_named(sentence: Sentence) -> bool:
    """Whether a company or one of its people stands in the sentence."""
    return sentence.speaks_for is not None or any(name.kind == "company" for name in sentence.names)


def _cited(sentence: Sentence, kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.id for name in sentence.names if name.kind == kind))


def _speaker(document: Document, sentence: Sentence, kinds: Kinds, focus: Focus) -> str | None:
    """The company that speaks: by one of its people, by its name beside the verb, or as "the company"."""
    if sentence.speaks_for is not None:
        return sentence.speaks_for
    verbs = sorted(span for role in ("said", "estimated") for span in sentence.cues.get((role, ""), ()))
    if not verbs:
        return None
    folded = document.folded
    for start, end in verbs:
        reach = _SPEAKS if folded[start].isascii() else _SPEAKS_HAN
        before = [name for name in sentence.names if name.end <= start and start - name.end <= reach and name.kind in PARTIES]
        if before:
            return before[-1].id
        behind = next((name for name in sentence.names if 0 <= name.start - end <= 2 and name.kind in PARTIES), None)
        if behind is not None:
            return behind.id
    if not _WHO.search(folded, sentence.start, sentence.end):
        return None
    found = focus.find(("company",))
    if found is not None:
        return found.id
    product = focus.find(("chip", "system", "software"))
    return kinds.maker.get(product.id) if product is not None else None
