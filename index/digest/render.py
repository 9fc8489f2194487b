"""The digest as Markdown, HTML and JSON. Rendering decides nothing: everything is in the `Digest`."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from index.digest.compose import Coverage, Digest, Entry
from index.errors import FilterError
from index.text.address import is_web_address
from index.text.times import iso

FORMATS = ("md", "html", "json")
_MARKDOWN_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|~"})


def render(digest: Digest, form: str) -> str:
    """The digest in one of `FORMATS`.

    Raises:
        FilterError: another format.
    """
    renderers: Mapping[str, Callable[[Digest], str]] = {"md": markdown, "html": html_page, "json": json_text}
    if form not in renderers:
        raise FilterError(f"format is {form!r}; it must be one of {', '.join(FORMATS)}.")
    return renderers[form](digest)


def dates(digest: Digest) -> str:
    """The days of the week in words: 13–19 November 2023."""
    first, last = digest.since, digest.until - timedelta(days=1)
    if first.month == last.month:
        return f"{first.day}–{last.day} {last:%B %Y}"
    if first.year == last.year:
        return f"{first.day} {first:%B} – {last.day} {last:%B %Y}"
    return f"{first.day} {first:%B %Y} – {last.day} {last:%B %Y}"


def summary_line(digest: Digest) -> str:
    """What the issue was made from, in one line."""
    if not digest.entries:
        return "No articles are stored for this week."
    return (
        f"{_count(len(digest.entries), 'story', 'stories')} from {_count(digest.articles, 'article', 'articles')}, "
        f"{digest.origins} of them independent, in {_count(digest.sources, 'outlet', 'outlets')}."
    )


def markdown(digest: Digest) -> str:
    """CommonMark that pastes into newsletter editors: headings, paragraphs, links."""
    lines = [f"# AI chips, week {digest.week}", "", f"{dates(digest)} · {summary_line(digest)}", ""]
    for number, entry in enumerate(digest.entries, 1):
        lines += [f"## {number}. {_escape(entry.headline)}", ""]
        if entry.headline_gloss:
            lines += [f"*Word by word: {_escape(entry.headline_gloss)}*", ""]
        for extract in entry.extract:
            name = next(c.source_name for c in entry.coverage if c.article.id == extract.article.id)
            lines += [f"{_escape(extract.text)} ({_link(name, extract.article.url)})", ""]
            if extract.gloss:
                lines += [f"*Word by word: {_escape(extract.gloss)}*", ""]
        lines += [f"Coverage: {_coverage(entry)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def html_page(digest: Digest) -> str:
    """A whole page with its style inside, for a browser or to paste into a mail."""
    return _environment().get_template("digest.html").render(digest=digest, dates=dates(digest), summary=summary_line(digest))


def as_document(digest: Digest) -> dict[str, object]:
    """The JSON document of the contract, with scores, spans and roles."""
    return {
        "week": digest.week,
        "since": iso(digest.since),
        "until": iso(digest.until),
        "articles": digest.articles,
        "origins": digest.origins,
        "stories": [
            {
                "id": entry.story_id,
                "headline": entry.headline,
                "headline_gloss": entry.headline_gloss,
                "importance": entry.importance,
                "importance_parts": dict(entry.parts),
                "summary": " ".join(extract.text for extract in entry.extract),
                "extract": [
                    {"article_id": e.article.id, "start": e.start, "end": e.end, "text": e.text, "gloss": e.gloss}
                    for e in entry.extract
                ],
                "entities": list(entry.entities),
                "copies": entry.copies,
                "articles": [
                    {
                        "article_id": c.article.id,
                        "url": c.article.url,
                        "title": c.article.title,
                        "source": c.article.source,
                        "published": iso(c.article.published),
                        "lang": c.article.lang,
                        "role": c.role,
                    }
                    for c in entry.coverage
                ],
            }
            for entry in digest.entries
        ],
    }


def json_text(digest: Digest) -> str:
    return json.dumps(as_document(digest), ensure_ascii=False, indent=1) + "\n"


def _coverage(entry: Entry) -> str:
    own = [c for c in entry.coverage if c.role != "copy"] or list(entry.coverage)
    parts = [f"{_link(c.source_name, c.article.url)} {_day(c)}" for c in own]
    if entry.copies and len(own) != len(entry.coverage):
        parts.append(_count(entry.copies, "copy", "copies"))
    return " · ".join(parts)


def _day(coverage: Coverage) -> str:
    return day(coverage.article.time)


def day(moment: datetime) -> str:
    """13 Nov, without a leading zero on any platform."""
    return f"{moment.day} {moment:%b}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _escape(text: str) -> str:
    return text.replace("\n", " ").translate(_MARKDOWN_SPECIAL)


def _link(name: str, url: str) -> str:
    if not is_web_address(url):
        return _escape(name)
    address = url.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")
    return f"[{_escape(name)}]({address})"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = day
    environment.globals["safe_url"] = is_web_address
    return environment
