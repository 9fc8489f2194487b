"""How well stories and near-duplicates are told apart, on the sets of the shared data and our own newsroom.

    python bench/stories.py ecb|edits|ntrex|ntrex-tw|newsroom|lookalikes|lookalikes-undated|pairs|WEEK|all --data ../shared/data [--seed N]

Every set goes through the product: imported as one stream, refreshed, and read back as stories.
"""

import argparse
import gzip
import json
import random
import tempfile
import time
import tomllib
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.digest import chinese_year, labels
from bench.story_edits import Tools, edited_stream
from crawlers.body import tidy
from crawlers.headlines import headline_from
from crawlers.newsroom.catalogue import load_newsroom
from index.article import Article
from index.knowledge.reading import Reading
from index.knowledge_base import KnowledgeBase
from index.retrieval.encoder import Encoder, make_encoder
from index.settings import Settings
from index.text.fold import fold
from index.text.language import detect_language
from index.text.times import read_datetime

NOW = datetime(2024, 6, 1, tzinfo=UTC)
Labelled = list[tuple[str, Article]]
LOOKALIKES = Path(__file__).parent.parent / "tests" / "index" / "knowledge" / "lookalikes.toml"
PAIRS = Path(__file__).parent / "story_pairs.toml"
WEEKS = ("w29", "w30", "w31", "d0809", "w33")
"""Weeks of real Chinese news whose stories were labelled for the digest (`bench/digest_labels.tsv`)."""
SETS = ("ecb", "edits", "ntrex", "ntrex-tw", "newsroom", "lookalikes", "lookalikes-undated", "pairs", *WEEKS)


def article(key: str, text: str, lang: str | None = None) -> Article:
    text = tidy(text)
    return Article(f"https://example.org/{key}", headline_from(text), text, lang or detect_language(text), "import", None)


def ecb(data: Path, seed: int, reading: Reading) -> Labelled:
    with gzip.open(data / "stories" / "ecbplus_topics_1-22.jsonl.gz") as lines:
        found = [(d["story"], article(d["id"], d["text"], "en")) for d in map(json.loads, lines)]
    random.Random(seed).shuffle(found)
    return found


def edits(data: Path, seed: int, reading: Reading) -> Labelled:
    """Edited versions of 220 pieces of Chinese news; see `bench.story_edits`."""
    with gzip.open(data / "zh_news_2023.jsonl.gz") as lines:
        texts = [text for line in lines if 150 <= len(text := json.loads(line)["text"]) <= 2500]
    chosen = random.Random(seed).sample(texts, 220)
    stream = edited_stream(chosen, seed, Tools(reading))
    return [(str(each.piece), article(f"e/{seed}/{i}", each.text)) for i, each in enumerate(stream)]


def ntrex(data: Path, seed: int, reading: Reading, variety: str = "zho-CN") -> Labelled:
    folder = data / "parallel"
    ids = [line.strip() for line in (folder / "DOCUMENT_IDS.tsv").read_text().split("\n")]
    found: Labelled = []
    for lang, file in (("en", "newstest2019-src.eng.txt"), ("zh", f"newstest2019-ref.{variety}.txt")):
        parts: dict[str, list[str]] = {}
        for document, line in zip(ids, (folder / file).read_text().split("\n"), strict=False):
            if document:
                parts.setdefault(document, []).append(line)
        found += [(document, article(f"{lang}/{document}", "\n\n".join(each), lang)) for document, each in parts.items()]
    random.Random(seed).shuffle(found)
    return found


def newsroom(data: Path, seed: int, reading: Reading) -> Labelled:
    return [
        (item.story, Article(f"https://{item.outlet.host}.example/{item.key}", item.title, item.text,
                             "zh" if item.lang.startswith("zh") else "en", item.outlet.id, item.published))
        for item in load_newsroom().items
    ]  # fmt: skip


def lookalikes(data: Path, seed: int, reading: Reading, dated: bool = True) -> Labelled:
    """Labels are family/event: two events of one family resemble each other and are not one."""
    families = tomllib.loads(LOOKALIKES.read_text())["family"]
    return [
        (f"{f}/{e}", Article(f"https://example.org/{f}/{e}/{lang}", *event[lang], lang, "import",
                             read_datetime(event["date"]) if dated else None))
        for f, family in enumerate(families) for e, event in enumerate(family["event"]) for lang in ("en", "zh")
    ]  # fmt: skip


def pairs(data: Path, seed: int, reading: Reading) -> Labelled:
    """Undated pairs of `PAIRS`. Labels are pair/event: the two articles of a pair are of one event or of two."""
    return [
        (f"{number}/{0 if pair['same'] else side}", Article(f"https://example.org/{number}/{side}", title, text, lang, "import", None))
        for number, pair in enumerate(tomllib.loads(PAIRS.read_text())["pair"])
        for side, (lang, title, text) in enumerate((pair["a"], pair["b"]))
    ]  # fmt: skip


