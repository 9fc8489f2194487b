"""The main text of real pages, against those who extract it for a living: how right, and how fast, all in one run.

    python bench/extraction.py [--data DIR | --pages DIR] [--rounds 3] [--only NAME,NAME] [--worst N]

The pages are the two sets of ``../shared/data/extraction``:

- `segments`: 95 pages with pieces of text that must be in the result and others that must not. Counted as trafilatura's own
  evaluation does: a piece that must be there is a true positive where it is found and a false negative where it is not; one
  that must not is a false positive where it is found. Precision, recall and F1 are over the pieces of all pages.
- `readability`: 130 pages with the main content that a person approved. Precision, recall and F1 are those of the words, with
  their numbers, a Chinese or Japanese character being a word; the figures are means over the pages.

`--pages` takes a folder of pages of your own instead: NAME.html with the expected text in NAME.txt, a line for each paragraph.

Chinese pages are shown by themselves. The last columns are F1 over the pages with odd and with even numbers only: a rule made
for single pages would show as a difference. "Error" is 1 - F1 and "× error", "× time" are the ratios to trafilatura's, with its
defaults but without comments, which is how its authors evaluate it. Everybody gets the page's bytes; the engines take turns page
by page, and a page's time is the shortest of the rounds. `Chipwire` is the body alone; `Chipwire, article` is all of it with
date, author and origin, as `chipwire extract` gives it; `trafilatura, metadata` is its like.

The first line names the versions. Rivals that are not installed are listed as such: `pip install trafilatura readability-lxml newspaper4k jieba news-please` into an environment of
their own that has Chipwire's dependencies too.
"""

import argparse
import importlib.util
import io
import json
import logging
import re
import sys
import tarfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lxml import etree, html

from crawlers.body import main_body
from crawlers.charset import decode_page
from crawlers.extract import Page, extract
from index.errors import ExtractionError
from index.text.language import detect_language

DATA = Path(__file__).parents[2] / "shared" / "data" / "extraction"
BASE = "trafilatura"
SETS = ("segments", "readability")
_RIVALS = ("trafilatura", "readability-lxml", "newspaper4k", "news-please", "lxml")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_BLOCKS = "p div li br h1 h2 h3 h4 h5 h6 td th tr blockquote pre figcaption dt dd section article".split()


@dataclass(frozen=True, slots=True)
class Case:
    """A page and what is known of it: pieces, or the whole text that is expected."""

    name: str
    page: bytes
    url: str | None
    chinese: bool
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    precision: float
    recall: float
    f1: float


def cases(data: Path) -> tuple[list[Case], list[Case]]:
    """The pages with pieces and the pages with an expected text."""
    known = json.loads((data / "pages_en_zh.json").read_text(encoding="utf-8"))
    with tarfile.open(data / "pages_en_zh.tar.gz") as archive:
        files = {m.name.removeprefix("./"): archive.extractfile(m).read() for m in archive.getmembers() if m.isfile()}  # type: ignore[union-attr]
    pieces = []
    for url, entry in known.items():
        address = url if url.startswith("http") else None
        chinese = detect_language(" ".join(entry["with"])) == "zh"
        page = files[f"pages/{entry['file']}"]
        pieces.append(Case(entry["file"], page, address, chinese, tuple(entry["with"]), tuple(entry["without"])))
    whole = []
    for path in sorted(name for name in files if name.startswith("readability/") and name.endswith("/source.html")):
        expected = plain(files[path.replace("source", "expected")].decode("utf-8"))
        name = path.split("/")[1]
        whole.append(Case(name, files[path], None, detect_language(expected) == "zh", expected=expected))
    return pieces, whole


def own_cases(folder: Path) -> list[Case]:
    """The pages of a folder that have their text beside them."""
    found = []
    for page in sorted(folder.glob("*.html")):
        if (text := page.with_suffix(".txt")).exists():
            expected = text.read_text(encoding="utf-8")
            found.append(Case(page.stem, page.read_bytes(), None, detect_language(expected) == "zh", expected=expected))
    return found


