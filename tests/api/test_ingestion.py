"""Imports of web archives: what is wanted is stored, and what becomes of the rest is counted."""

import json
from pathlib import Path

import pytest

from api.ingestion import Wanted, import_files
from crawlers.extract import Page
from crawlers.files import read_file
from crawlers.workers import ParserPool
from index.article import Article
from index.errors import UsageError
from index.knowledge_base import KnowledgeBase
from tests.conftest import NOW
from tests.crawlers.archive import CHIP, CHIP_ZH, PARK, PHONE, Archive, page


def nothing(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    pages = Archive()
    pages.add("https://www.chips.example/packaging", page(*CHIP)).add("https://chips.example/封装", page(*CHIP_ZH))
    pages.add("https://park.example/path", page(*PARK)).add("https://phones.example/two-days", page(*PHONE))
    pages.add("https://chips.example/gone", b"", status="404 Not Found")
    return pages.save(tmp_path)


def test_only_articles_of_the_field_are_stored_and_the_others_are_counted_by_reason(
    writer: KnowledgeBase, archive: Path
) -> None:
    report, pages = import_files(writer, [archive], NOW, nothing, wanted=Wanted(on_topic=True))
    assert (report.new, pages.records) == (2, 5)
    assert pages.left_out == {"topic": 2, "status": 1}
    assert {view.record.id for view in writer.sources()} <= {"chips.example"}


def test_languages_and_hosts_narrow_an_archive_and_subdomains_belong_to_their_host(
    writer: KnowledgeBase, archive: Path
) -> None:
    report, pages = import_files(writer, [archive], NOW, nothing, wanted=Wanted(("zh",), ("chips.example",)))
    assert (report.new, dict(pages.left_out)) == (1, {"language": 1, "host": 2, "status": 1})


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    articles = [(CHIP, "https://www.chips.example/packaging"), (CHIP_ZH, "https://chips.example/封装"), (PARK, None)]
    records = [{"title": title, "text": text, **({"url": url} if url else {})} for (title, text), url in articles]
    path.write_text("".join(json.dumps(record) + "\n" for record in [*records, {"title": "no text"}]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("wanted", "new", "left_out"),
    [
        (Wanted(), 3, {}),
        (Wanted(on_topic=True), 2, {"topic": 1}),
        (Wanted(languages=("zh",)), 1, {"language": 2}),
        (Wanted(hosts=("chips.example",)), 2, {"host": 1}),
        (Wanted(("en",), ("chips.example",), on_topic=True), 1, {"language": 1, "host": 1}),
    ],
)
def test_other_files_are_sifted_alike(
    writer: KnowledgeBase, lines: Path, wanted: Wanted, new: int, left_out: dict[str, int]
) -> None:
    report, pages = import_files(writer, [lines], NOW, nothing, wanted=wanted)
    assert (report.new, len(report.rejected), dict(pages.left_out)) == (new, 1, left_out)
    assert pages.records == (0 if wanted == Wanted() else 4)


def test_what_is_left_out_as_off_topic_is_counted_over_all_imports(writer: KnowledgeBase, archive: Path, lines: Path) -> None:
    assert writer.status().sifted_out == 0
    import_files(writer, [archive], NOW, nothing, wanted=Wanted(on_topic=True))
    import_files(writer, [lines], NOW, nothing, wanted=Wanted(on_topic=True))
    assert writer.status().sifted_out == 3


def test_the_same_archive_again_is_all_duplicates(writer: KnowledgeBase, archive: Path) -> None:
    import_files(writer, [archive], NOW, nothing)
    report, _ = import_files(writer, [archive], NOW, nothing)
    assert (report.new, report.updated, report.duplicate) == (0, 0, 4)


def test_progress_counts_every_page_that_is_sifted_also_those_left_out(writer: KnowledgeBase, archive: Path) -> None:
    seen: list[tuple[str, int]] = []
    import_files(writer, [archive], NOW, lambda *at: seen.append(at[:2]), wanted=Wanted(on_topic=True))
    assert [("sifting pages", count) for count in range(1, 6)] == [at for at in seen if at[0] == "sifting pages"]


def test_a_missing_file_stops_an_import_before_anything_is_stored(writer: KnowledgeBase, archive: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        import_files(writer, [archive, tmp_path / "absent.warc"], NOW, nothing)
    assert writer.status().articles == 0


def test_a_page_that_ends_its_parser_costs_that_page_only(archive: Path) -> None:
    with ParserPool(processes=1) as pool:

        def read_page(given: Page, source: str | None) -> Article:
            article: Article = (
                pool.call("tests.crawlers.parser_tasks:end")
                if "packaging" in (given.url or "")
                else pool.call("crawlers.extract:extract", given, source)
            )
            return article

        titles = [getattr(item, "title", None) for item in read_file(archive, read_page=read_page)]
    assert titles == [CHIP_ZH[0], PARK[0], PHONE[0]]
