"""What becomes of the claims of real Chinese news that were read and judged: which are still made.

    python bench/claims_judged.py [--wrong] [--lost] [--shared ../shared]

`claims_judged.tsv` holds, by the hash of their article, claims that were read in nine samples of the Chinese year, one after the other
as the rules were made better, and what a reader called each: R right; W wrong; S right, but with a source, a period or a part of a
company that the sentence does not give; D doubtful. What was wrong in a sample was looked at before the next one was drawn, so a
sample's own share says how good the rules were then, on articles that nobody had looked at (samples 4 and 7 are other claims of
articles that had been), and what is counted here says only what later rules have kept and lost. No text of an article is kept here.
"""

import argparse
import hashlib
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

from claims import FOLDER, news, value_of

from index.knowledge.claims.extract import ClaimReader
from index.knowledge.reading import Reading
from index.text.times import read_datetime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wrong", action="store_true", help="print the wrong ones that are still made")
    parser.add_argument("--lost", action="store_true", help="print the right ones that are made no more")
    parser.add_argument("--shared", type=Path, default=FOLDER.parent.parent / "shared")
    options = parser.parse_args()
    judged: dict[str, list[list[str]]] = defaultdict(list)
    for line in (FOLDER / "claims_judged.tsv").read_text(encoding="utf-8").splitlines():
        sample, article, *rest = line.split("\t")
        judged[article].append([sample, *rest])
    reading = Reading.build()
    reader = ClaimReader(reading.catalogue)
    then: dict[str, Counter[str]] = defaultdict(Counter)
    now: dict[str, Counter[str]] = defaultdict(Counter)
    for record in news(options.shared):
        text = record["text"]
        article = hashlib.sha256(text.encode()).hexdigest()[:12]
        if article not in judged:
            continue
        published = read_datetime(record["published"])
        seen = published or datetime(2024, 1, 1, tzinfo=UTC)
        claims = reader.read("", text, reading.link("", text), published=published, seen=seen, lang="zh")
        made = {(claim.entity, claim.attribute, value_of(claim).strip()) for claim in claims}
        for sample, entity, attribute, value, verdict in judged[article]:
            then[sample][verdict] += 1
            kept = (entity, attribute, value) in made
            now[sample][verdict] += kept
            if (options.wrong and kept and verdict == "W") or (options.lost and not kept and verdict == "R"):
                print(verdict, sample, article, entity, attribute, value)
    for table, what in ((then, "as judged"), (now, "still made")):
        for sample in sorted(table):
            counts = table[sample]
            share = counts["R"] / max(1, counts.total())
            print(
                f"{what}: sample {sample}: {dict(sorted(counts.items()))}" + (f", right {share:.2f}" if table is then else "")
            )
    total = sum(now.values(), Counter[str]())
    print(f"of all {sum(map(Counter.total, then.values()))} judged {total.total()} are made: {dict(sorted(total.items()))}")


if __name__ == "__main__":
    main()