def plain(markup: str) -> str:
    """The text of an HTML fragment, a line for each block."""
    if not markup.strip():
        return ""
    tree = html.fromstring(f"<div>{markup}</div>")
    etree.strip_elements(tree, "script", "style", with_tail=False)
    for block in tree.iter(*_BLOCKS):
        block.tail = "\n" + (block.tail or "")
    return "\n".join(" ".join(line.split()) for line in tree.text_content().splitlines() if line.strip())


def score(chosen: list[Case], texts: dict[str, str]) -> Score:
    if not chosen:
        return Score(float("nan"), float("nan"), float("nan"))
    if chosen[0].expected is None:
        hits = sum(piece in texts[c.name] for c in chosen for piece in c.wanted)
        wrong = sum(piece in texts[c.name] for c in chosen for piece in c.unwanted)
        return _score(hits, hits + wrong, sum(len(c.wanted) for c in chosen))
    scores = [overlap(texts[c.name], c.expected or "") for c in chosen]
    return Score(*(sum(getattr(s, key) for s in scores) / len(scores) for key in ("precision", "recall", "f1")))


def overlap(text: str, expected: str) -> Score:
    """Of the words, with their numbers."""
    found, right = Counter(_WORD.findall(text.lower())), Counter(_WORD.findall(expected.lower()))
    return _score((found & right).total(), found.total(), right.total())


def _score(common: int, found: int, right: int) -> Score:
    precision, recall = common / found if found else float(not right), common / right if right else 1.0
    return Score(precision, recall, 2 * precision * recall / (precision + recall) if common else float(not right and not found))


def engines() -> Iterator[tuple[str, Callable[[bytes, str | None], str] | str]]:
    """Name and extractor of each engine; in place of the extractor, why there is none."""
    yield "Chipwire", ours
    yield "Chipwire, article", our_article
    if missing("trafilatura"):
        yield BASE, "not installed"
    else:
        import trafilatura

        def run(**options: bool) -> Callable[[bytes, str | None], str]:
            return lambda page, url: trafilatura.extract(page, url=url, include_comments=False, **options) or ""

        yield BASE, run()
        yield "trafilatura, precision", run(favor_precision=True)
        yield "trafilatura, recall", run(favor_recall=True)
        yield "trafilatura, metadata", with_metadata
    yield "readability-lxml", "not installed" if missing("readability") else readability
    yield "newspaper4k", "not installed" if missing("newspaper") else newspaper
    yield "news-please", "not installed" if missing("newsplease") else news_please


def installed(package: str) -> bool:
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


def missing(module: str) -> bool:
    return importlib.util.find_spec(module) is None


def ours(page: bytes, url: str | None) -> str:
    return main_body(html.document_fromstring(decode_page(page, None)), url).text


def our_article(page: bytes, url: str | None) -> str:
    try:
        return extract(Page(url, page), least=1).text
    except ExtractionError:
        return ""


def with_metadata(page: bytes, url: str | None) -> str:
    import trafilatura

    found = trafilatura.bare_extraction(page, url=url, include_comments=False, with_metadata=True)
    return getattr(found, "text", None) or ""


def readability(page: bytes, url: str | None) -> str:
    from readability import Document

    return plain(Document(decode_page(page, None), url=url).summary(html_partial=True))


def newspaper(page: bytes, url: str | None) -> str:
    from newspaper import Article

    text = decode_page(page, None)
    # It has to be told the language, and needs jieba for Chinese.
    chinese = len(re.findall(r"[\u4e00-\u9fff]", text)) > 500
    article = Article(url or "http://page.example/", fetch_images=False, language="zh" if chinese else "en")
    article.download(input_html=text)
    article.parse()
    return str(article.text or "")


def news_please(page: bytes, url: str | None) -> str:
    from newsplease import NewsPlease

    return str(NewsPlease.from_html(decode_page(page, None), url=url, fetch_images=False).maintext or "")


