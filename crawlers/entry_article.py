"""An article made of a feed's entry alone: where a site's terms forbid copying its pages, or its page cannot be read."""

import re

from lxml import etree, html

from crawlers.body import main_body, tidy
from crawlers.extract import Hint
from crawlers.feeds import FeedEntry
from index.article import Article
from index.text.language import detect_language

MAX_CONTENT = 2_000_000
"""Characters of an entry's HTML that are read."""
_BLOCKS = ("address", "blockquote", "br", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "pre", "tr")
_HIDDEN = ("script", "style", "template", "noscript", "iframe")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def hint_of(entry: FeedEntry) -> Hint:
    """What a list's entry says of its page, for `crawlers.extract.extract`."""
    return Hint(entry.title, entry.published, entry.author, entry.summary, entry.image, entry.tags)


def article_of(entry: FeedEntry, source: str, full: bool) -> Article:
    """The article that `entry` is. With `full`, its text is the content that the feed carries, where it carries one.

    Never fails, and without `full` takes no time to speak of: an entry with nothing but an address is one without text.
    """
    title = entry.title or entry.url
    text = entry.summary or ""
    if full and entry.content is not None:
        text = text_of(entry.content, entry.url, title) or text
    return Article(
        url=entry.url,
        title=title,
        text=text,
        lang=detect_language(f"{title}\n{text}"),
        source=source,
        published=entry.published,
        modified=entry.updated,
        author=entry.author,
        summary=entry.summary,
        date_source="feed" if entry.published else None,
        image=entry.image,
        tags=entry.tags,
        raw_url=entry.raw_url,
    )


def text_of(content: str, url: str, title: str) -> str:
    """The running text of an entry's HTML, a paragraph for each block; empty where it has none."""
    content = _NOT_TEXT.sub("", content[:MAX_CONTENT])
    try:
        tree = html.document_fromstring(f"<html><body><article>{content}</article></body></html>")
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    whole = _all_text(tree)
    body = main_body(tree, url, title).text
    # A feed carries no navigation: a reading that leaves most of it out took a short piece for one.
    return body if 2 * len(body) >= len(whole) else whole


def _all_text(tree: html.HtmlElement) -> str:
    for hidden in list(tree.iter(*_HIDDEN)):
        hidden.drop_tree()
    for block in tree.iter(*_BLOCKS):
        block.tail = "\n" + (block.tail or "")
    return tidy(str(tree.text_content()))
