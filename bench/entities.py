"""How well entities are found: precision, recall and F1 by kind, on texts that were labelled by hand.

    python bench/entities.py [--errors] [--shared ../shared] [--sample N [--seed N]]

Three sets. The demo newsroom (`entity_labels.tsv`, all mentions of companies, organisations, chips and systems in its 86 articles), which
also says what each article is about; sentences with names that also mean something else (`entity_ambiguous.tsv`, half of them meant so); and, with
`--sample`, mentions found in real news beside the repository, printed for a person to judge. A mention is right when it has the label's
entity and overlaps it. `--errors` prints what is wrong.
"""

import argparse
import gzip
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crawlers.newsroom.catalogue import NewsItem, load_newsroom
from index.knowledge.reading import Reading
from index.knowledge.salience import SUBJECT, saliences

HERE = Path(__file__).parent
KINDS = {"company": "company", "organisation": "organisation", "chip": "chip or system", "system": "chip or system"}
_MARK = re.compile(r"\[\[([^|\]]*)\|([^\]]*)\]\]")


@dataclass
class Tally:
    """Counts of one kind."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def line(self, name: str) -> str:
        precision = self.right / max(1, self.right + self.wrong)
        recall = self.right / max(1, self.right + self.missed)
        both = 2 * precision * recall / max(1e-9, precision + recall)
        counts = f"{self.right:5} right {self.wrong:4} wrong {self.missed:4} missed"
        return f"{name:32} {counts}   precision {precision:.3f}  recall {recall:.3f}  F1 {both:.3f}"


@dataclass
class Label:
    """A mention by hand: where, which entities would be right, and whether a careful reader may leave it."""

    start: int
    end: int
    ids: tuple[str, ...]
    optional: bool


@dataclass
class Labels:
    """All labels of an article: spellings with their entities, and what it is about."""

    spellings: list[tuple[str, tuple[str, ...], bool]] = field(default_factory=list)
    about: set[tuple[str, ...]] = field(default_factory=set)

    def of(self, text: str) -> list[Label]:
        """The mentions in `text`: longest spellings first, a spelling inside a longer one is no mention of its own."""
        found: list[Label] = []
        taken: list[tuple[int, int]] = []
        for spelling in sorted({each[0] for each in self.spellings}, key=len, reverse=True):
            for match in re.finditer(_pattern(spelling), text):
                start, end = match.start(), match.start() + len(spelling)
                if any(first <= start and end <= last for first, last in taken):
                    continue
                taken.append((start, end))
                found += [Label(start, end, ids, opt) for known, ids, opt in self.spellings if known == spelling]
        return found


def _pattern(spelling: str) -> str:
    before = r"(?<![A-Za-z0-9])" if re.match(r"[A-Za-z0-9]", spelling) else ""
    after = r"(?=s?(?![A-Za-z0-9]))" if re.search(r"[A-Za-z0-9]$", spelling) else ""
    return before + re.escape(spelling) + after


def newsroom_labels() -> dict[str, Labels]:
    labels: dict[str, Labels] = defaultdict(Labels)
    taken_over: list[tuple[str, str]] = []
    for line in (HERE / "entity_labels.tsv").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        article, entity, spellings = line.split("\t")
        if entity == "=":
            taken_over.append((article, spellings))
            continue
        ids = tuple(entity.lstrip("*?").split("/"))
        if entity.startswith("*"):
            labels[article].about.add(ids)
        ids = () if ids == ("-",) else ids
        labels[article].spellings += [(each, ids, entity.startswith("?")) for each in spellings.split("|")]
    for article, other in taken_over:
        labels[article].spellings += labels[other].spellings
        labels[article].about |= labels[other].about
    return labels


def judge(
    labels: list[Label], found: list[tuple[int, int, str]], reading: Reading, tallies: dict[str, Tally]
) -> Iterator[tuple[str, int, int, str]]:
    """Count into `tallies`; yields what is wrong: (what, start, end, entity)."""
    open_labels = list(labels)
    for start, end, entity_id in found:
        kind = _kind(entity_id, reading)
        overlapping = [each for each in labels if each.start < end and start < each.end]
        match = next((each for each in overlapping if entity_id in each.ids), None)
        if match is None:
            if kind is not None:
                tallies[kind].wrong += 1
                yield "wrong", start, end, entity_id
        elif not match.optional and match in open_labels:
            open_labels.remove(match)
            tallies[_kind(match.ids[0], reading) or "other"].right += 1
    for label in open_labels:
        if not label.optional and label.ids:
            tallies[_kind(label.ids[0], reading) or "other"].missed += 1
            yield "missed", label.start, label.end, "/".join(label.ids)


def _kind(entity_id: str, reading: Reading) -> str | None:
    entity = reading.catalogue.get(entity_id)
    return None if entity is None else KINDS.get(entity.kind)


def fields(item: NewsItem, reading: Reading) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    rows = reading.link(item.title, item.text)
    for name, text in (("title", item.title), ("text", item.text)):
        yield text, [(row.start, row.end, row.entity_id) for row in rows if row.field == name]


def newsroom(reading: Reading, *, errors: bool) -> None:
    labels = newsroom_labels()
    tallies: dict[str, Tally] = defaultdict(Tally)
    items = load_newsroom().items
    assert {item.key for item in items} == set(labels), "every article is labelled"
    for item in items:
        for text, found in fields(item, reading):
            for what, start, end, entity_id in judge(labels[item.key].of(text), found, reading, tallies):
                if errors:
                    print(f"  {what:7} {item.key:45} {entity_id:28} {_around(text, start, end)}")
    print(f"newsroom, {len(items)} articles")
    for kind in sorted(tallies):
        print(tallies[kind].line(f"  {kind}"))


def subjects(reading: Reading) -> None:
    """What the articles are about, by salience, against the labels; the odd articles were looked at."""
    labels = newsroom_labels()
    halves = {"odd": Tally(), "even": Tally()}
    for number, item in enumerate(sorted(load_newsroom().items, key=lambda each: each.key)):
        rows = reading.link(item.title, item.text)
        found = {each.entity_id for each in saliences(rows, item.text, reading.catalogue) if each.salience >= SUBJECT}
        found = {each for each in found if _kind(each, reading) is not None}
        tally = halves["odd" if number % 2 else "even"]
        about = labels[item.key].about
        met = [ids for ids in about if found & set(ids)]
        tally.right += len(met)
        tally.missed += len(about) - len(met)
        tally.wrong += len(found - {each for ids in about for each in ids})
    for name, tally in halves.items():
        print(tally.line(f"subjects, {name} articles"))


def ambiguous(reading: Reading, *, errors: bool) -> None:
    halves: dict[str, Tally] = defaultdict(Tally)
    sizes: Counter[str] = Counter()
    for line in (HERE / "entity_ambiguous.tsv").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        half, marked = line.split("\t")
        sizes[half] += 1
        text, spans = unmarked(marked)
        mentions = reading.mentions(text)
        for start, end, ids in spans:
            found = {m.id for m in mentions if m.start < end and start < m.end} - _makers(ids, reading)
            right = bool(ids) and bool(found & set(ids))
            wrong = found - set(ids)
            for name in (half, f"{half}, {'Chinese' if re.search('[一-鿿]', text) else 'English'}"):
                halves[name].right += right
                halves[name].wrong += bool(wrong)
                halves[name].missed += bool(ids) and not right
            if errors and (wrong or (ids and not right)):
                print(
                    f"  {'missed' if ids and not right else 'wrong':7} {half} {','.join(sorted(wrong)):24} {_around(text, start, end)}"
                )
    for name in sorted(halves):
        print(halves[name].line(f"ambiguous, set {name}"))
    print(f"  sentences: {dict(sizes)}")


def _makers(ids: Iterable[str], reading: Reading) -> set[str]:
    entities = [reading.catalogue.get(each) for each in ids]
    return {each.maker for each in entities if each is not None and each.maker} - set(ids)


def unmarked(marked: str) -> tuple[str, list[tuple[int, int, tuple[str, ...]]]]:
    """The sentence without its marks, and the marked names: start, end, right entities."""
    text, spans, last = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[last : match.start()]
        spans.append((len(text), len(text) + len(match.group(1)), tuple(filter(None, match.group(2).split("/")))))
        text += match.group(1)
        last = match.end()
    return text + marked[last:], spans


def _around(text: str, start: int, end: int) -> str:
    before, after = text[max(0, start - 30) : start], text[end : end + 30]
    return f"{before}⟦{text[start:end]}⟧{after}".replace("\n", " ")


def sample(reading: Reading, shared: Path, count: int, seed: int) -> None:
    """Mentions in real news, at random, for a person to judge; and how many there are in each set."""
    rng = random.Random(seed)
    for name, texts in real_news(shared):
        found = [(text, mention) for text in texts for mention in reading.mentions(text)]
        articles = sum(bool(reading.mentions(text)) for text in texts)
        print(f"{name}: {len(texts)} texts, {len(found)} mentions, in {articles} texts")
        for text, mention in rng.sample(found, min(count, len(found))):
            print(f"  {mention.id:28} {mention.confidence:.2f} {_around(text, mention.start, mention.end)}")


def real_news(shared: Path) -> Iterator[tuple[str, list[str]]]:
    buckets: dict[str, list[str]] = defaultdict(list)
    path = shared / "data" / "zh_news_2023.jsonl.gz"
    if path.exists():
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            entry = json.loads(line)
            buckets[entry["bucket"]].append(entry["text"])
    for bucket, texts in sorted(buckets.items()):
        yield f"zh_news {bucket}", texts if bucket != "other" else random.Random(1).sample(texts, 3000)
    path = shared / "data" / "stories" / "ecbplus_topics_1-22.jsonl.gz"
    if path.exists():
        yield "ECB+", [json.loads(line)["text"] for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    for path in sorted((shared / "data" / "parallel").glob("newstest2019*")):
        yield path.name, path.read_text(encoding="utf-8").splitlines()


def cost(reading: Reading) -> None:
    items = load_newsroom().items
    for item in items:
        reading.link(item.title, item.text)
    began = time.process_time()
    for item in items:
        reading.link(item.title, item.text)
    spent = time.process_time() - began
    size = sum(len(item.text) for item in items)
    print(f"linking: {1000 * spent / len(items):.2f} ms an article of {size / len(items):.0f} characters")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--shared", type=Path, default=HERE.parents[1] / "shared")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=5, help="of the sample")
    options = parser.parse_args()
    reading = Reading.build()
    newsroom(reading, errors=options.errors)
    subjects(reading)
    ambiguous(reading, errors=options.errors)
    cost(reading)
    if options.sample:
        sample(reading, options.shared, options.sample, options.seed)


if __name__ == "__main__":
    main()
