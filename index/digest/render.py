"""An issue as Markdown, a page, a mail and JSON. Rendering decides nothing: everything is in the `Digest`."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from index.digest.compose import Digest, Entry
from index.digest.extracts import Extract
from index.digest.figures import Figure
from index.digest.wording import coverage_parts, dates, day, paragraphs, remarks, said, since, summary_line, title
from index.errors import FilterError
from index.text.address import is_web_address
from index.text.times import iso

ONE_SIDED = (
    ("only_zh", "In the Chinese press, not in the English one"),
    ("only_en", "In the English press, not in the Chinese one"),
)
NOTE = "Editor's note:"
_MARKDOWN_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|~"})


def render(digest: Digest, form: str) -> str:
    """The digest in one of `FORMATS`.

    Raises:
        FilterError: another format.
    """
    if form not in FORMATS:
        raise FilterError(f"format is {form[:20]!r}; it must be one of {', '.join(FORMATS)}.")
    return FORMATS[form](digest)


def markdown(digest: Digest) -> str:
    """CommonMark that pastes into newsletter editors: headings, paragraphs, lists, links."""
    lines = [f"# {title(digest)}", "", f"{dates(digest)} · {summary_line(digest)}", ""]
    for remark in remarks(digest):
        lines += [f"*{_escape(remark)}*", ""]
    for paragraph in paragraphs(digest.introduction):
        lines += [_escape(paragraph), ""]
    for _, heading, entries in digest.sections:
        lines += [f"## {_escape(heading)}", ""]
        for entry in entries:
            lines += _entry_lines(entry)
    for name, heading in ONE_SIDED:
        if ids := getattr(digest, name):
            lines += [f"## {heading}", ""]
            lines += [f"- {_escape(headline(digest.entry(story)))}" for story in ids] + [""]
    return "\n".join(lines).rstrip() + "\n"


def html_page(digest: Digest) -> str:
    """A whole page with its style inside, for a browser or to paste into a mail."""
    return _environment().get_template("digest.html").render(_values(digest))


def mail_html(digest: Digest) -> str:
    """The issue for mail clients: one table, every style on its element, nothing loaded."""
    return _environment().get_template("mail.html").render(_values(digest))


def page_part(digest: Digest) -> str:
    """What the site shows of a published issue: no style of its own, links to the sources."""
    return _environment().get_template("issue.html").render(_values(digest))


def as_document(digest: Digest) -> dict[str, object]:
    """The JSON document of the contract, with scores, spans and roles."""
    return {
        "week": digest.week,
        "since": iso(digest.since),
        "until": iso(digest.until),
        "articles": digest.articles,
        "origins": digest.origins,
        "sources": digest.sources,
        "introduction": digest.introduction,
        "corrections": list(digest.corrections),
        "thin": digest.thin,
        "repeats": digest.repeats,
        "unwell": [{"source": name, "health": health} for name, health in digest.unwell],
        "sections": [
            {"id": section, "title": heading, "stories": [e.story_id for e in inside]}
            for section, heading, inside in digest.sections
        ],
        "only_zh": list(digest.only_zh),
        "only_en": list(digest.only_en),
        "stories": [_story_document(entry) for entry in digest.entries],
    }


def json_text(digest: Digest) -> str:
    return json.dumps(as_document(digest), ensure_ascii=False, indent=1) + "\n"


def headline(entry: Entry) -> str:
    """The headline, with its rough English behind it where it is Chinese."""
    return f"{entry.headline} ({entry.headline_gloss})" if entry.headline_gloss else entry.headline


def told(entry: Entry) -> tuple[Extract, ...]:
    """The sentences of articles that are shown: none where an editor wrote the summary."""
    return () if entry.summary else entry.extract


def _eml(digest: Digest) -> str:
    from index.digest.mail import mail_text

    return mail_text(digest)


FORMATS: Mapping[str, Callable[[Digest], str]] = {"md": markdown, "html": html_page, "json": json_text, "eml": _eml}


def _story_document(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.story_id,
        "section": entry.section,
        "headline": entry.headline,
        "headline_gloss": entry.headline_gloss,
        "importance": entry.importance,
        "importance_parts": dict(entry.parts),
        "summary": "\n\n".join(entry.summary) if entry.summary else " ".join(extract.text for extract in entry.extract),
        "rewritten": bool(entry.summary),
        "note": entry.note,
        "extract": [_extract_document(extract) for extract in entry.extract],
        "figures": [_figure_document(figure) for figure in entry.figures],
        "earlier": list(entry.earlier),
        "new": list(entry.new),
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


def _extract_document(extract: Extract) -> dict[str, object]:
    return {
        "article_id": extract.article.id,
        "start": extract.start,
        "end": extract.end,
        "text": extract.text,
        "gloss": extract.gloss,
    }


def _figure_document(figure: Figure) -> dict[str, object]:
    claim = figure.claim
    return {
        "entity": claim.entity_id,
        "attribute": claim.attribute,
        "value": figure.value,
        "english": figure.english,
        "status": figure.status,
        "origins": figure.origins,
        "claim_id": claim.id,
        "article_id": claim.article_id,
        "field": claim.field,
        "start": claim.start,
        "end": claim.end,
        "quote": claim.quote,
    }


def _entry_lines(entry: Entry) -> list[str]:
    lines = [f"### {_escape(entry.headline)}", ""]
    if entry.headline_gloss:
        lines += [f"*Word by word: {_escape(entry.headline_gloss)}*", ""]
    if entry.earlier:
        lines += [f"*{_escape(since(entry))}*", ""]
    for paragraph in entry.summary:
        lines += [_escape(paragraph), ""]
    for extract in told(entry):
        name = next(c.source_name for c in entry.coverage if c.article.id == extract.article.id)
        lines += [f"{_escape(extract.text)} ({link(name, extract.article.url)})", ""]
        if extract.gloss:
            lines += [f"*Word by word: {_escape(extract.gloss)}*", ""]
    if entry.note:
        lines += [
            f"> {_escape(NOTE)} {_escape(paragraph)}" if n == 0 else f"> {_escape(paragraph)}"
            for n, paragraph in enumerate(paragraphs(entry.note))
        ] + [""]
    if entry.figures:
        lines += [_figure_line(figure) for figure in entry.figures] + [""]
    own, copies = coverage_parts(entry)
    parts = [f"{link(name, url)} {day(moment)}" for name, url, moment in own] + ([copies] if copies else [])
    return [*lines, f"Coverage: {' · '.join(parts)}", ""]


def _figure_line(figure: Figure) -> str:
    words = said(figure)
    source = link("source", figure.claim.url)
    return f"- {_escape(figure.entity)}, {_escape(figure.attribute.lower())}: **{_escape(figure.value)}**" + (
        f" ({words}, {source})" if words else f" ({source})"
    )


def _values(digest: Digest) -> dict[str, object]:
    return {
        "digest": digest,
        "title": title(digest),
        "dates": dates(digest),
        "summary": summary_line(digest),
        "remarks": remarks(digest),
        "one_sided": [
            (heading, [digest.entry(s) for s in getattr(digest, name)]) for name, heading in ONE_SIDED if getattr(digest, name)
        ],
    }


def _escape(text: str) -> str:
    return text.replace("\n", " ").translate(_MARKDOWN_SPECIAL)


def link(name: str, url: str) -> str:
    """A Markdown link; only the name where the address is not of the web."""
    if not is_web_address(url):
        return _escape(name)
    address = url.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")
    return f"[{_escape(name)}]({address})"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=day, said=said, since=since, own=coverage_parts, told=told, paragraphs=paragraphs)
    environment.globals.update(safe_url=is_web_address, note=NOTE)
    return environment
