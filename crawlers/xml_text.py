"""The text of an XML document from outside: decoded, and without its document type, so that no reader has any to obey.

An XML reader expands the entities that a document type declares, and a few hundred bytes can declare gigabytes. So the
part before the root element is read here: entities that stand for a few characters are put in, in bounded number; those
that are made of others, or that lie elsewhere, make the document refused; the rest of the document type is left out.
"""

import codecs
import re

from crawlers.charset import codec_of, header_charset
from crawlers.decompression import TooLarge, decompress
from index.errors import ExtractionError

_MARKS = (
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF8, "utf-8"),
)
_STARTS = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
"""How ``<``, or ``<?xm`` in EBCDIC, begins where there is no byte-order mark (XML 1.0, appendix F)."""
_DECLARED = re.compile(rb"\s*+<\?xml[^>]{0,200}?encoding\s*+=\s*+[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE)
_SPOILT = 0.01
"""Of the characters, how many may be damaged for the encoding to be believed all the same."""
_CHINESE_PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_HIGH = re.compile(rb"[\x80-\xff]")

_NAME = re.compile(r"[^\W\d][\w.:-]*")
_DOCTYPE = re.compile(r"<!doctype\b", re.IGNORECASE)
_OUTSIDE_SUBSET = re.compile(r"(?:[^\[<>\"']++|\"[^\"]*+\"|'[^']*+')*+")
_DECLARATION = re.compile(r"<!([A-Za-z]+)((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_ENTITY = re.compile(
    r"\s+(?P<parameter>%\s+)?(?P<name>[^\s\"']+)\s+(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<kind>SYSTEM|PUBLIC)\s+[\"'](?P<id>[^\"']*))"
)
_REFERENCE = re.compile(r"&(?!#\d+;|#x[0-9a-f]+;|(?:amp|lt|gt|quot|apos);)|%[^\s;]+;", re.IGNORECASE)
_USED = re.compile(r"<!\[CDATA\[|<!--|&([^\W\d][\w.:-]{0,99});")
_CHARACTER_SETS = "-//W3C//ENTITIES"
"""Public identifier of the W3C's lists of named characters, which a document may mention; they are never fetched."""
_MAX_ENTITIES, _MAX_VALUE, _MAX_GROWTH = 1000, 256, 1_000_000
_MAX_STRAY = 1000
"""Characters < before the root element that begin nothing, as in what servers print there; and document types."""
_IN_SUBSET = re.compile(r"[<\]]")


def xml_text(body: bytes, content_type: str | None = None, limit: int = 20_000_000) -> str:
    """The document from its root element on, whether gzipped or not; nothing of what stands before is left.

    The encoding is that of the byte-order mark, else UTF-8 where the bytes are valid UTF-8, else what the header or the
    document declares, else what fits. A few damaged characters are replaced.

    Args:
        content_type: the header's value, for its charset.
        limit: bytes, before and after it is unpacked.

    Raises:
        ExtractionError: larger than `limit`, damaged gzip, no markup, or entities of which only attacks are made.
    """
    if len(body) > limit:
        raise TooLarge(f"larger than {limit // 1_000_000} MB")
    if body.startswith(b"\x1f\x8b"):
        body = decompress(body, "gzip", limit)
    text = _decode(body, content_type)
    start, entities = _prolog(text)
    text = text[start:]
    return _expand(text, entities) if entities else text


def _decode(body: bytes, content_type: str | None) -> str:
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    declared = _DECLARED.match(body)
    labels = [header_charset(content_type), declared[1].decode("ascii") if declared else None]
    names = [codec for label in labels if label and (codec := codec_of(label))]
    if names[:1] == ["cp1252"]:
        names.reverse()  # servers say ISO-8859-1 of everything by default, and every Chinese text can be read as that
    sniffed = [name for start, name in _STARTS if body.startswith(start)]
    if not sniffed and not body.isascii():
        names.insert(0, "utf-8")
    for name in [*sniffed[:1], *names, "utf-8"]:
        if (text := _strictly(body, name)) is not None:
            return text
    # One spoilt character must not turn the whole into noise, as a single-byte encoding would.
    for name in [*names[1:], "utf-8"]:
        text = body.decode(name, "replace")
        if text.count("\ufffd") <= _SPOILT * len(text) + 1:
            return text
    pairs = sum(1 for _ in _CHINESE_PAIR.finditer(body))
    if 2 * pairs >= 0.9 * sum(1 for _ in _HIGH.finditer(body)):
        return body.decode("gb18030", "replace")
    return body.decode("cp1252", "replace")


def _strictly(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except UnicodeError:
        return None


def _prolog(text: str) -> tuple[int, dict[str, str]]:
    """Where the root element begins, and the entities declared before it. Linear in `text`."""
    at, stray, entities = 0, 0, dict[str, str]()
    while (at := text.find("<", at)) >= 0:
        if text.startswith("<!--", at):
            at = _after(text, "-->", at + 4)
        elif text.startswith("<?", at):
            at = _after(text, "?>", at + 2)
        elif _DOCTYPE.match(text, at):
            at, stray = _document_type(text, at + 9, entities), stray + 1
        elif _NAME.match(text, at + 1):
            return at, entities
        else:
            at, stray = at + 1, stray + 1
        if stray > _MAX_STRAY:
            break
    raise ExtractionError("there is no markup in it")


def _document_type(text: str, at: int, entities: dict[str, str]) -> int:
    """Where the document type that begins before `at` ends; its entities are added to `entities`."""
    found = _OUTSIDE_SUBSET.match(text, at)
    at = found.end() if found else at
    if not text.startswith("[", at):
        return at
    while found := _IN_SUBSET.search(text, at + 1):
        at = found.start()
        if found[0] == "]":
            return at
        if text.startswith("<!--", at):
            at = _after(text, "-->", at + 4) - 1
        elif text.startswith("<?", at):
            at = _after(text, "?>", at + 2) - 1
        elif declaration := _DECLARATION.match(text, at):
            if declaration[1].upper() == "ENTITY":
                _declare(declaration[2], entities)
            at = declaration.end() - 1
        else:
            raise ExtractionError("its document type is malformed")
    raise ExtractionError("its document type has no end")


def _declare(declaration: str, entities: dict[str, str]) -> None:
    entity = _ENTITY.match(declaration)
    if entity is None:
        raise ExtractionError("it declares an entity that cannot be read")
    if entity["kind"]:
        if entity["parameter"] and entity["id"].startswith(_CHARACTER_SETS):
            return
        raise ExtractionError("it declares an entity that lies elsewhere, which only attacks do")
    value = entity["double"] if entity["double"] is not None else entity["single"]
    if entity["parameter"] or len(value) > _MAX_VALUE or _REFERENCE.search(value):
        raise ExtractionError("it declares entities made of others, or long ones, which only attacks do")
    entities.setdefault(entity["name"], value)
    if len(entities) > _MAX_ENTITIES:
        raise ExtractionError(f"it declares more than {_MAX_ENTITIES:,} entities")


def _expand(text: str, entities: dict[str, str]) -> str:
    pieces: list[str] = []
    start = skip = grown = 0
    for used in _USED.finditer(text):
        if used.start() < skip:
            continue
        if used[1] is None:
            skip = _after(text, "]]>" if used[0].endswith("[") else "-->", used.end())
        elif used[1] in entities:
            pieces += [text[start : used.start()], entities[used[1]]]
            start = used.end()
            grown += len(entities[used[1]])
            if grown > _MAX_GROWTH:
                raise ExtractionError("its entities stand for too much text, which only attacks' do")
    return "".join([*pieces, text[start:]])


def _after(text: str, end: str, at: int) -> int:
    found = text.find(end, at)
    return len(text) if found < 0 else found + len(end)
