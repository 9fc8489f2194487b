"""What is read of real pages beside their text: title, author and day of publication, against those who do it for a living.

    python bench/metadata.py [--shared ../shared] [--wrong]

The pages are the labelled ones of ``../shared/data/extraction`` (`pages_en_zh.json`; few have such labels). Right means: a title
with the same words as the label; authors of which every labelled one is named and no other; the same calendar day. `--wrong`
lists every answer of ours that differs from its label, to be read: some labels are wrong. Rivals that are not installed are left
out: `pip install trafilatura htmldate newspaper4k` into an environment of their own.
"""

import argparse
import json
import logging
import re
import sys
import tarfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from crawlers.extract import Page, extract
from index.errors import ExtractionError

FIELDS = ("title", "author", "date")


@dataclass
class Score:
    right: int = 0
    wrong: int = 0
    silent: int = 0
    differing: list[str] = field(default_factory=list)


def ours(body: bytes, url: str) -> dict[str, str]:
    try:
        article = extract(Page(url, body))
    except ExtractionError:
        return {}
    day = article.published.strftime("%Y-%m-%d") if article.published else ""
    return {"title": article.title, "author": article.author or "", "date": day}


def engines() -> Iterator[tuple[str, Callable[[bytes, str], dict[str, str]]]]:
    yield "Chipwire", ours
    try:
        import trafilatura
    except ImportError:
        pass
    else:

        def with_trafilatura(body: bytes, url: str) -> dict[str, str]:
            found: Any = trafilatura.extract_metadata(body, default_url=url)
            return {"title": found.title or "", "author": found.author or "", "date": found.date or ""} if found else {}

        yield "trafilatura", with_trafilatura
    try:
        import htmldate
    except ImportError:
        pass
    else:
        yield "htmldate", lambda body, url: {"date": htmldate.find_date(body, original_date=True, url=url) or ""}
    try:
        import newspaper
    except ImportError:
        pass
    else:

        def with_newspaper(body: bytes, url: str) -> dict[str, str]:
            article = newspaper.Article(url)
            article.download(input_html=body.decode("utf-8", "replace"))
            article.parse()
            day = article.publish_date.strftime("%Y-%m-%d") if article.publish_date else ""
            return {"title": article.title or "", "author": ", ".join(article.authors), "date": day}

        yield "newspaper4k", with_newspaper


def same(name: str, label: str, answer: str) -> bool:
    if name == "date":
        return label[:10] == answer[:10]
    if name == "title":
        return _words(label) == _words(answer)
    return {_words(part) for part in re.split(r"[;,]| and ", label)} == {
        _words(part) for part in re.split(r"[;,]| and ", answer)
    }


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--shared", type=Path, default=Path(__file__).parent.parent.parent / "shared")
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    folder = options.shared / "data" / "extraction"
    labels = json.loads((folder / "pages_en_zh.json").read_text(encoding="utf-8"))
    with tarfile.open(folder / "pages_en_zh.tar.gz") as archive:
        bodies = {m.name.rsplit("/", 1)[-1]: archive.extractfile(m).read() for m in archive if m.isfile()}  # type: ignore[union-attr]
    print(f"{'':14} " + " ".join(f"{name:>8} {'wrong':>6} {'silent':>6}" for name in FIELDS) + f" {'ms':>7}")
    for engine, read in engines():
        scores: defaultdict[str, Score] = defaultdict(Score)
        began = time.process_time()
        for url, label in labels.items():
            body = bodies.get(label["file"])
            if body is None:
                continue
            try:
                answer = read(body, url)
            except Exception as error:
                answer = {}
                print(f"{engine}: {url}: {type(error).__name__}", file=sys.stderr)
            for name in FIELDS:
                wanted = label.get(name)
                wanted = "; ".join(wanted) if isinstance(wanted, list) else wanted
                if not wanted:
                    continue
                score, given = scores[name], answer.get(name, "")
                if same(name, wanted, given):
                    score.right += 1
                elif given:
                    score.wrong += 1
                    score.differing.append(f"{url}\n  label  {wanted}\n  answer {given}")
                else:
                    score.silent += 1
                    score.differing.append(f"{url}\n  label  {wanted}\n  no answer")
        took = (time.process_time() - began) * 1000 / len(labels)
        cells = [(scores[name].right, scores[name].wrong, scores[name].silent) for name in FIELDS]
        print(f"{engine:14} " + " ".join(f"{right:8} {wrong:6} {silent:6}" for right, wrong, silent in cells) + f" {took:7.1f}")
        if options.wrong and engine == "Chipwire":
            for name in FIELDS:
                print(f"\n{name}:", *scores[name].differing, sep="\n")
            print()


if __name__ == "__main__":
    main()
