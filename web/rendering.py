"""Templates to HTML: one environment, filters that speak the reader's language, and what every page is given."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from index.digest.render import told
from index.digest.wording import day, paragraphs, said, since
from index.knowledge_base import KnowledgeBase
from index.retrieval.snippet import Snippet
from index.text.address import host_of, is_web_address
from index.text.diff import abridged
from index.text.sentences import sentences
from index.text.times import iso, span_words, week_name
from index.text.tokens import has_han
from web.addresses import search_href
from web.languages import COOKIE, NAMES, Language, choose
from web.static_files import static_name

_FOLDER = Path(__file__).parent / "templates"


Deciding = Callable[[Mapping[str, str]], bool]
"""Carries out what a person decided (`index.knowledge.judging`) and has what follows from it indexed; false where another
process writes, which will do so."""


class Pages:
    """What the handlers need: the knowledge base, the clock, the templates, and a way to write down what people decide."""

    def __init__(self, kb: KnowledgeBase, clock: Callable[[], datetime], decide: Deciding) -> None:
        self.kb = kb
        self.clock = clock
        self.decide = decide

    def render(self, request: Request, name: str, **values: Any) -> HTMLResponse:
        """`name` with `values`; ``query`` is what stands in the search box, ``data`` the address of the page's JSON.

        ``feed`` is the address of an Atom feed of what the page lists, ``table`` that of the list as CSV.
        """
        for name_of_value, none in (("query", ""), ("feed", None), ("table", None)):
            values.setdefault(name_of_value, none)
        values.setdefault("data", _data_address(request))
        page = (
            _environment()
            .get_template(name)
            .render(
                _common(request),
                source_name=cache(self.kb.source_name),
                entity_name=self.kb.reading.catalogue.name_of,
                **values,
            )
        )
        return HTMLResponse(page, headers=_VARY)


_VARY = {"Vary": "Accept-Language, Cookie", "Cache-Control": "private, no-cache"}


def pages_of(request: Request) -> Pages:
    pages: Pages = request.state.pages
    return pages


def language_of(request: Request) -> Language:
    return choose(request.cookies.get(COOKIE), request.headers.get("accept-language"))


def error_page(request: Request, status: int, title: str, hint: str | None) -> HTMLResponse:
    """A page that says what is wrong and what to do."""
    template = _environment().get_template("error.html")
    page = template.render(_common(request), query="", data=None, feed=None, table=None, status=status, title=title, hint=hint)
    return HTMLResponse(page.encode("utf-8", "replace"), status, headers=_VARY)


def _common(request: Request) -> dict[str, Any]:
    language = language_of(request)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    others = [(code, name) for code, name in NAMES.items() if code != language.code]
    return {
        "language": language,
        "t": language.say,
        "tn": language.count,
        "others": others,
        "here": quote(here[:2000], safe=""),
        "path": request.url.path,
    }


def _data_address(request: Request) -> str | None:
    """Where the page's JSON is: its own address with ``.json``."""
    path = request.url.path
    path = "/index" if path == "/" else path.rstrip("/")
    return f"{path}.json" + (f"?{request.url.query}" if request.url.query else "")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        marked=_marked,
        opening=opening,
        day=day,
        said=said,
        since=since,
        told=told,
        paragraphs=paragraphs,
        date=_date,
        short_date=_short_date,
        minute=lambda moment: f"{moment:%Y-%m-%d %H:%M}",
        span=span_words,
        iso=iso,
        host=host_of,
        abridged=lambda pieces: abridged(list(pieces)),
        article_language=_article_language,
        number=lambda number: f"{number:,}",
    )
    environment.globals.update(static=static_name, is_web_address=is_web_address, search_href=search_href, week_of=week_name)
    return environment


def _marked(snippet: Snippet) -> Markup:
    return Markup(snippet.marked())  # Snippet escapes the text around its marks


def opening(text: str) -> str:
    """The first sentence or two of a text, for lists."""
    room = 120 if has_han(text[:200]) else 220
    spans = sentences(text[:1000])
    end = next((span.end for span in reversed(spans[:2]) if span.end <= room), 0) or (spans[0].end if spans else 0)
    first = text[:end].replace("\n", " ")
    return first if len(first) <= room * 2 else first[: room * 2].rstrip() + "…"


@pass_context
def _date(context: Context, moment: datetime) -> str:
    language: Language = context["language"]
    return language.date(moment)


@pass_context
def _short_date(context: Context, moment: datetime) -> str:
    language: Language = context["language"]
    return language.short_date(moment)


@pass_context
def _article_language(context: Context, code: str) -> str:
    language: Language = context["language"]
    return language.article_language(code)
