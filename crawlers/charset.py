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


_COMMON = frozenset(
    "的一是不在了有和人这這中大为為上个個国國我以要他时時来來用们們生到作地于於出就分对對成会會可主发發年动動同工也能下过過子说說产產"
    "种種面而方后後多定行学學法所民得经經三之进進等部度家电電力里自二理起小现現实實加量都两兩体體机機当當点點从從业業本去性好应應开開"
    "它合还還因由其然前外日新公司市场場元美月技术術高最数數据據关關称稱与與将將表示亿億报報道網网者及更第已并並通全比"
)
"""Characters of which every Chinese text is full in its right encoding (about two of five are), and no text in a wrong one."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_HAN = re.compile("[\u4e00-\u9fff]")
_ENOUGH_HAN, _SURE = 20, 0.2
"""Han characters from which a text may be judged, and the share of common ones in Chinese text."""
_SAMPLE = 100_000
_FEW = 500
"""Characters for one that is damaged: so few are an accident, not another encoding."""
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

    Text that is valid UTF-8, but for an accident, is UTF-8 whatever else is claimed (if it is pure ASCII, that makes no
    difference). Of Chinese text in another encoding than the claimed one the right one is found by its characters. Bytes that
    fit nothing become replacement characters.
    """
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if body.startswith(mark):
            return body.decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = body.decode("utf-8", "replace")
    if text.count("\ufffd") * _FEW < sum(map(len, _NOT_ASCII.findall(text))) or _is_chinese(text):
        return text
    claimed = next((codec for label in _labels(body, content_type) if (codec := codec_of(label)) not in (None, "utf-8")), None)
    text = body.decode(claimed, "replace") if claimed else ""
    if claimed and _is_chinese(text):
        return text
    for name in ("gb18030", "big5hkscs"):
        other = body.decode(name, "replace")
        if name != claimed and _is_chinese(other):
            return other
    if claimed:
        return text
    for name in ("gb18030", "big5hkscs", "cp1252"):
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", "replace")


def _is_chinese(text: str) -> bool:
    """Whether the text is Chinese that was decoded rightly."""
    han = _HAN.findall(text[:_SAMPLE])
    return len(han) >= _ENOUGH_HAN and sum(char in _COMMON for char in han) >= _SURE * len(han)


def _labels(body: bytes, content_type: str | None) -> list[str]:
    labels = [label for label in [header_charset(content_type)] if label]
    head = body[:4096]
    labels += [match[1].decode("ascii") for match in (_META.search(head), _XML.match(head)) if match]
    return labels
