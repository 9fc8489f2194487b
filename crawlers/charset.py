"""The character encoding of a page, as browsers decide it (WHATWG), with Chinese supersets for the labels that lie."""

import codecs
import re

_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]+encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
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
        name = _SUPERSETS.get(label.lower(), label)
        try:
            if codecs.lookup(name).name != "utf-8":
                return body.decode(name, "replace")
        except LookupError:
            continue
    for name in ("gb18030", "big5hkscs", "cp1252"):
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", "replace")


def _labels(body: bytes, content_type: str | None) -> list[str]:
    labels = [match[1] for match in [_HEADER.search(content_type or "")] if match]
    head = body[:4096]
    labels += [match[1].decode("ascii") for match in (_META.search(head), _XML.search(head)) if match]
    return labels
