"""The main text of a page."""

import re
from dataclasses import dataclass
from itertools import accumulate

import trafilatura
from lxml import html

from crawlers.furniture import Role
from crawlers.outline import Outline, Paragraph, outline_of

_APART = Role.FURNITURE | Role.UNSEEN
MIN_BODY = 200


@dataclass(frozen=True, slots=True)
class Body:
    text: str
    captions: tuple[str, ...] = ()


def main_body(tree: html.HtmlElement, url: str | None, title: str = "") -> Body:
    page = outline_of(tree)
    mark(page)
    node = container(page)
    kept, captions = [], []
    for p in page.paragraphs[page.start[node] : page.end[node]]:
        if p.outside:
            continue
        if p.caption:
            captions.append(p.text)
        else:
            kept.append(p)
    text = "\n".join(p.text for p in kept)
    return Body(text, tuple(captions))


def mark(page: Outline) -> None:
    paragraphs = page.paragraphs
    whole = page.sums[-1]
    for i, role in enumerate(page.roles):
        if role & Role.COMMENTS and not role & Role.ARTICLE and page.mass(i) < 0.85 * whole:
            for p in paragraphs[page.start[i] : page.end[i]]:
                p.outside = True
    resum(page)
    whole = page.sums[-1]
    for i, role in enumerate(page.roles):
        start = page.start[i]
        if start == page.end[i] or not role or paragraphs[start].outside and paragraphs[page.end[i]-1].outside:
            continue
        mass = page.mass(i)
        if role & Role.CAPTION and mass < 0.3 * whole:
            for p in paragraphs[start : page.end[i]]:
                if p.tag not in ("row", "pre", "blockquote"):
                    p.caption = True
        elif role & _APART and not role & (Role.ARTICLE | Role.BODY) and mass < 0.35 * whole:
            for p in paragraphs[start : page.end[i]]:
                p.outside = True
        elif role & (Role.STAMP | Role.HEADER) and mass < 0.35 * whole:
            for p in paragraphs[start : page.end[i]]:
                p.stamp = True
                if not p.mass:
                    p.outside = True
    resum(page)


def resum(page: Outline) -> None:
    page.sums = list(accumulate((0 if p.outside or p.caption else p.mass for p in page.paragraphs), initial=0))


def container(page: Outline) -> int:
    children: dict[int, list[int]] = {}
    for i, parent in enumerate(page.parent):
        if page.mass(i):
            children.setdefault(parent, []).append(i)
    node = 0
    whole = page.mass(0)
    while True:
        mass = page.mass(node)
        options = children.get(node, [])
        best = max(options, key=page.mass, default=None)
        if best is None:
            return node
        share = page.mass(best) / mass
        flag = page.roles[best] & (Role.BODY | Role.ARTICLE)
        tag = page.elements[best].tag
        if tag in ("p", "blockquote", "li", "pre"):
            return node
        if share >= 0.8 or (flag and share >= 0.5):
            node = best
            continue
        flagged = [c for c in options if page.roles[c] & (Role.BODY | Role.ARTICLE) and page.mass(c) >= 0.3 * mass]
        if flagged:
            node = flagged[0]
            continue
        return node


def tidy(text: str) -> str:
    """One blank line between paragraphs, no trailing spaces, no control characters or lone surrogates."""
    clean = "".join(c for c in text if c == "\n" or (c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF) or c == "\t")
    lines = [" ".join(line.split()) for line in clean.splitlines()]
    return "\n\n".join(line for line in lines if line)
