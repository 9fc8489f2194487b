"""The newsroom's data: outlets and articles from files, as frozen values."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

FOLDER = Path(__file__).parent
_FRONT = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n?(.*)\Z", re.DOTALL)
_KEYS = {"title", "published", "modified", "author", "lang", "story", "tags", "sources", "copy_of"}
_FEEDS = ("rss", "rss-full", "atom", "json", "none")
_SITEMAPS = ("index", "plain", "news", "none")


@dataclass(frozen=True, slots=True)
class Outlet:
    """An invented outlet; its site is ``http://<host>.localhost:<port>/``."""

    id: str
    name: str
    host: str
    language: str
    country: str
    kind: str
    tagline: str
    feed: str
    sitemap: str
    path: str
    zone: str
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item or quotation of an article: ``kind`` is p, h2, li or blockquote."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class NewsItem:
    """An article. ``story`` is our own label of the event; ``copy_of`` names the item whose text it repeats."""

    outlet: Outlet
    slug: str
    title: str
    published: datetime
    lang: str
    story: str
    blocks: tuple[Block, ...]
    author: str | None = None
    modified: datetime | None = None
    tags: tuple[str, ...] = ()
    copy_of: str | None = None

    @property
    def key(self) -> str:
        return f"{self.outlet.id}/{self.slug}"

    @property
    def number(self) -> int:
        """A number such as content systems give: the same in every build."""
        return 100_000 + crc32(self.key.encode()) % 900_000

    @property
    def path(self) -> str:
        """Its address on its outlet's site, dated in the outlet's zone."""
        local = self.published.astimezone(ZoneInfo(self.outlet.zone))
        return self.outlet.path.format(
            year=f"{local.year:04d}", month=f"{local.month:02d}", day=f"{local.day:02d}", slug=self.slug, number=self.number
        )

    @property
    def text(self) -> str:
        """What an extractor should find: the blocks, a blank line between them."""
        return "\n\n".join(block.text for block in self.blocks)

    @property
    def summary(self) -> str:
        first = next((block.text for block in self.blocks if block.kind == "p"), "")
        return first if len(first) <= 220 else first[:219].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Newsroom:
    """All outlets with their items, newest first."""

    outlets: tuple[Outlet, ...]
    items: tuple[NewsItem, ...]

    def of(self, outlet_id: str) -> list[NewsItem]:
        return [item for item in self.items if item.outlet.id == outlet_id]

    def item(self, key: str) -> NewsItem:
        """Raises KeyError."""
        return {item.key: item for item in self.items}[key]

    def stories(self) -> dict[str, list[NewsItem]]:
        """Items by story label, for judging the clustering."""
        grouped: dict[str, list[NewsItem]] = {}
        for item in self.items:
            grouped.setdefault(item.story, []).append(item)
        return grouped


def load_newsroom(folder: Path = FOLDER) -> Newsroom:
    """Read ``outlets.toml`` and ``articles/<outlet>/<slug>.md``.

    Raises:
        ValueError: a malformed file, by name.
    """
    entries = tomllib.loads((folder / "outlets.toml").read_text(encoding="utf-8"))["outlet"]
    outlets = {entry["id"]: _outlet(entry) for entry in entries}
    drafts = {}
    for path in sorted((folder / "articles").glob("*/*.md")):
        outlet = outlets.get(path.parent.name)
        if outlet is None:
            raise ValueError(f"{path}: there is no outlet {path.parent.name!r}")
        drafts[f"{outlet.id}/{path.stem}"] = _item(path, outlet)
    items = [_resolved(item, drafts) for item in drafts.values()]
    items.sort(key=lambda item: (-item.published.timestamp(), item.key))
    return Newsroom(tuple(outlets.values()), tuple(items))


def _outlet(entry: Mapping[str, Any]) -> Outlet:
    outlet = Outlet(**entry)
    if outlet.feed not in _FEEDS or outlet.sitemap not in _SITEMAPS:
        raise ValueError(f"outlets.toml: {outlet.id}: unknown feed or sitemap kind")
    return outlet


def _item(path: Path, outlet: Outlet) -> NewsItem:
    match = _FRONT.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(f"{path}: no front matter between +++ lines")
    try:
        front = tomllib.loads(match[1])
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: {error}") from error
    unknown = set(front) - _KEYS
    missing = {"title", "published", "lang", "story"} - set(front)
    if unknown or missing:
        raise ValueError(f"{path}: unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    if front["published"].tzinfo is None:
        raise ValueError(f"{path}: published has no time zone")
    return NewsItem(
        outlet=outlet,
        slug=path.stem,
        title=front["title"],
        published=front["published"],
        lang=front["lang"],
        story=front["story"],
        blocks=tuple(_blocks(match[2])),
        author=front.get("author"),
        modified=front.get("modified"),
        tags=tuple(front.get("tags", ())),
        copy_of=front.get("copy_of"),
    )


def _resolved(item: NewsItem, drafts: Mapping[str, NewsItem]) -> NewsItem:
    if item.copy_of is None:
        if not item.blocks:
            raise ValueError(f"{item.key}: no text")
        return item
    original = drafts.get(item.copy_of)
    if original is None or original.copy_of is not None:
        raise ValueError(f"{item.key}: copy_of {item.copy_of!r} is no original article")
    from dataclasses import replace

    return replace(item, blocks=(*item.blocks, *original.blocks), story=original.story)


def _blocks(markdown: str) -> Sequence[Block]:
    blocks: list[Block] = []
    for chunk in re.split(r"\n\s*\n", markdown.strip()):
        lines = [line.strip() for line in chunk.splitlines() if line.strip()]
        if not lines:
            continue
        if all(line.startswith("- ") for line in lines):
            blocks.extend(Block("li", line[2:].strip()) for line in lines)
        elif lines[0].startswith("## "):
            blocks.append(Block("h2", lines[0][3:].strip()))
            if lines[1:]:
                blocks.append(Block("p", " ".join(lines[1:])))
        elif lines[0].startswith("> "):
            blocks.append(Block("blockquote", " ".join(line.lstrip("> ") for line in lines)))
        else:
            joint = "" if "\u4e00" <= lines[0][-1] <= "\u9fff" or lines[0][-1] in "，。；：" else " "
            blocks.append(Block("p", joint.join(lines)))
    return blocks
