"""How an article is cited: plain words, Markdown, BibTeX."""

import re
from dataclasses import dataclass

from index.store.articles import StoredArticle
from index.text.address import is_web_address

_SPECIAL = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_MARKDOWN = re.compile(r"([\\`*_\[\]<>])")


@dataclass(frozen=True, slots=True)
class Citation:
    """One form of citing: its name and its text."""

    form: str
    text: str


def citations(article: StoredArticle, source_name: str) -> tuple[Citation, ...]:
    """`article` cited in each form. Only web addresses are named; the day is that of publication, where it is known."""
    url = article.url if is_web_address(article.url) else ""
    day = article.published.date().isoformat() if article.published else ""
    author = " ".join(article.author.split()) if article.author else ""
    title = " ".join(article.title.split())
    plain = ". ".join(part for part in (author, title, source_name, day) if part) + "." + (f" {url}" if url else "")
    shown = _MARKDOWN.sub(r"\\\1", title)
    link = f"[{shown}]({url.replace('(', '%28').replace(')', '%29')})" if url else shown
    markdown = ", ".join(part for part in (link, _MARKDOWN.sub(r"\\\1", source_name), day) if part)
    key = re.sub(r"[^a-z0-9]+", "", article.source.lower())[:20] or "article"
    fields = [("title", f"{{{title.translate(_SPECIAL)}}}")]
    if author:
        fields.append(("author", f"{{{author.translate(_SPECIAL)}}}"))
    fields.append(("organization", source_name.translate(_SPECIAL)))
    if day:
        fields += [("year", day[:4]), ("date", day)]
    if url:
        fields.append(("url", re.sub(r"[{}\\]", lambda match: f"%{ord(match[0]):02X}", url)))
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields)
    return (
        Citation("Plain", plain),
        Citation("Markdown", markdown),
        Citation("BibTeX", f"@online{{{key}{day.replace('-', '')}-{article.id},\n{lines}\n}}"),
    )
