"""How many of the claims read are right, and how many of those made are read, on the demo newsroom; and what reading costs.

    python bench/claims.py [--half tuned|second|held|all] [--wrong] [--missed] [--attribute A] [--cost] [--sample N --shared ../shared]

`claims_tuned.tsv`, `claims_second.tsv` and `claims_held.tsv` hold what a reader found in the articles: an entity, an attribute, a value, what it is
compared with, who says it, and a piece of the sentence; "/" parts what is equally right. Articles are parted by story, so that no
copy of a text that was looked at is in another part. The tuned half was labelled before there were any rules, and looked at while
they were written; the other half was labelled after them and without their answers. What was wrong in `second` was then looked at,
too; what was read and missed in `held` was not, at any time. `claims_adjudicated.tsv` holds claims that
were read, are in no label, and turned out to be right when the sentence was looked up: precision is given without and with them.

A claim read is right where entity, attribute and value are those of a label (numbers within half a per cent, times within the
labelled period). `--cost` times reading beside linking. `--sample` prints what is read in real Chinese news, to be judged.
"""

import argparse
import gzip
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

from crawlers.newsroom.catalogue import NewsItem, load_newsroom
from index.article import Article
from index.knowledge.claims.claim import Claim
from index.knowledge.claims.extract import ClaimReader
from index.knowledge.claims.periods import Period, months
from index.knowledge.reading import Reading
from index.knowledge_base import KnowledgeBase
from index.retrieval.encoder import make_encoder
from index.retrieval.passages import make_passages
from index.settings import Settings
from index.store.articles import article_by_id
from index.text.times import read_datetime

NOW = datetime(2024, 6, 1, tzinfo=UTC)
FOLDER = Path(__file__).parent
_NUMBER = re.compile(r"(-?[\d.]+(?:e\d+)?)(?: (\S+))?(?: - ([\d.]+(?:e\d+)?)(?: \S+)?)?")
_STATUS = {"A": "announced", "R": "reported", "E": "estimated", "D": "denied"}


@dataclass(frozen=True)
class Label:
    """What a reader found; `entities` and `attributes` are equally right, and so are the values in `values`."""

    article: str
    entities: tuple[str, ...]
    attributes: tuple[str, ...]
    values: tuple[str, ...]
    compared: tuple[str, ...]
    status: str | None
    piece: str


def half_of(item: NewsItem) -> str:
    """The part of the newsroom that an article is in, by its story: half tuned, the other half in two parts."""
    place = crc32(f"claims{item.story}".encode())
    return "tuned" if place % 2 == 0 else "held" if place >> 6 & 1 else "second"


def read_labels(path: Path) -> list[Label]:
    """The labels of a file, in its order."""
    labels: list[Label] = []
    article = ""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        if line.startswith("# "):
            article = line[2:].split()[0]
        elif line.strip():
            entity, attribute, value, compared, status, piece = line.split("\t")
            values = (value,) if " " in value else tuple(value.split("/"))  # the unit b/s has a stroke of its own
            against = tuple(each for each in compared.split("/") if each != "-")
            labels.append(
                Label(
                    article, tuple(entity.split("/")), tuple(attribute.split("/")), values, against, _STATUS.get(status), piece
                )
            )
    return labels


def matches(claim: Claim, label: Label) -> bool:
    return (
        claim.entity in label.entities
        and claim.attribute in label.attributes
        and any(_equal(claim, each) for each in label.values)
    )


def _equal(claim: Claim, value: str) -> bool:
    if value == "yes":
        return claim.value_text is not None
    if claim.when is not None:
        period = _period(value)
        return period is not None and period.first <= claim.when.first and claim.when.last <= period.last
    if claim.attribute == "process-node":
        named = claim.value_entity or ""
        return named.endswith(f"-{value}") or (value.endswith("nm") and claim.low == float(value[:-2]))
    if claim.value_entity is not None:
        return claim.value_entity == value
    if claim.value_text is not None:
        return claim.value_text.casefold() == value.casefold()
    match = _NUMBER.fullmatch(value)
    if match is None or claim.low is None or claim.high is None:
        return False
    low, unit, high = float(match[1]), match[2] or "", float(match[3] or match[1])
    counted = claim.unit in ("transistor", "chip", "system", "core", "customer", "wafer", "flop-days")
    if unit != claim.unit and not (counted and not unit):
        return False
    return _near(claim.low, low) and _near(claim.high, high)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= 0.005 * max(abs(one), abs(other))


