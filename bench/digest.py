"""How well the digest orders a week, on weeks that were labelled by reading (`bench/digest_labels.tsv`).

    python bench/digest.py [--shared ../shared] [--only SET,…] [--keep FOLDER] [--show] [--without PART,…]

Every set is imported, refreshed and composed like any other data. Of each: the share of the stories marked 4 or 5 that the
digest has among its first ten (of ten, where more are so marked), Kendall's tau-b of importance and marks over all labelled
stories, copies that stand as stories of their own (articles of one story, in different entries, of which one repeats the other),
and labelled stories that are told in more than one entry. `--show` prints the order with marks and parts, `--without` leaves
parts of the importance out.
"""

import argparse
import gzip
import hashlib
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from crawlers.files import article_from_record
from crawlers.newsroom.catalogue import load_newsroom
from index.article import Article
from index.digest.compose import Digest, Entry
from index.knowledge.copies import Wording
from index.knowledge.reading import Reading
from index.knowledge_base import KnowledgeBase
from index.retrieval.encoder import Encoder, make_encoder
from index.settings import Settings

LABELS = Path(__file__).parent / "digest_labels.tsv"
NOW = datetime(2024, 6, 1, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
TOP, WANTED = 10, 4


@dataclass(frozen=True)
class Label:
    key: str
    story: str
    mark: int


@dataclass(frozen=True)
class Scores:
    stories: int
    wanted: int
    share: float
    tau: float
    copies_apart: int
    told_twice: int


def labels() -> dict[str, list[Label]]:
    found: dict[str, list[Label]] = defaultdict(list)
    for line in LABELS.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            name, key, story, mark = line.split("\t")
            found[name].append(Label(key, story, int(mark)))
    return found


def chinese_year(path: Path) -> dict[str, Article]:
    """The dated articles of the Chinese year by the first digits of their text's hash, read as `chipwire import` reads them."""
    found = {}
    with gzip.open(path) as lines:
        for record in map(json.loads, lines):
            if record.get("published") and record["bucket"] != "other":
                moment = datetime.fromisoformat(record["published"]).replace(tzinfo=ZONE)
                key = hashlib.sha256(record["text"].encode()).hexdigest()[:10]
                found[key] = article_from_record({"text": record["text"], "published": moment.isoformat()})
    return found


def newsroom() -> dict[str, Article]:
    return {
        item.key: Article(f"https://{item.outlet.host}.example{item.path}", item.title, item.text, item.lang[:2],
                          item.outlet.id, item.published)
        for item in load_newsroom().items
    }  # fmt: skip


def composed(articles: dict[str, Article], home: Path, encoder: Encoder, reading: Reading) -> tuple[Digest, dict[int, str]]:
    """The digest of all the days of `articles`, and the labels' keys by article id."""
    settings = Settings(home=home, timezone="Asia/Shanghai")
    with KnowledgeBase.open(settings, writer=True, encoder=encoder, reading=reading) as kb:
        kb.ingest(articles.values(), NOW)
        kb.refresh(NOW)
        moments = [a.published.astimezone(ZONE) for a in articles.values() if a.published]
        digest = kb.digest_between(f"{min(moments):%Y-%m-%d}", f"{max(moments) + timedelta(days=1):%Y-%m-%d}")
        by_text = {article.text: key for key, article in articles.items()}
        keys = {c.article.id: by_text[c.article.text] for entry in digest.entries for c in entry.coverage}
        return digest, keys


def tau_b(a: Collection[float], b: Collection[float]) -> float:
    """Kendall's tau-b (Kendall 1945): ties in either count for neither side."""
    x, y = np.array(list(a), float), np.array(list(b), float)
    upper = np.triu_indices(len(x), 1)
    dx, dy = np.sign(x[:, None] - x[None])[upper], np.sign(y[:, None] - y[None])[upper]
    return float((dx * dy).sum() / np.sqrt((dx != 0).sum() * (dy != 0).sum()))


def scored(digest: Digest, keys: dict[int, str], labelled: list[Label], without: Collection[str] = ()) -> Scores:
    story_of = {label.key: label.story for label in labelled}
    marks: dict[str, int] = defaultdict(int)
    for label in labelled:
        marks[label.story] = max(marks[label.story], label.mark)
    weights = {e.story_id: weight(e, without) for e in digest.entries}
    order = sorted(digest.entries, key=lambda e: (-weights[e.story_id], e.story_id))
    best: dict[str, float] = {}
    told: dict[str, set[int]] = defaultdict(set)
    texts: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for entry in order:
        for c in entry.coverage:
            story = story_of[keys[c.article.id]]
            best.setdefault(story, weights[entry.story_id])
            told[story].add(entry.story_id)
            texts[story].append((entry.story_id, c.article.text))
    top = {story_of[keys[c.article.id]] for entry in order[:TOP] for c in entry.coverage}
    wanted = {story for story, mark in marks.items() if mark >= WANTED}
    stories = sorted(best)
    return Scores(
        len(marks),
        len(wanted),
        min(1.0, len(top & wanted) / min(TOP, len(wanted))),
        tau_b([best[s] for s in stories], [marks[s] for s in stories]),
        sum(_repeats(members) for members in texts.values()),
        sum(len(entries) > 1 for entries in told.values()),
    )


def weight(entry: Entry, without: Collection[str]) -> float:
    return sum(value for name, value in entry.parts.items() if name not in without)


def _repeats(members: list[tuple[int, str]]) -> int:
    """Articles that repeat one of another entry."""
    wordings = [(entry, Wording(text)) for entry, text in members]
    return sum(
        any(other != entry and wording.repeats(words) for other, words in wordings[:n])
        for n, (entry, wording) in enumerate(wordings)
    )


def show(digest: Digest, keys: dict[int, str], labelled: list[Label], without: Collection[str]) -> None:
    by_key = {label.key: label for label in labelled}
    for place, entry in enumerate(sorted(digest.entries, key=lambda e: -weight(e, without)), 1):
        told = {by_key[keys[c.article.id]] for c in entry.coverage}
        mark = max(label.mark for label in told)
        parts = ", ".join(f"{name} {value:g}" for name, value in entry.parts.items() if value and name not in without)
        print(
            f"{place:4} [{mark}] {weight(entry, without):6.2f} {sorted({t.story for t in told})} {entry.headline[:44]}\n{'':10}{parts}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=Path(__file__).parent.parent.parent / "shared")
    parser.add_argument("--only", help="names of sets, with commas")
    parser.add_argument("--keep", type=Path, help="keep the stores in this folder and reuse them")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--without", default="", help="parts to leave out, with commas")
    options = parser.parse_args()
    year = options.shared / "data" / "zh_news_2023.jsonl.gz"
    if not year.is_file():
        sys.exit(f"There is no evaluation data in {options.shared}.")
    without = [part.strip() for part in options.without.split(",") if part.strip()]
    articles = chinese_year(year) | newsroom()
    reading = Reading.build()
    encoder = make_encoder(Settings(home=Path(".")))
    assert encoder is not None
    print(
        f"{'set':8} {'articles':>8} {'stories':>7} {'4 or 5':>6} {'top ten':>8} {'tau':>6} {'copies apart':>13} {'told twice':>11}"
    )
    with tempfile.TemporaryDirectory() as temporary:
        for name, labelled in labels().items():
            if options.only and name not in options.only.split(","):
                continue
            own = {label.key: articles[label.key] for label in labelled}
            home = (options.keep or Path(temporary)) / name
            digest, keys = composed(own, home, encoder, reading)
            found = scored(digest, keys, labelled, without)
            print(
                f"{name:8} {len(own):8} {found.stories:7} {found.wanted:6} {found.share:8.2f} {found.tau:6.3f} "
                f"{found.copies_apart:13} {found.told_twice:11}",
                flush=True,
            )
            if options.show:
                show(digest, keys, labelled, without)


if __name__ == "__main__":
    main()
