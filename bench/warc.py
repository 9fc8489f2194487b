"""How fast a web archive is sifted: records a second, against a loop that only reads the records with warcio.

    python bench/warc.py [--shared ../shared] [--records 1000]

The archive is made here: 95 % of its pages carry news of other subjects, 5 % news of the field (the Chinese set's buckets by
keyword, so some of the 5 % are phones), each in 50–150 KB of HTML as news sites send it: styles, scripts, navigation, related
headlines of other pages, a footer. As in CC-NEWS, every record is a gzip member of its own. The rate of rejected records is
that of a second archive, made of what the gate rejected in the first.
"""

import argparse
import gzip
import html
import io
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.warc import Captured, LeftOut, WarcCounts, read_warc
from index.knowledge.reading import Reading
from index.knowledge.topic import TopicGate

SECTIONS = "首页 要闻 国内 国际 财经 科技 数码 手机 芯片 汽车 房产 体育 娱乐 游戏 教育 健康 军事 旅游 视频 图片 直播 专题 评论 公益".split()
WORDS = "margin padding color display width height border float hover active wrap item list main side box btn icon text".split()


def page(rng: random.Random, text: str, headlines: Sequence[str]) -> bytes:
    style = "".join(
        f".{rng.choice(WORDS)}-{rng.randrange(999)}{{{rng.choice(WORDS)}:{rng.randrange(99)}px}}\n"
        for _ in range(rng.randrange(200, 700))
    )
    settings = {f"{rng.choice(WORDS)}{number}": rng.randrange(10**9) for number in range(rng.randrange(300, 1200))}
    script = f"window.__STATE__={json.dumps(settings)};" + "".join(
        f"function {rng.choice(WORDS)}{n}(a,b){{return a<b?a*{n}:b+'{n}'}};" for n in range(rng.randrange(200, 900))
    )
    menu = "".join(
        f'<li class="nav-item nav-{n}"><a href="/channel/{n}/" target="_blank"><span>{name}</span></a></li>'
        for n, name in enumerate(SECTIONS)
    )
    related = "".join(
        f'<li class="related"><a href="/a/{rng.randrange(10**7)}.html" title=""><img src="//img.example/{rng.randrange(10**9)}.jpg" alt="">{html.escape(line)}</a></li>'
        for line in rng.sample(headlines, 30)
    )
    paragraphs = "".join(f"<p>{html.escape(text[start : start + 180])}</p>" for start in range(0, len(text), 180))
    markup = (
        f'<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{html.escape(text[:28])}_新闻网</title><style>{style}</style>'
        f"<script>{script}</script></head><body><div class=header><ul>{menu}</ul></div><div class=main><h1>{html.escape(text[:28])}</h1>"
        f'<div class="article-content">{paragraphs}</div></div><div class=side><ul>{related}</ul></div><div class=footer>{menu}'
        f"<p>版权所有 未经许可不得转载</p></div><script>{script}</script></body></html>"
    ).encode()
    if len(markup) < 50_000:
        markup += b"<!--" + b" padding" * ((50_000 - len(markup)) // 8) + b"-->"
    return markup


def write(path: Path, pages: Sequence[tuple[str, bytes]]) -> None:
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for url, body in pages:
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(url, "response", payload=io.BytesIO(body), length=len(body), http_headers=http)
            )


def make_pages(shared: Path, records: int) -> list[tuple[str, bytes]]:
    rng = random.Random(7)
    texts: dict[bool, list[str]] = {True: [], False: []}
    for line in gzip.open(shared / "data/zh_news_2023.jsonl.gz", "rt", encoding="utf-8"):
        record = json.loads(line)
        texts[record["bucket"] != "other"].append(record["text"])
    headlines = [text[20:45] for text in rng.sample(texts[False] + texts[True], 5000)]
    return [
        (f"https://news{number % 40}.example/a/{number}.html", page(rng, rng.choice(texts[rng.random() < 0.05]), headlines))
        for number in range(records)
    ]


def timed(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def only_read(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(len(record.raw_stream.read()) for record in ArchiveIterator(stream))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(__file__).parent.parent.parent / "shared")
    parser.add_argument("--records", type=int, default=1000)
    given = parser.parse_args()
    gate = TopicGate.of(Reading.build())
    pages = make_pages(given.shared, given.records)
    sizes = sorted(len(body) for _, body in pages)
    print(
        f"{len(pages)} records, {sizes[0] // 1000}–{sizes[-1] // 1000} KB, median {sizes[len(sizes) // 2] // 1000} KB of HTML"
    )
    with tempfile.TemporaryDirectory() as folder:
        whole, rejected = Path(folder) / "whole.warc.gz", Path(folder) / "rejected.warc.gz"
        write(whole, pages)
        list(read_warc(whole, gate=gate))  # loads what is loaded once
        counts, kinds, refused = WarcCounts(), {"quick": 0, "judged": 0}, set()
        for item in read_warc(whole, gate=gate):
            counts.add(item)
            if isinstance(item, LeftOut):
                refused.add(item.url)
                kinds["quick" if "too few words" in item.why else "judged"] += 1
        assert all(not isinstance(item, Captured) or item.article.url not in refused for item in read_warc(whole, gate=gate))
        write(rejected, [entry for entry in pages if entry[0] in refused])
        for name, path, number in (
            ("all records", whole, len(pages)),
            ("records that the gate rejects", rejected, len(refused)),
        ):
            read = min(timed(lambda: only_read(path)) for _ in range(2))
            sifted = min(timed(lambda: list(read_warc(path, gate=gate))) for _ in range(2))
            print(
                f"{name}: {number / sifted:.0f} a second of processor time; only reading {number / read:.0f}; ratio {sifted / read:.1f}"
            )
        print(f"{counts}; refused at a glance {kinds['quick']}, after extraction {kinds['judged']}")


if __name__ == "__main__":
    main()