def run(chosen: list[Case], tools: dict[str, Callable[[bytes, str | None], str]], rounds: int) -> tuple[dict, dict, Counter]:
    """Text and seconds by engine and page, and how often each engine failed."""
    texts: dict[str, dict[str, str]] = {name: {} for name in tools}
    seconds: dict[str, dict[str, float]] = {name: {} for name in tools}
    failed: Counter[str] = Counter()
    for done in range(rounds):
        for case in chosen:
            for name, tool in tools.items():
                begin = time.perf_counter()
                try:
                    text = tool(case.page, case.url)
                except Exception:
                    text = ""
                    failed[name] += not done
                taken = time.perf_counter() - begin
                texts[name][case.name] = text
                seconds[name][case.name] = min(taken, seconds[name].get(case.name, taken))
    return texts, seconds, failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--pages", type=Path, help="a folder of pages with their texts, in place of the two sets")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="engines, with commas")
    parser.add_argument("--worst", type=int, default=0, help="list so many pages on which Chipwire does worst")
    options = parser.parse_args()
    if options.pages is None and not options.data.is_dir():
        sys.exit(f"{options.data} is missing: give the folder of pages_en_zh.json with --data")
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    chosen_names = options.only.split(",") if options.only else None
    tools = {}
    for name, tool in engines():
        if chosen_names is not None and name not in chosen_names and name != BASE:
            continue
        if isinstance(tool, str):
            print(f"{name}: {tool}")
        else:
            tools[name] = tool
    print(", ".join(f"{package} {version(package)}" for package in _RIVALS if installed(package)))
    sets = (
        {options.pages.name: own_cases(options.pages)} if options.pages else dict(zip(SETS, cases(options.data), strict=True))
    )
    for title, chosen in sets.items():
        sys.stdout, spoken = io.StringIO(), sys.stdout
        try:
            texts, seconds, failed = run(chosen, tools, options.rounds)
        finally:
            sys.stdout = spoken
        parts = [(title, chosen)]
        parts += [(f"{title}, {'Chinese' if zh else 'other'}", [c for c in chosen if c.chinese == zh]) for zh in (False, True)]
        for label, part in parts:
            print(f"\n{label}: {len(part)} pages")
            report(part, tools, texts, seconds, failed)
        if options.worst:
            worst(chosen, texts, options.worst)


def report(part: list[Case], tools: dict, texts: dict, seconds: dict, failed: Counter[str]) -> None:
    print(f"{'':24}{'P':>7}{'R':>7}{'F1':>8}{'× error':>9}{'ms':>7}{'× time':>8}{'odd':>8}{'even':>8}")
    base = score(part, texts[BASE]).f1 if BASE in texts else float("nan")
    base_time = sum(seconds[BASE][c.name] for c in part) if BASE in texts else float("nan")
    for name in tools:
        s, spent = score(part, texts[name]), sum(seconds[name][c.name] for c in part)
        odd, even = score(part[::2], texts[name]).f1, score(part[1::2], texts[name]).f1
        ratio = (1 - s.f1) / (1 - base) if base < 1 else float("nan")
        print(
            f"{name:24}{s.precision:7.3f}{s.recall:7.3f}{s.f1:8.4f}{ratio:9.2f}{spent / len(part) * 1000:7.1f}"
            f"{spent / base_time:8.2f}{odd:8.4f}{even:8.4f}{f'  {failed[name]} failed' if failed[name] else ''}"
        )


def worst(chosen: list[Case], texts: dict, number: int) -> None:
    ranked = sorted(chosen, key=lambda c: (score([c], texts["Chipwire"]).f1, c.name))
    for case in ranked[:number]:
        pair = [score([case], texts[name]).f1 for name in ("Chipwire", BASE) if name in texts]
        print(f"  {case.name}: {' / '.join(f'{f1:.2f}' for f1 in pair)}")


if __name__ == "__main__":
    main()
