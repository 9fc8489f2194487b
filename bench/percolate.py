"""Percolation: saved searches matched with articles as they are indexed, against asking every search in full.

    python -m bench.percolate [--searches 500] [--batch 250] [--batches 3] [--store 1000] [--scale 0]

The first `--store` chip articles of the file are indexed (with `--scale` repeated with edits to so many), then batches of
`--batch` more (250 is what 50 articles a second bring in 5 seconds). For each batch: seconds of matching it with all saved
searches, the articles a second that this would keep up with, the same for asking every search in full (narrowed to the
batch), how many searches were ranked by percolation, and whether both found the same; then what recording took, which writes an
alert for every story that a search was not told of. Seconds are by the clock and, in brackets, of the processor. The first
batch finds nothing remembered; the first in a new process nothing parsed. One thread matches.

Searches are made of what articles of the file name and say, in both languages, seeded.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.speed import NOW, THREADS, Repeating, read, repeated
from index.alerts.matching import raise_alerts
from index.article import Article
from index.knowledge.reading import Reading
from index.knowledge_base import KnowledgeBase
from index.retrieval.encoder import SentenceTransformerEncoder
from index.retrieval.filters import Filters
from index.retrieval.percolation import Match, Percolator, Waiting
from index.retrieval.refresh import refresh
from index.settings import Settings
from index.store.searches import SavedSearch, memories, newest_article, save_search, set_alerted_to
from index.text.tokens import STOP_WORDS


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(__file__).parent.parent.parent / "shared" / "data" / "zh_news_2023.jsonl.gz"
    parser.add_argument("--articles", type=Path, default=default)
    parser.add_argument("--searches", type=int, default=500)
    parser.add_argument("--batch", type=int, default=250)
    parser.add_argument("--batches", type=int, default=3)
    parser.add_argument("--store", type=int, default=1000)
    parser.add_argument("--scale", type=int, default=0)
    options = parser.parse_args()
    if not options.articles.is_file():
        sys.exit(f"There is no file {options.articles}: name one with --articles.")
    articles = read(options.articles, options.store + options.batch * options.batches)
    first, rest = articles[: options.store], articles[options.store :]
    settings = Settings(threads=THREADS)
    encoder = Repeating(SentenceTransformerEncoder(settings))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with KnowledgeBase.open(replace(settings, home=home), writer=True, encoder=encoder) as kb:
            index(kb, list(repeated(first, options.scale or len(first))))
            waiting = list(searches(kb.reading, articles, options.searches))
            for each in waiting:
                save_search(kb.store, saved(each))
            set_alerted_to(kb.store, newest_article(kb.store))
            mine = Timed(percolator(kb))
            print(f"{options.searches} searches, {kb.status().articles:,} articles, {kb.status().passages:,} passages")
            for start in range(0, len(rest), options.batch):
                after = newest_article(kb.store)
                batch = rest[start : start + options.batch]
                indexing = Watch()
                index(kb, batch)
                indexing.stop()
                recording = Watch()
                report = raise_alerts(kb.store, kb.reading, mine, NOW, UTC)
                recording.stop(mine.watch)
                full = percolator(kb)
                known = memories(kb.store)
                asked = [replace(each, memory=replace(known[each.id], best=None)) for each in waiting if each.id in known]
                list(full.match(asked[:1], after, NOW))
                whole = Watch()
                expected = list(full.match(asked, after, NOW))
                whole.stop()
                took, in_full = mine.watch, sum(match.memory is not None for match in mine.matches)
                same = found(mine.matches) == found(expected)
                print(
                    f"batch of {len(batch)}: indexed in {indexing}; matched in {took} = {len(batch) / took.wall:,.0f} articles/s"
                    f" ({1000 * took.wall / len(waiting):.2f} ms a search); all in full {whole}, ratio {whole.wall / took.wall:.1f}"
                    f" ({whole.cpu / took.cpu:.1f}); {in_full} ranked; {'the same' if same else 'NOT THE SAME'};"
                    f" {report.alerts:,} alerts recorded in {recording}"
                )


class Watch:
    """Seconds by the clock and of the processor, from when it was made until it is stopped."""

    def __init__(self) -> None:
        self.wall, self.cpu = -time.perf_counter(), -time.process_time()

    def stop(self, but: "Watch | None" = None) -> None:
        """`but` is a time within, which does not count."""
        self.wall += time.perf_counter() - (but.wall if but else 0)
        self.cpu += time.process_time() - (but.cpu if but else 0)

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.cpu:.2f})"


class Timed(Percolator):
    """A percolator that keeps what it found, and how long it took."""

    def __init__(self, percolator: Percolator) -> None:
        self.__dict__.update(percolator.__dict__)

    def match(self, waiting: Sequence[Waiting], after: int, now: datetime) -> Iterator[Match]:
        self.watch = Watch()
        self.matches = list(super().match(waiting, after, now))
        self.watch.stop()
        return iter(self.matches)


def saved(waiting: Waiting) -> SavedSearch:
    return SavedSearch(waiting.id, f"search {waiting.id}", waiting.query, {"lang": waiting.filters.lang}, NOW)


def index(kb: KnowledgeBase, articles: Sequence[Article]) -> None:
    kb.ingest(articles, NOW)
    refresh(kb.store, kb.reading, kb.encoder, NOW)


def percolator(kb: KnowledgeBase) -> Percolator:
    return Percolator(kb.store, kb.reading, kb.encoder, kb._reader, kb._searcher)


def found(matches: Sequence[Match]) -> dict[int, set[int]]:
    return {match.search_id: {hit.article.id for hit in match.hits} for match in matches if match.hits}


def searches(reading: Reading, articles: Sequence[Article], count: int) -> Iterator[Waiting]:
    chance = random.Random(7)
    made: set[str] = set()
    while len(made) < count:
        article = chance.choice(articles)
        words = [
            word for word in reading.glosser.words(article.text[:600]) if word.token.text not in STOP_WORDS and word.glosses
        ]
        names = reading.mentions(article.text[:600])
        if len(words) < 8:
            continue
        name = chance.choice(names) if names else None
        english = chance.random() < 0.5
        chosen = chance.sample(words, chance.choice((1, 1, 2)))
        said = [word.glosses[0] if english else word.token.text for word in chosen]
        if name is not None and chance.random() < 0.7:
            said.insert(0, reading.catalogue.name_of(name.id) if english else name.surface)
        query = " ".join(said)
        if query in made:
            continue
        made.add(query)
        filters = Filters(lang=("zh",)) if chance.random() < 0.1 else Filters()
        yield Waiting(len(made), query, filters)


if __name__ == "__main__":
    main()
