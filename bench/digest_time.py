"""How long a digest over a full week takes: two thousand articles, their entities, claims and stories complete.

    python bench/digest_time.py [--shared ../shared] [--home FOLDER] [--articles 2000] [--profile]

The articles of the Chinese year and of the demo newsroom get moments in one week, in their order, spread evenly, each told from one of forty
outlets; they are imported and refreshed with the default model. What is measured is a cold `chipwire digest WEEK` (processor
time and wall time of a process of its own), composing, and every format; `--profile` prints where composing spends its time.
"""

import argparse
import cProfile
import gzip
import json
import os
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawlers.files import article_from_record
from crawlers.newsroom.catalogue import load_newsroom
from index.article import Article
from index.digest.render import FORMATS, render
from index.knowledge_base import KnowledgeBase
from index.settings import Settings

WEEK, MONDAY = "2023-W34", datetime(2023, 8, 21, tzinfo=UTC)
OUTLETS = 40


def full_week(shared: Path, number: int) -> list[Article]:
    """`number` articles with moments in `WEEK`."""
    found = [
        Article(None, item.title, item.text, item.lang[:2], item.outlet.id, item.published) for item in load_newsroom().items
    ]
    with gzip.open(shared / "data" / "zh_news_2023.jsonl.gz") as lines:
        records = [json.loads(line) for line in lines]
    # What is of the field first, then other news, as a crawl without a gate brings it.
    records.sort(key=lambda record: record["bucket"] == "other")
    for place, record in enumerate(records[: number - len(found)]):
        found.append(replace(article_from_record({"text": record["text"]}), source=f"outlet-{place % OUTLETS}"))
    step = timedelta(days=7) / len(found)
    return [
        replace(article, url=f"https://example.org/{place}", published=MONDAY + place * step)
        for place, article in enumerate(found)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=Path(__file__).parent.parent.parent / "shared")
    parser.add_argument("--home", type=Path, help="where the week is kept, or is already")
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = options.home or Path(temporary)
        settings = Settings.from_env(os.environ, home)
        with KnowledgeBase.open(settings, writer=True) as kb:
            kb.ingest(full_week(options.shared, options.articles), datetime(2023, 9, 1, tzinfo=UTC))
            kb.refresh(datetime(2023, 9, 1, tzinfo=UTC))
        command = [sys.executable, "-m", "api", "digest", WEEK, "--home", str(home)]
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"chipwire digest {WEEK}: {processor:.1f} s of processor time, {wall:.1f} s on the clock", flush=True)
        with KnowledgeBase.open(settings, lexical_only=True) as kb:
            profile = cProfile.Profile()
            if options.profile:
                profile.enable()
            began = time.process_time()
            digest = kb.digest(WEEK)
            took = time.process_time() - began
            profile.disable()
            print(f"composed {digest.articles:,} articles, {len(digest.entries):,} stories: {took:.2f} s of processor time")
            for form in FORMATS:
                began = time.process_time()
                size = len(render(digest, form).encode())
                print(f"{form:5} {time.process_time() - began:6.2f} s, {size / 1024:,.0f} KB")
        if options.profile:
            pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