def week(name: str, data: Path) -> Labelled:
    """A week of Chinese news with its dates, by the labels of the digest."""
    articles = chinese_year(data / "zh_news_2023.jsonl.gz")
    return [(each.story, replace(articles[each.key], url=f"https://example.org/{each.key}")) for each in labels()[name]]


class _Timed:
    """An encoder that adds up its time."""

    def __init__(self, inner: Encoder) -> None:
        self._inner, self.seconds = inner, 0.0

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        began = time.process_time()
        found = self._inner.encode_documents(texts)
        self.seconds += time.process_time() - began
        return found


def told(
    labelled: Labelled, home: Path, encoder: Encoder, reading: Reading, steps: int = 1
) -> tuple[list[int], list[int], NDArray[np.float32], float]:
    """Per article, in order: its story, its near-duplicate group, its embedding; and the seconds that stories took."""
    import index.retrieval.refresh as refreshing

    spent = 0.0
    plain = refreshing.assign_stories

    def timed(*args: object, **kwargs: object) -> int:
        nonlocal spent
        began = time.process_time()
        try:
            return plain(*args, **kwargs)  # type: ignore[arg-type]
        finally:
            spent += time.process_time() - began

    refreshing.assign_stories = timed  # type: ignore[assignment]
    try:
        with KnowledgeBase.open(Settings(home=home), writer=True, encoder=encoder, reading=reading) as kb:
            size = -(-len(labelled) // steps)
            for first in range(0, len(labelled), size):
                kb.ingest((each for _, each in labelled[first : first + size]), NOW)
                kb.refresh(NOW)
            stories, copies, at = {}, {}, {}
            for story in kb.stories():
                for member in story.members:
                    at[member.article.url] = member.article.id
                    stories[member.article.url] = story.id
                    copies[member.article.url] = member.copy_of or member.article.id
            vectors: dict[int, list[NDArray[np.float32]]] = {}
            for row in kb.store.rows(
                "SELECT p.article_id, e.vector FROM passage p JOIN wording w ON w.passage_id = p.id "
                "JOIN embedding e ON e.hash = w.hash ORDER BY p.article_id, p.ordinal"
            ):
                vectors.setdefault(int(row[0]), []).append(np.frombuffer(row[1], "<f4"))
            urls = [each.url for _, each in labelled]
            embedded = np.stack([np.mean(vectors[at[url]], 0) for url in urls])
            embedded /= np.linalg.norm(embedded, axis=1, keepdims=True)
            return [stories[u] for u in urls], [copies[u] for u in urls], embedded, spent
    finally:
        refreshing.assign_stories = plain


def bcubed(labels: Sequence[object], clusters: Sequence[object]) -> float:
    """B-cubed F1 (Amigó et al. 2009)."""
    a = np.unique(np.array(labels).astype(str), return_inverse=True)[1]
    b = np.unique(np.array(clusters).astype(str), return_inverse=True)[1]
    same_label, same_cluster = a[:, None] == a[None], b[:, None] == b[None]
    both = (same_label & same_cluster).sum(1)
    precision, recall = (both / same_cluster.sum(1)).mean(), (both / same_label.sum(1)).mean()
    return float(2 * precision * recall / (precision + recall))


def adjusted_rand(labels: Sequence[object], clusters: Sequence[object]) -> float:
    """The adjusted Rand index (Hubert and Arabie 1985)."""

    def pairs(counts: Iterable[int]) -> int:
        return sum(n * (n - 1) // 2 for n in counts)

    both = pairs(Counter(zip(labels, clusters, strict=True)).values())
    a, b = pairs(Counter(labels).values()), pairs(Counter(clusters).values())
    expected = a * b / pairs([len(labels)])
    return (both - expected) / ((a + b) / 2 - expected)


def single_pass(vectors: NDArray[np.float32], threshold: float) -> list[int]:
    """Each text joins the cluster whose mean is nearest by cosine, or opens one, in the order given."""
    sums, count = np.zeros_like(vectors), 0
    found: list[int] = []
    for vector in vectors:
        cosines = sums[:count] @ vector / np.linalg.norm(sums[:count], axis=1)
        best = int(np.argmax(cosines)) if count else -1
        if best < 0 or cosines[best] < threshold:
            best, count = count, count + 1
        sums[best] += vector
        found.append(best)
    return found


def minhash(texts: Sequence[str], threshold: float, size: int = 128, width: int = 5) -> list[int]:
    """Groups of texts whose estimated Jaccard similarity of character shingles is at least `threshold`, by chains."""
    rng = np.random.default_rng(1)
    factors = rng.integers(1, 2**61 - 1, (size, 1), np.uint64) | np.uint64(1)
    offsets = rng.integers(0, 2**61 - 1, (size, 1), np.uint64)
    rows = []
    for text in texts:
        letters = "".join(char for char in fold(text) if char.isalnum())
        hashes = np.array(
            [
                zlib.crc32(letters[i : i + width].encode("utf-8", "surrogatepass"))
                for i in range(max(1, len(letters) - width + 1))
            ],
            np.uint64,
        )
        rows.append((hashes[None] * factors + offsets).min(1))
    signatures = np.stack(rows)
    group = list(range(len(texts)))
    for i in range(len(texts)):
        for j in np.nonzero((signatures[i + 1 :] == signatures[i]).mean(1) >= threshold)[0]:
            a, b = group[i], group[i + 1 + int(j)]
            if a != b:
                group = [a if each == b else each for each in group]
    return group


def best(measure: Callable[[float], float], thresholds: Iterable[float]) -> tuple[float, float]:
    """The best figure, and where."""
    return max((measure(float(t)), float(t)) for t in thresholds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=[*SETS, "all"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=1, help="import and refresh in so many steps")
    parser.add_argument("--cache", type=Path, help="a module that gives an encoder (for tuning)")
    args = parser.parse_args()
    reading = Reading.build()
    reading.warm()
    for name in SETS if args.set == "all" else [args.set]:
        with tempfile.TemporaryDirectory() as folder:
            run(name, args, Path(folder), reading)


def run(name: str, args: argparse.Namespace, home: Path, reading: Reading) -> None:
    make: dict[str, Callable[[], Labelled]] = {
        "ecb": lambda: ecb(args.data, args.seed, reading),
        "edits": lambda: edits(args.data, args.seed, reading),
        "ntrex": lambda: ntrex(args.data, args.seed, reading),
        "ntrex-tw": lambda: ntrex(args.data, args.seed, reading, "zho-TW"),
        "newsroom": lambda: newsroom(args.data, args.seed, reading),
        "lookalikes": lambda: lookalikes(args.data, args.seed, reading),
        "lookalikes-undated": lambda: lookalikes(args.data, args.seed, reading, dated=False),
        "pairs": lambda: pairs(args.data, args.seed, reading),
        **{each: partial(week, each, args.data) for each in WEEKS},
    }
    labelled = make[name]()
    encoder = _Timed(make_encoder(Settings(home=home)))
    if args.cache:
        import runpy

        encoder = _Timed(runpy.run_path(str(args.cache))["encoder"]())
    stories, copies, vectors, spent = told(labelled, home, encoder, reading, args.steps)  # type: ignore[arg-type]
    events = [label for label, _ in labelled]
    line = f"{name}: {len(events)} articles, {len(set(events))} events; stories B-cubed F1 {bcubed(events, stories):.3f}"
    line += f", ARI {adjusted_rand(events, stories):.3f}"
    line += f"; stories took {spent:.1f} s, encoding {encoder.seconds:.1f} s"
    if name in ("ecb", "newsroom"):
        figure, at = best(lambda t: bcubed(events, single_pass(vectors, t)), np.arange(0.4, 0.85, 0.025))
        line += f"; single-pass cosine {figure:.3f} (at {at:.3f}), ratio {bcubed(events, stories) / figure:.3f}"
    if name == "edits":
        texts = [each.text for _, each in labelled]
        figure, at = best(lambda t: adjusted_rand(events, minhash(texts, t)), np.arange(0.1, 0.8, 0.05))
        line += f"; copies ARI {adjusted_rand(events, copies):.3f}; MinHash {figure:.3f} (at {at:.2f}), ratio {adjusted_rand(events, stories) / figure:.3f}"
    if name.startswith("ntrex"):
        a, b = np.triu_indices(len(events), 1)
        lang = np.array([each.lang for _, each in labelled])
        label, story = np.array(events), np.array(stories)
        same, cross = story[a] == story[b], lang[a] != lang[b]
        true = label[a] == label[b]
        wrong = same & ~true
        line += f"; pairs together {same[true & cross].mean():.3f}; false merges {wrong.sum()} of {(~true).sum()} pairs"
        mixed = sum(len(set(label[story == s])) > 1 for s in set(stories))
        line += f", stories with two documents {mixed} of {len(set(stories))}"
    if name.startswith("lookalikes") or name == "pairs":
        a, b = np.triu_indices(len(events), 1)
        family = np.array([each.split("/")[0] for each in events])
        label, story = np.array(events), np.array(stories)
        alike = (family[a] == family[b]) & (label[a] != label[b])
        same = story[a] == story[b]
        one = label[a] == label[b]
        line += f"; lookalikes merged {(same & alike).sum()} of {alike.sum()}, pairs together {same[one].mean():.3f}"
        line += f" ({(same & one).sum()} of {one.sum()}), others merged {(same & (family[a] != family[b])).sum()}"
    print(line, flush=True)


if __name__ == "__main__":
    main()
