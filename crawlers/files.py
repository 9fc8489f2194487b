"""Import files: JSONL, HTML, plain text and WARC become articles; a line that cannot is reported, and the rest is read."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from crawlers.authors import authors_of
from crawlers.body import tidy
from crawlers.byline import Byline, dates_in
from crawlers.dates import as_stated, choose_dates, outlet_zone
from crawlers.extract import MIN_TEXT, Page, extract
from crawlers.headlines import headline_from
from crawlers.marks import Marks
from crawlers.origin import named_origin
from crawlers.warc import Captured, Gate, LeftOut, ReadPage, read_warc
from index.article import LANGUAGES, Article, Rejected
from index.errors import ExtractionError, UsageError
from index.text.address import canonical_url, host_of
from index.text.language import detect_language
from index.text.times import read_datetime

MAX_LINE = 20_000_000
"""Bytes of one JSONL line."""
_FIELDS = frozenset({"url", "title", "text", "html", "published", "source", "lang", "author"})
_JSONL, _HTML, _TEXT, _WARC = (".jsonl", ".ndjson"), (".html", ".htm", ".xhtml"), (".txt",), (".warc",)
MAX_TITLE = 300
_SHORT, _BYLINE = 60, 16
"""Characters of a line that may be a byline in a text, and lines at its beginning and end that are looked at."""


def read_file(
    path: Path,
    *,
    url: str | None = None,
    source: str | None = None,
    languages: Collection[str] = (),
    hosts: Collection[str] = (),
    gate: Gate | None = None,
    tell: Callable[[Captured | LeftOut | Rejected], None] | None = None,
    read_page: ReadPage = extract,
) -> Iterator[Article | Rejected]:
    """The articles of one file, by its ending (``.gz`` in addition is unpacked).

    Args:
        url, source: for a page or text, which do not say it themselves; `source` for a WARC file too.
        languages, hosts, gate: what of the file is wanted, as for `crawlers.warc.read_warc`.
        tell: told what becomes of every page of a WARC file, and of every article of another where not all are wanted.
        read_page: how HTML is read.
    Raises:
        UsageError: no such file, or an ending that is none of JSONL, HTML, text and WARC.
    """
    endings = [suffix.lower() for suffix in path.suffixes[-2:]]
    ending = endings[-2] if len(endings) == 2 and endings[-1] == ".gz" else (endings or [""])[-1]
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    items: Iterable[Captured | LeftOut | Rejected | Article]
    if ending in _JSONL:
        items = read_jsonl(path, read_page)
    elif ending in _WARC:
        items = read_warc(path, languages=languages, hosts=hosts, gate=gate, source=source, read_page=read_page)
    elif ending in _HTML or ending in _TEXT:
        items = [_read_alone(path, ending, url, source, read_page)]
    else:
        raise UsageError(
            f"{path} is none of JSONL, HTML, text and WARC.", hint="Rename it to end in .jsonl, .html, .txt or .warc."
        )
    sifting = bool(languages or hosts or gate)
    for item in items:
        if isinstance(item, Article):
            if not sifting:
                yield item
                continue
            item = unwanted(item, languages, hosts, gate) or Captured(item, None)
        if tell is not None and (sifting or ending in _WARC):
            tell(item)
        if isinstance(item, Captured):
            yield item.article
        elif isinstance(item, Rejected):
            yield item


def unwanted(article: Article, languages: Collection[str], hosts: Collection[str], gate: Gate | None) -> LeftOut | None:
    """Why an article is not wanted; None where it is."""
    address, host = article.url or "", host_of(article.url or "")
    if hosts and not any(host == each or host.endswith(f".{each}") for each in hosts):
        return LeftOut(address, "host", f"{host or 'an article without an address'} is not among the wanted hosts")
    if languages and article.lang not in languages:
        return LeftOut(address, "language", f"the article is in {article.lang}")
    verdict = gate.judge(article.title, article.text, article.lang) if gate is not None else None
    return None if verdict is None or verdict.on_topic else LeftOut(address, "topic", verdict.reason)


def _read_alone(path: Path, ending: str, url: str | None, source: str | None, read_page: ReadPage) -> Article | Rejected:
    """The article of a page or a text."""
    try:
        with _open(path) as handle:
            body = handle.read()
        if ending in _HTML:
            return read_page(Page(url, body), source)
        return text_article(body.decode("utf-8-sig"), url=url, source=source)
    except ExtractionError as error:
        return Rejected(0, error.message, str(path))
    except UnicodeDecodeError:
        return Rejected(0, "this is not UTF-8 text", str(path))
    except (OSError, EOFError) as error:
        return Rejected(0, f"the file cannot be read: {getattr(error, 'strerror', None) or error}", str(path))


def read_jsonl(path: Path, read_page: ReadPage = extract) -> Iterator[Article | Rejected]:
    """One article a line; blank lines are passed over."""
    try:
        with _open(path) as handle:
            for number, line in enumerate(iter(lambda: handle.readline(MAX_LINE + 1), b""), 1):
                if len(line) > MAX_LINE:
                    yield Rejected(
                        number, f"the line is longer than {MAX_LINE // 1_000_000} MB; the rest was not read", str(path)
                    )
                    return
                if line.strip():
                    try:
                        yield article_from_json(line, read_page)
                    except (ExtractionError, UsageError) as error:
                        yield Rejected(number, error.message, str(path))
    except (OSError, EOFError) as error:
        yield Rejected(0, f"the file cannot be read: {error}", str(path))


def article_from_json(line: bytes, read_page: ReadPage = extract) -> Article:
    """One JSONL line.

    Raises:
        ExtractionError: saying what is wrong with it.
    """
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise ExtractionError("not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ExtractionError(f"not valid JSON: {error}") from None
    return article_from_record(record, read_page)


def article_from_record(record: object, read_page: ReadPage = extract) -> Article:
    """One article of JSON, read.

    Raises:
        ExtractionError: saying what is wrong with it.
    """
    if not isinstance(record, dict):
        raise ExtractionError("not a JSON object")
    values = {key: _string(record, key) for key in _FIELDS}
    raw_url = url = values["url"]
    source = values["source"]
    if url is not None:
        try:
            url = canonical_url(url)
        except ValueError as error:
            raise ExtractionError(f"url: {error}") from None
    source = (source or host_of(url or "") or "import")[:100]
    if values["lang"] not in (None, "und", *LANGUAGES) and not str(values["lang"]).lower().startswith(("zh", "en")):
        raise ExtractionError(f"lang is {values['lang']!r}; it must be en or zh")
    published = None
    if values["published"] is not None:
        published = read_datetime(values["published"])
        if published is None:
            raise ExtractionError(f"published is {values['published']!r}; write it as 2023-11-20T09:30:00Z")
    if values["text"] is not None:
        text = tidy(values["text"])
        if not text:
            raise ExtractionError("text is empty")
        title = tidy(values["title"] or "").replace("\n\n", " ")[:MAX_TITLE] or headline_from(text)
        lang = (values["lang"] or "")[:2].lower() or detect_language(f"{title}\n{text}")
        return Article(
            url,
            title,
            text,
            lang if lang in LANGUAGES else "und",
            source,
            published,
            author=values["author"],
            date_source="given" if published else None,
            raw_url=raw_url,
        )
    if values["html"] is not None:
        article = read_page(Page(url, values["html"].encode("utf-8", "replace"), "text/html; charset=utf-8"), source)
        return replace(
            article,
            url=url,
            title=tidy(values["title"] or "").replace("\n\n", " ")[:MAX_TITLE] or article.title,
            published=published or article.published,
            date_source="given" if published else article.date_source,
            author=values["author"] or article.author,
            raw_url=raw_url,
        )
    raise ExtractionError("neither text nor html is given")


def text_article(raw: str, *, url: str | None = None, source: str | None = None) -> Article:
    """A plain text: its first line is the title; author, times and origin are those that its first and last lines name.

    Raises:
        ExtractionError: too short to be an article.
    """
    text = tidy(raw)
    title, _, body = text.partition("\n\n")
    if len(body) < MIN_TEXT:
        title, body = headline_from(text), text
    if len(body) < MIN_TEXT:
        raise ExtractionError("no article text was found in the file")
    lang, origin, byline = detect_language(text), named_origin(body), _byline_of_text(body)
    zone = outlet_zone(lang)
    written, updated = dates_in(byline, zone, None)
    dates = choose_dates({"text": as_stated(written)}, as_stated(updated), zone, None)
    return Article(
        url,
        title[:MAX_TITLE],
        body,
        lang,
        source or host_of(url or "") or "import",
        published=dates.published,
        modified=dates.modified,
        author=authors_of((), Marks(), byline, [origin.name if origin else ""]),
        origin=origin,
        date_source=dates.source,
        date_note=dates.note,
    )


def _byline_of_text(body: str) -> Byline:
    """The short lines before the first paragraph of running text, and those at the end."""
    lines = body.split("\n\n")
    near = list(takewhile(lambda line: len(line) <= _SHORT, lines[:_BYLINE]))
    return Byline(tuple(near), tuple(line for line in lines[len(near) :][-_BYLINE:] if len(line) <= _SHORT))


def _string(record: dict[str, Any], key: str) -> str | None:
    value = record.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ExtractionError(f"{key} must be a string")
    if any(0xD800 <= ord(char) <= 0xDFFF for char in value):
        raise ExtractionError(f"{key} has a lone surrogate, which is not valid Unicode")
    return value if value.strip() else None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _open(path: Path) -> Any:
    import gzip

    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else open(path, "rb")
