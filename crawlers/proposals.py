"""Sources that somebody proposes with no more than an address and a name: ids, languages and countries for them."""

import re
import unicodedata
from collections.abc import Container
from urllib.parse import urlsplit

from crawlers.sources import MAX_ID, ZONES, Source, source_from
from index.errors import CatalogueError
from index.text.address import host_of
from index.text.fold import fold_width_and_script
from index.text.language import detect_language

_HAN = re.compile("[\u4e00-\u9fff]")
_TRADITIONAL = re.compile(r"hant|\b(?:tw|hk|mo)\b", re.IGNORECASE)
_GENERIC = frozenset("www com org net co gov edu news blog blogs feeds feed rss cn tw uk kr jp de io ai html xml index".split())
_COUNTRY_OF_LANGUAGE = {"zh-Hans": "CN", "zh-Hant": "TW"}
_MAX_NAME = 200


def propose(
    name: str,
    address: str,
    taken: Container[str],
    *,
    where: str,
    feeds: tuple[str, ...] = (),
    sitemaps: tuple[str, ...] = (),
    homepage: str = "",
    language: str | None = None,
    sample: str = "",
    kind: str = "press",
    topic: str = "on-topic",
) -> Source:
    """A source with a free id, for whom nothing else is known.

    `language` is a tag as a site writes it (zh-CN, en_US); without one, the script of `name` and `sample` decides. The
    country, which the time zone follows from, is that of the host's domain, else the usual one of a Chinese script.

    Raises:
        CatalogueError: it is in none of Chipwire's languages, or an address is not usable.
    """
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())[:_MAX_NAME] or host_of(address)
    tag = language_of(language, f"{name}\n{sample}")
    if tag is None:
        found = repr(language) if language else "another language"
        raise CatalogueError(f"{where}: it is in {found}; sources are in English or Chinese.")
    entry = {
        "id": free_id(name, address, taken),
        "name": name,
        "kind": kind,
        "language": tag,
        "country": country_of(homepage or address) or _COUNTRY_OF_LANGUAGE.get(tag, ""),
        "homepage": homepage,
        "feeds": list(feeds),
        "sitemaps": list(sitemaps),
        "topic": topic,
    }
    return source_from(entry, where)


def free_id(name: str, address: str, taken: Container[str]) -> str:
    """A slug of `name`, of the host where the name has no Latin letters, with a number behind it where it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    slug = _slug(plain)
    # One Latin letter or a bare number says nothing of "36氪" or "A股": the host says more.
    if len(re.sub(r"[^a-z]", "", slug)) < 3:
        parts = [part for part in re.split(r"[^a-z0-9]+", host_of(address)) if part not in _GENERIC]
        slug = _slug("-".join(parts)) or slug or _slug(host_of(address)) or "source"
    wanted, number = slug, 2
    while wanted in taken:
        wanted, number = f"{slug[: MAX_ID - 6].rstrip('-')}-{number}", number + 1
    return wanted


def language_of(tag: str | None, text: str) -> str | None:
    """One of `crawlers.sources.LANGUAGES` for a language tag, or for the script of `text` where the tag is missing; or None.

    Text that is too short to tell counts as English, unless it is in a third script.
    """
    if tag and tag.strip():
        first = re.split("[-_]", tag.strip().lower())[0]
        if first in ("zh", "cmn", "chinese"):
            return "zh-Hant" if _TRADITIONAL.search(tag.replace("_", "-")) else "zh-Hans"
        return "en" if first in ("en", "eng", "english") else None
    found = detect_language(text)
    if found == "zh":
        han = "".join(_HAN.findall(text))
        traditional = sum(old != new for old, new in zip(han, fold_width_and_script(han), strict=True))
        return "zh-Hant" if traditional * 10 > len(han) else "zh-Hans"
    foreign = sum(char.isalpha() and "LATIN" not in unicodedata.name(char, "") for char in text)
    return None if foreign * 2 > sum(char.isalpha() for char in text) else "en"


def country_of(address: str) -> str:
    """The country of the host's top-level domain, among those whose time zone is known; else empty."""
    try:
        ending = (urlsplit(address).hostname or "").rstrip(".").rpartition(".")[2].upper()
    except ValueError:
        return ""
    ending = "GB" if ending == "UK" else ending
    return ending if ending in ZONES else ""


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[: MAX_ID - 6].strip("-")