def _period(value: str) -> Period | None:
    if match := re.fullmatch(r"(\d{4})(?:-(?:Q([1-4])|H([12])|(\d\d)(?:-(\d\d))?))?", value):
        year = int(match[1])
        if match[2]:
            return months(year, 3 * int(match[2]) - 2, 3)
        if match[3]:
            return months(year, 6 * int(match[3]) - 5, 6)
        if match[5]:
            day = date(year, int(match[4]), int(match[5]))
            return Period(day, day, "day")
        return months(year, int(match[4]), 1) if match[4] else months(year, 1, 12)
    return None


def read_item(reader: ClaimReader, reading: Reading, item: NewsItem) -> list[Claim]:
    mentions = reading.link(item.title, item.text)
    return reader.read(item.title, item.text, mentions, published=item.published, seen=item.published, lang=item.lang[:2])


def value_of(claim: Claim) -> str:
    """A claim's value in a word."""
    if claim.value_entity or claim.value_text:
        return claim.value_entity or claim.value_text or ""
    if claim.when is not None:
        return claim.when.label
    return f"{claim.low:g}{f' - {claim.high:g}' if claim.high != claim.low else ''} {claim.unit}"


def evaluate(halves: tuple[str, ...], options: argparse.Namespace) -> None:
    reading = Reading.build()
    reader = ClaimReader(reading.catalogue)
    items = {item.key: item for item in load_newsroom().items if half_of(item) in halves and item.copy_of is None}
    labels = defaultdict(list)
    for half in halves:
        for label in read_labels(FOLDER / f"claims_{half}.tsv"):
            labels[label.article].append(label)
    missing = [label for group in labels.values() for label in group if label.article not in items]
    assert not missing, missing[:3]
    for article, group in labels.items():
        for label in group:
            item = items[article]
            assert label.piece in item.text or label.piece in item.title, (article, label.piece)
    adjudicated = defaultdict(list)
    for label in read_labels(FOLDER / "claims_adjudicated.tsv"):
        adjudicated[label.article].append(label)
    right = extra = wrong = found = total = statuses = agreed = against = same = 0
    by_attribute: dict[str, Counter[str]] = defaultdict(Counter)
    for key in sorted(labels):
        item = items[key]
        claims = read_item(reader, reading, item)
        for claim in claims:
            body = item.title if claim.field == "title" else item.text
            assert body[claim.start : claim.end] == claim.quote
        hit: set[int] = set()
        for claim in claims:
            if options.attribute and claim.attribute != options.attribute:
                continue
            fitting = [number for number, label in enumerate(labels[key]) if matches(claim, label)]
            if fitting:
                right += 1
                by_attribute[claim.attribute]["right"] += 1
                number = next((n for n in fitting if n not in hit), fitting[0])
                label = labels[key][number]
                if label.status is not None:
                    statuses += 1
                    agreed += claim.status == label.status
                if label.compared:
                    against += 1
                    same += claim.compared in label.compared or claim.scope.get("object") in label.compared
                hit.update(fitting)
            elif any(matches(claim, label) for label in adjudicated[key]):
                extra += 1
                by_attribute[claim.attribute]["adjudicated"] += 1
            else:
                wrong += 1
                by_attribute[claim.attribute]["wrong"] += 1
                if options.wrong:
                    print(
                        f"WRONG {key} {claim.entity} {claim.attribute} {value_of(claim)} vs={claim.compared or '-'} | {claim.written} | {claim.quote[:160]}"
                    )
        for number, label in enumerate(labels[key]):
            if options.attribute and options.attribute not in label.attributes:
                continue
            total += 1
            found += number in hit
            by_attribute[label.attributes[0]]["labels"] += 1
            by_attribute[label.attributes[0]]["found"] += number in hit
            if options.missed and number not in hit:
                print(
                    f"MISSED {key} {'/'.join(label.entities)} {'/'.join(label.attributes)} {'/'.join(label.values)} | {label.piece}"
                )
    read = right + extra + wrong
    print(f"{'+'.join(halves)}: {len(labels)} articles, {total} labels, {read} claims read")
    print(
        f"precision {right / max(1, read):.3f} by the labels alone, {(right + extra) / max(1, read):.3f} with {extra} adjudicated"
    )
    print(f"recall {found / max(1, total):.3f}; status right {agreed}/{statuses}; compared with the right one {same}/{against}")
    for attribute, counts in sorted(by_attribute.items(), key=lambda pair: -pair[1]["labels"]):
        print(
            f"  {attribute:20} labels {counts['labels']:4} found {counts['found']:4}   read right {counts['right']:4} "
            f"adjudicated {counts['adjudicated']:3} wrong {counts['wrong']:3}"
        )


