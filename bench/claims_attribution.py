"""Who says so: how many claims of real Chinese news have the right status and the right source.

    python bench/claims_attribution.py [--held] [--wrong] [--shared ../shared]

`claims_attribution.tsv` and `claims_attribution_held.tsv` hold sentences of the Chinese year by the hash of their article and their
place in it, with who stands behind them: A (the company), R (a medium or a source), E (somebody who studies it), D (denied)
or S (the article alone), after a colon whom it names; "|" parts what is equally right, and a comma names of which one must be
there. Both were labelled before what the rules say of them was looked at; then the first (articles about AI chips, even
places) was looked at while the rules were made better, and the second (articles about semiconductors that are on topic, odd
places) only afterwards. No text of an article is kept here.
"""

import argparse
import hashlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from claims import FOLDER, news

from index.knowledge.claims.extract import ClaimReader
from index.knowledge.reading import Reading
from index.text.times import read_datetime

_STATUS = {"announced": "A", "reported": "R", "estimated": "E", "denied": "D", "stated": "S"}


def right(label: str, status: str, cited: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether the status is right, and whether status and source are."""
    letter = _STATUS[status]
    for each in label.split("|"):
        wanted, _, names = each.partition(":")
        if wanted == letter:
            return True, not names or bool({name.casefold() for name in names.split(",")} & {name.casefold() for name in cited})
    return False, False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--shared", type=Path, default=FOLDER.parent.parent / "shared")
    options = parser.parse_args()
    labels: dict[str, dict[tuple[int, int], str]] = {}
    for line in (FOLDER / f"claims_attribution{'_held' * options.held}.tsv").read_text(encoding="utf-8").splitlines():
        article, start, end, label = line.split("\t")
        labels.setdefault(article, {})[int(start), int(end)] = label
    reading = Reading.build()
    reader = ClaimReader(reading.catalogue)
    counts: Counter[str] = Counter()
    for record in news(options.shared):
        text = record["text"]
        wanted = labels.get(hashlib.sha256(text.encode()).hexdigest()[:12])
        if wanted is None:
            continue
        published = read_datetime(record["published"])
        seen = published or datetime(2024, 1, 1, tzinfo=UTC)
        claims = reader.read("", text, reading.link("", text), published=published, seen=seen, lang="zh")
        for place, label in wanted.items():
            claim = next((each for each in claims if (each.start, each.end) == place), None)
            if claim is None:
                counts["without a claim"] += 1
                continue
            status, source = right(label, claim.status, claim.cited)
            counts["claims"] += 1
            counts["status"] += status
            counts["source"] += source
            if options.wrong and not source:
                print(f"wanted {label}, got {claim.status} {','.join(claim.cited)}: {claim.quote[:150]}")
    print(", ".join(f"{name} {number}" for name, number in counts.items()))


if __name__ == "__main__":
    main()
