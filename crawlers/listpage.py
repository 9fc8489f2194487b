"""List pages: bytes in, entries out, for sites that have no feed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html

from crawlers.charset import decode_page
from crawlers.feeds import FeedEntry
from crawlers.listrule import PAGE, ListRule, selector
from crawlers.written_dates import written_dates
from index.errors import ExtractionError
from index.text.address import canonical_url, host_of
from index.text.times import read_datetime

MAX_BYTES = 10_000_000
MAX_ENTRIES = 500
MAX_PAGES = 10_000
"""The highest number that a ``{page}`` template is filled with."""
_MAX_ITEMS = 20_000
_MAX_LINKS_IN_ITEM = 50
_TITLE_LENGTH = 500
_TIME_ATTRIBUTES = ("datetime", "content", "data-time", "data-date", "title")


@dataclass(slots=True)
class _Found:
    """What has been read of one address so far: a list often links an article by its picture, headline and "more"."""

    title: str | None
    spoken: bool
    published: datetime | None


def parse_list(body: bytes, url: str, rule: ListRule, content_type: str | None = None, zone: tzinfo = UTC) -> list[FeedEntry]:
    """The articles that the list page at `url` links, each once, in the page's order, at most `MAX_ENTRIES`.

    Addresses are absolute and canonical. The title is what the rule's selector finds, else the item's only heading, else
    the link's words, else its title attribute or its picture's alternative text. Times without a zone are in `zone`.

    Raises:
        ExtractionError: no HTML, too large, or nothing in it matches the rule.
    """
    tree = parse_page(body, content_type)
    base = base_of(tree, url)
    own = {_absolute(url, url), _absolute(rule.url, url)}
    found: dict[str, _Found] = {}
    items = 0
    for item in islice(selector(rule.links)(tree), _MAX_ITEMS):
        items += 1
        for anchor in islice(_anchors(item), _MAX_LINKS_IN_ITEM):
            address = _absolute(anchor.get("href"), base)
            if address is None or address in own or not _accepted(address, rule):
                continue
            if address not in found and len(found) == MAX_ENTRIES:
                break
            title, spoken = _title(item, anchor, rule)
            known = found.setdefault(address, _Found(title, spoken, None))
            if title and (known.title is None or (spoken and not known.spoken)):
                known.title, known.spoken = title, spoken
            known.published = known.published or _date(item, rule, zone)
            break  # one article an item: what follows are its tags and authors
    if not found:
        raise ExtractionError(_nothing(tree, rule, items))
    return [FeedEntry(address, known.title, known.published) for address, known in found.items()]


def read_page(
    body: bytes, url: str, rule: ListRule, number: int = 1, content_type: str | None = None, zone: tzinfo = UTC
) -> tuple[list[FeedEntry], str | None]:
    """`parse_list` and `next_page` in one go, for the list page that was read as the `number`-th of its list.

    Raises:
        ExtractionError: as they do.
    """
    entries = parse_list(body, url, rule, content_type, zone)
    if rule.next and rule.numbered and number > 1 and _number(url, rule) == 1:
        # A redirect hid the number: go on counting instead of asking for the second page again.
        url = rule.next.replace(PAGE, str(number))
    return entries, next_page(body, url, rule, content_type)


def next_page(body: bytes, url: str, rule: ListRule, content_type: str | None = None) -> str | None:
    """The address of the list page after the one at `url`, for backfill; None where there is none.

    With a ``{page}`` template there is always a next one up to `MAX_PAGES`: whoever asks stops at a page that lists
    nothing new. Only addresses on the list's own host are followed.

    Raises:
        ExtractionError: no HTML, or too large (with a selector; a template does not look at the page).
    """
    if not rule.next:
        return None
    if rule.numbered:
        number = _number(url, rule) + 1
        return _absolute(rule.next.replace(PAGE, str(number)), url) if number <= MAX_PAGES else None
    tree = parse_page(body, content_type)
    base = base_of(tree, url)
    for element in islice(selector(rule.next)(tree), _MAX_LINKS_IN_ITEM):
        for anchor in islice(_anchors(element), _MAX_LINKS_IN_ITEM):
            address = _absolute(anchor.get("href"), base)
            if address and address != _absolute(url, url) and host_of(address) == host_of(rule.url):
                return address
    return None


def parse_page(body: bytes, content_type: str | None = None) -> html.HtmlElement:
    """The tree of an HTML page without scripts and styles.

    Raises:
        ExtractionError: empty, too large, or nothing that could be HTML.
    """
    if len(body) > MAX_BYTES:
        raise ExtractionError(f"the page is larger than {MAX_BYTES // 1_000_000} MB")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decode_page(body, content_type).replace("\x00", ""))
    if "<" not in text:
        raise ExtractionError("the page is empty" if not text.strip() else "this is not an HTML page")
    try:
        tree = html.document_fromstring(text)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ExtractionError(f"the page cannot be parsed as HTML ({error})") from error
    etree.strip_elements(tree, "script", "style", "template", with_tail=False)
    return tree


def base_of(tree: html.HtmlElement, url: str) -> str:
    """What relative links of the page at `url` are relative to: its ``<base>`` where it has a usable one."""
    for href in tree.xpath("//base/@href")[:1]:
        return _absolute(href, url) or url
    return url


def words(element: html.HtmlElement) -> str:
    """The element's text on one line, at most 500 characters."""
    return " ".join(str(element.text_content()).split())[:_TITLE_LENGTH]