def cost() -> None:
    """Milliseconds of processor time an article for linking, claims and encoding its passages: the least of some runs."""
    reading = Reading.build()
    reader = ClaimReader(reading.catalogue)
    items = load_newsroom().items
    encoder = make_encoder(Settings())
    assert encoder is not None
    texts = list(_embedded(reading))
    encoder.encode_documents(texts[:8])
    mentions = [reading.link(item.title, item.text) for item in items]
    runs: dict[str, list[float]] = defaultdict(list)
    for turn in range(5):
        if turn < 1:
            began = time.process_time()
            encoder.encode_documents(texts)
            runs["encoding"].append(time.process_time() - began)
        began = time.process_time()
        for item in items:
            reading.link(item.title, item.text)
        runs["linking"].append(time.process_time() - began)
        began = time.process_time()
        for item, named in zip(items, mentions, strict=True):
            reader.read(item.title, item.text, named, published=item.published, seen=item.published, lang=item.lang[:2])
        runs["claims"].append(time.process_time() - began)
    for name, seconds in runs.items():
        print(
            f"{name}: {min(seconds) / len(items) * 1e3:.2f} ms an article ({sum(len(i.text) for i in items) / len(items):.0f} characters)"
        )


def _embedded(reading: Reading) -> Iterator[str]:
    """What the default model reads of the newsroom's articles."""
    with TemporaryDirectory() as home, KnowledgeBase.open(Settings(home=Path(home), model="none"), writer=True) as kb:
        items = load_newsroom().items
        kb.ingest(
            [Article(f"https://demo.example/{i.key}", i.title, i.text, i.lang[:2], "demo", i.published) for i in items], NOW
        )
        for number in range(1, len(items) + 1):
            article = article_by_id(kb.store, number)
            if article is not None:
                yield from (each.embedded for each in make_passages(article, reading.glosser, "", glossed=True))


def sample(shared: Path, number: int, seed: int) -> None:
    """What is read in some real Chinese news of the odd half, one line each, to be judged by reading."""
    reading = Reading.build()
    reader = ClaimReader(reading.catalogue)
    articles = [article for place, article in enumerate(news(shared)) if place % 2]
    for article in random.Random(seed).sample(articles, number):
        text = article["text"]
        published = read_datetime(article["published"])
        seen = published or datetime(2024, 1, 1, tzinfo=UTC)
        claims = reader.read("", text, reading.link("", text), published=published, seen=seen, lang="zh")
        for claim in claims:
            print(
                f"{claim.entity}\t{claim.attribute}\t{value_of(claim)}\t{claim.compared or '-'}\t{dict(claim.scope)}\t"
                f"{claim.status} {','.join(claim.cited)}\t{claim.written}\t{claim.quote}"
            )


def news(shared: Path) -> Iterator[dict[str, str]]:
    with gzip.open(shared / "data/zh_news_2023.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["bucket"] != "other":
                yield record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", default="all", choices=("tuned", "second", "held", "all"))
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--attribute")
    parser.add_argument("--cost", action="store_true")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shared", type=Path, default=FOLDER.parent.parent / "shared")
    options = parser.parse_args()
    if options.cost:
        cost()
    elif options.sample:
        sample(options.shared, options.sample, options.seed)
    else:
        evaluate(("tuned", "second", "held") if options.half == "all" else (options.half,), options)


if __name__ == "__main__":
    main()
