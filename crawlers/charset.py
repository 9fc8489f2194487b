"""The character encoding of a page, as browsers decide it (WHATWG), with Chinese supersets for the labels that lie."""

import codecs
import re

_HEADER = re.compile(r"charset\s*+=\s*+[\"']?\s*+([\w.:-]++)", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^<>]+?charset\s*+=\s*+[\"']?\s*+([\w.:-]++)", re.IGNORECASE)
_XML = re.compile(rb"\s*+<\?xml[^<>]+?encoding\s*+=\s*+[\"']([\w.:-]++)", re.IGNORECASE)
_MAX_HEADER = 1000
"""Characters of a Content-Type in which a charset is looked for."""
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
}


_NO_ENCODINGS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7", "mbcs", "oem"})
"""Codecs that Python has for other ends: some take a time that grows with the square of the text, some always fail."""


def codec_of(label: str) -> str | None:
    """Python's codec for the encoding that a page calls `label`, a superset where the label usually lies; None if unknown."""
    name = _SUPERSETS.get(label.strip().lower(), label.strip())
    try:
        known = codecs.lookup(name).name
        if known.replace("_", "-") in _NO_ENCODINGS:
            return None
        b"a".decode(known, "ignore")  # refuses codecs that make bytes of bytes, such as zlib's
    except (LookupError, ValueError):
        return None
    return known


def header_charset(content_type: str | None) -> str | None:
    """The charset that a Content-Type names, as it is written there."""
    match = _HEADER.search((content_type or "")[:_MAX_HEADER])
    return match[1] if match else None


def decode_page(body: bytes, content_type: str | None = None) -> str:
    """Text of `body`: by byte-order mark, then the header's charset, then the page's own; never fails.

    Text that is valid UTF-8 is UTF-8 whatever else is claimed (unless it is pure ASCII, where it makes no difference);
    bytes that fit nothing become replacement characters.
    """
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if body.startswith(mark):
            return body.decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for label in _labels(body, content_type):
        codec = codec_of(label)
        if codec is not None and codec != "utf-8":
            return body.decode(codec, "replace")
    for name in ("gb18030", "big5hkscs", "cp1252"):
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", "replace")


def _labels(body: bytes, content_type: str | None) -> list[str]:
    labels = [label for label in [header_charset(content_type)] if label]
    head = body[:4096]
    labels += [match[1].decode("ascii") for match in (_META.search(head), _XML.match(head)) if match]
    return labels
