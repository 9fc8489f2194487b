"""``python -m tests.crawlers.long_text CPU_SECONDS``: every function that reads text from outside, on text made to take long.

Prints each function's name before it starts, and its CPU time when it ends. The process is killed by the operating system
when it has used up its time, in the middle of a regular expression too.
"""

import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from crawlers.byline import byline_of, dates_in
from crawlers.charset import decode_page
from crawlers.dates import date_in_address, read_stated
from crawlers.discovery import feeds_of_page
from crawlers.entry_article import text_of
from crawlers.extract import Page, extract
from crawlers.feed_dates import read_time
from crawlers.feeds import plain_text
from crawlers.notices import is_author_note, is_notice
from crawlers.origin import named_origin
from crawlers.rough_text import running_text
from crawlers.sitemaps import sitemaps_in_robots
from crawlers.walls import wall
from crawlers.written_dates import written_dates
from index.errors import ChipwireError
from index.knowledge.reading import Reading
from index.knowledge.topic import TopicGate
from index.retrieval.query import parse_query
from index.text.address import canonical_url, url_key
from index.text.fold import fold
from index.text.language import detect_language
from index.text.quantities import quantities
from index.text.sentences import sentences
from index.text.times import day_range, read_datetime
from index.text.tokens import ChineseSegmenter, tokenize

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
LENGTH = 20_000
PIECES = (
    "a", "A", " ", "\t ", "\n", "0", "1,", "1.", "9 ", "12:", "2023-", "2023年", "4月", "3小时前", "Apr 1, ",
    "$1,000 ", "人民币", "万", "一", "，", "来源：", "作者 ", "By ", "By Ada Lee, ", "Ada ", "and ", "(", ")", "[", "<",
    "<a ", "</", "<p>", "<!--", "&", "&#", "&amp;", "%41", "/", "//", "/../", "?a=", "&a=b", "@", ".", "..", "-",
    "_", "'", "\"", "\\", "|", " | ", "·", "—", "http://", "a.b.", "x@y.", "\u0301", "\u200b", "\u017f",
    "\ufb01", "Ⅷ", "GB", "H100-", "TPU v", "OR ", "-", "after:", "\"a ", "company:", "UTC+", "T00:00:00.", "Z",
    "年月", "订阅", "advertisement ",
)  # fmt: skip
READING = Reading.build()
SEGMENTER = ChineseSegmenter()
GATE = TopicGate.of(READING)


def page(text: str) -> bytes:
    return f"<html><head><title>{text[:300]}</title></head><body><article><p>{text}</p></article></body></html>".encode()


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "written_dates": lambda text: written_dates(text, UTC, NOW),
    "read_stated": lambda text: read_stated(text, UTC),
    "date_in_address": lambda text: date_in_address(f"https://a.example/{text}", UTC),
    "byline_of": lambda text: dates_in(byline_of([text, text[:200], text[:100]], text[:100], text), UTC, NOW),
    "named_origin": named_origin,
    "is_notice": lambda text: is_notice(text, len(text)),
    "is_notice, short": lambda text: is_notice(text[:400], 400),
    "is_author_note": lambda text: is_author_note(text[:600], 600),
    "wall": lambda text: wall(text.encode(), {}),
    "running_text": running_text,
    "decode_page": lambda text: decode_page(text.encode(), text[:1000]),
    "read_time": lambda text: read_time(text, UTC),
    "plain_text": lambda text: plain_text(text, 2000),
    "text_of": lambda text: text_of(text, "https://a.example/", text[:300]),
    "sitemaps_in_robots": lambda text: sitemaps_in_robots(text.encode()),
    "feeds_of_page": lambda text: feeds_of_page(page(text), "https://a.example/"),
    "extract": lambda text: extract(Page("https://a.example/a", page(text)), seen=NOW),
    "canonical_url": lambda text: canonical_url(f"https://a.example/{text}"),
    "canonical_url, host": lambda text: canonical_url(f"https://{text}.example/"),
    "canonical_url, query": lambda text: url_key(f"https://a.example/?{text}"),
    "fold": fold,
    "detect_language": detect_language,
    "quantities": lambda text: list(quantities(text)),
    "sentences": sentences,
    "read_datetime": read_datetime,
    "day_range": lambda text: day_range(text, UTC, NOW),
    "tokenize": lambda text: tokenize(text, SEGMENTER),
    "link": lambda text: READING.link(text[:300], text),
    "gloss": lambda text: READING.glosser.gloss(text),
    "gate": lambda text: GATE.judge(text[:300], text, "en"),
    "parse_query": lambda text: parse_query(text[:1000], READING),
}


def main() -> None:
    seconds = int(sys.argv[1])
    used = int(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, used + seconds))
    for name, function in FUNCTIONS.items():
        print(name, end=" ", flush=True)
        began, worst, which = time.process_time(), 0.0, ""
        for piece in PIECES:
            many = piece * (LENGTH // len(piece))
            for text in (many, f"x{many}!", f"2023 {piece} " * (LENGTH // (len(piece) + 6))):
                start = time.process_time()
                try:
                    function(text)
                except (ValueError, ChipwireError):
                    pass
                if time.process_time() - start > worst:
                    worst, which = time.process_time() - start, repr(text[:20])
        print(f"{time.process_time() - began:.2f} worst {worst:.3f} {which}", flush=True)
    print("done")


if __name__ == "__main__":
    main()
