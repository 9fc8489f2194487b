"""The documents that the project started from, where they are: the seed article and a year of Chinese chip news.

By words alone, so that the whole import takes a minute; `bench/` measures the rest.
"""

import gzip
import html
import json
import subprocess
import sys
from pathlib import Path

import pytest

from index.store.articles import article_by_id
from index.store.database import Store
from index.text.times import iso
from tests.conftest import clean_environment

pytestmark = pytest.mark.shared


def run(home: Path, *arguments: str) -> dict[str, object]:
    answer = subprocess.run(
        [sys.executable, "-m", "api", "--home", str(home), *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=600,
        env=clean_environment(CHIPWIRE_MODEL="none"),
    )
    assert answer.returncode == 0, answer.stderr
    document: dict[str, object] = json.loads(answer.stdout)
    return document


def as_page(text: str) -> str:
    """The seed as its site would show it: paragraphs in a division, with a headline and the site's navigation."""
    title, *paragraphs = [line for line in text.splitlines() if line.strip()]
    body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        f"<html><head><meta charset=utf-8><title>{title}_本站</title></head><body><ul><li><a href='/'>首页</a></li></ul>"
        f"<h1>{title}</h1><div class=content>{body}</div></body></html>"
    )


def test_the_seed_is_found_as_text_and_as_a_page(shared: Path, tmp_path: Path) -> None:
    seed = shared / "seed" / "article.txt"
    page = tmp_path / "seed.html"
    page.write_text(as_page(seed.read_text(encoding="utf-8")), encoding="utf-8")
    home = tmp_path / "home"
    assert run(home, "import", str(seed))["new"] == 1
    assert run(home, "import", str(page), "--url", "https://seed.example/1.html")["new"] == 1
    for query in ("microsoft custom chip", "微软 自研芯片", "DGX rental price", "TPU 4000 supercomputer", "计算光刻 35兆瓦"):
        hits = run(home, "search", query, "--group", "none")["hits"]
        assert isinstance(hits, list)
        assert {hit["title"] for hit in hits} == {"英伟达要做AI时代台积电?其他巨头可不答应"}, query
        assert len(hits) == 2
    extracted = run(home, "extract", str(page))
    # It was written in late April 2023 and says only when its page was updated.
    assert (extracted["published"], extracted["date_source"]) == (None, None)
    assert str(extracted["modified"]).startswith("2024-03-07")
    with Store.open_reader(home) as store:
        articles = [article_by_id(store, number) for number in (1, 2)]
    for article in articles:
        assert article is not None
        assert (article.published, iso(article.modified), article.author) == (None, "2024-03-07T04:00:00Z", "黄开心")
    assert extracted["origin"] == {"name": "亿欧硬科技", "url": None, "words": "以下文章来源于亿欧硬科技 ,作者黄开心"}
    assert "35兆瓦" in str(extracted["text"])


def test_a_year_of_chip_news_is_imported_once_and_then_never_again(shared: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "chips.jsonl"
    with gzip.open(shared / "data" / "zh_news_2023.jsonl.gz", "rt", encoding="utf-8") as lines:
        chosen.write_text("".join(line for line in lines if json.loads(line)["bucket"] == "ai-chip"), encoding="utf-8")
    home = tmp_path / "home"
    first = run(home, "import", str(chosen))
    assert first["read"] == 597
    assert first["rejected"] == []
    before = run(home, "status")
    second = run(home, "import", str(chosen))
    assert (second["new"], second["updated"], second["duplicate"]) == (0, 0, first["read"])
    assert run(home, "status") == before
    hits = run(home, "search", "SK hynix HBM", "--group", "none")["hits"]
    assert isinstance(hits, list)
    assert any("海力士" in hit["snippet"] for hit in hits)