def _anchors(item: html.HtmlElement) -> Iterator[html.HtmlElement]:
    return iter((item,)) if item.tag == "a" else item.iter("a")


def _absolute(link: Any, base: str) -> str | None:
    if not isinstance(link, str) or not link.strip() or link.lstrip().startswith("#"):
        return None
    try:
        return canonical_url(urljoin(base, link.strip().replace(" ", "%20")))
    except ValueError:
        return None


def _accepted(address: str, rule: ListRule) -> bool:
    if rule.exclude and re.search(rule.exclude, address):
        return False
    return not rule.pattern or re.search(rule.pattern, address) is not None


def _title(item: html.HtmlElement, anchor: html.HtmlElement, rule: ListRule) -> tuple[str | None, bool]:
    """The item's title, and whether it stands there as text."""
    for chosen in selector(rule.title)(item) if rule.title else ():
        if text := words(chosen):
            return text, True
    headings = {words(heading) for heading in islice(item.iter("h1", "h2", "h3", "h4", "h5", "h6"), 5)} - {""}
    text = headings.pop() if len(headings) == 1 else words(anchor)
    if text:
        return text, True
    hidden = [anchor.get("title"), anchor.get("aria-label"), *(image.get("alt") for image in anchor.iter("img"))]
    return next((" ".join(each.split())[:_TITLE_LENGTH] for each in hidden if each and each.strip()), None), False


def _date(item: html.HtmlElement, rule: ListRule, zone: tzinfo) -> datetime | None:
    for element in islice(selector(rule.date)(item), 5) if rule.date else ():
        written = [element.get(name) for name in _TIME_ATTRIBUTES] + [words(element)]
        for text in written:
            if text and (moment := _written(text, zone)):
                return moment
    return None


def _written(text: str, zone: tzinfo) -> datetime | None:
    """A moment as written; of a day its beginning, lest a poll before noon take it for a change still to come."""
    if (moment := read_datetime(text[:100], zone)) is not None:
        return moment
    for each in written_dates(text[:200], zone):
        return each.moment if each.clock else each.moment.replace(hour=0)
    return None


def _number(url: str, rule: ListRule) -> int:
    """Which page of the template `url` is; 1 for any other address, which is the list's own."""
    before, _, after = (_absolute(rule.next.replace(PAGE, "4242424242"), url) or "").partition("4242424242")
    match = re.fullmatch(f"{re.escape(before)}([0-9]{{1,6}}){re.escape(after)}", _absolute(url, url) or "")
    return int(match[1]) if match else 1


def _nothing(tree: html.HtmlElement, rule: ListRule, items: int) -> str:
    """Why the list came out empty, as one clause."""
    if sum(1 for _ in islice(tree.iter("a"), 4)) < 4:
        return "the list page has almost no links: it may need a browser (javascript = true)"
    if not items:
        return f"the list page has nothing that matches {rule.links!r}"
    if rule.pattern:
        return f"the list page has no link that matches {rule.pattern!r}"
    return f"the list page has no article link in what matches {rule.links!r}"
