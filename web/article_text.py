"""An article's text as paragraphs of HTML: mentions linked, Chinese words with their English, everything escaped."""

from dataclasses import dataclass

from markupsafe import Markup, escape

from index.knowledge.gloss import Glosser
from index.views import ArticleView

_MOST_GLOSSED = 20_000
"""Characters of a text whose words get their English; a page of a book is not read word by word."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph's HTML, and its rough English where it is Chinese."""

    html: Markup
    gloss: str | None = None


def paragraphs(view: ArticleView, glosser: Glosser, *, english: bool = False) -> list[Paragraph]:
    """The paragraphs of an article. The words of a Chinese one have their English; with `english` so have its paragraphs."""
    text = view.article.text
    links = _links(view)
    glossed = glosser if view.article.lang == "zh" and len(text) <= _MOST_GLOSSED else None
    found: list[Paragraph] = []
    start = 0
    for block in text.split("\n\n"):
        if block.strip():
            inside = [(a - start, b - start, entity) for a, b, entity in links if start <= a and b <= start + len(block)]
            found.append(Paragraph(_html(block, inside, glossed), glosser.for_reader(block) if glossed and english else None))
        start += len(block) + 2
    return found


def _links(view: ArticleView) -> list[tuple[int, int, str]]:
    """The mentions in the text that do not overlap: (start, end, entity)."""
    links: list[tuple[int, int, str]] = []
    for mention in view.mentions:
        if mention.field == "text" and mention.end <= len(view.article.text) and (not links or mention.start >= links[-1][1]):
            links.append((mention.start, mention.end, mention.entity_id))
    return links


def _html(block: str, links: list[tuple[int, int, str]], glosser: Glosser | None) -> Markup:
    words = _words(block, links, glosser) if glosser is not None else []
    parts: list[Markup] = []
    position = 0
    for start, end, html in sorted(
        [(a, b, Markup('<a class="mention" href="/entities/{}">{}</a>').format(entity, block[a:b])) for a, b, entity in links]
        + [(a, b, Markup('<span class="word" title="{}">{}</span>').format(english, block[a:b])) for a, b, english in words]
    ):
        parts.append(escape(block[position:start]))
        parts.append(html)
        position = end
    parts.append(escape(block[position:]))
    return Markup("").join(parts)


def _words(block: str, links: list[tuple[int, int, str]], glosser: Glosser) -> list[tuple[int, int, str]]:
    """The Chinese words outside of `links` that have an English sense: (start, end, sense)."""
    found: list[tuple[int, int, str]] = []
    at = 0
    for word in glosser.words(block):
        token = word.token
        while at < len(links) and links[at][1] <= token.start:
            at += 1
        free = at == len(links) or token.end <= links[at][0]
        after = not found or token.start >= found[-1][1]
        if token.han and word.english and free and after:
            found.append((token.start, token.end, word.english))
    return found
