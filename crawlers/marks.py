"""The elements of a page that say of themselves what they hold, by microdata or by name, found in one pass for all who ask."""

from dataclasses import dataclass, field

from lxml import etree, html

_NAMED = etree.XPath("//*[@itemprop or @rel or @class]")
_MOST = 20
"""Elements of one kind; the first are the article's."""
_AUTHORS = frozenset(("author", "author-name", "byline", "byline-name"))
_SOURCES = frozenset(("source", "article-source", "laiyuan", "media-name"))


@dataclass(slots=True)
class Marks:
    """Elements in the page's order: by ``itemprop``; of an author by class, ``rel`` or microdata; perhaps of an author, because
    a class has the word in it; of an origin; of a tag."""

    properties: dict[str, list[html.HtmlElement]] = field(default_factory=dict)
    authors: list[html.HtmlElement] = field(default_factory=list)
    perhaps: list[html.HtmlElement] = field(default_factory=list)
    sources: list[html.HtmlElement] = field(default_factory=list)
    tags: list[html.HtmlElement] = field(default_factory=list)


def marks_of(tree: html.HtmlElement) -> Marks:
    """Time grows with the number of elements."""
    marks = Marks()
    for element in _NAMED(tree):
        get = element.get
        author = False
        if (names := get("class")) is not None:
            if "author" in names or "byline" in names:
                author = not _AUTHORS.isdisjoint(names.split())
                if not author:
                    _add(marks.perhaps, element)
            if ("source" in names or "laiyuan" in names or "media" in names) and not _SOURCES.isdisjoint(names.split()):
                _add(marks.sources, element)
        if (prop := get("itemprop")) is not None:
            _add(marks.properties.setdefault(prop, []), element)
            author = author or (prop == "name" and _in_author(element))
        if (rel := get("rel")) is not None and element.tag == "a":
            author = author or rel == "author"
            if "tag" in rel.split():
                _add(marks.tags, element)
        if author:
            _add(marks.authors, element)
    return marks


def _add(found: list[html.HtmlElement], element: html.HtmlElement) -> None:
    if len(found) < _MOST:
        found.append(element)


def _in_author(element: html.HtmlElement) -> bool:
    for depth, parent in enumerate(element.iterancestors()):
        if depth == 6:
            break
        if parent.get("itemprop") == "author":
            return True
    return False
