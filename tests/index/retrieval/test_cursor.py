import base64
import json

import pytest

from index.errors import FilterError
from index.knowledge_base import KnowledgeBase
from index.retrieval.cursor import Cursor, read_cursor, write_cursor
from index.retrieval.search import SearchRequest
from tests.conftest import NOW, article

REPORTS = [
    article(f"Foundry report number {n}", f"Wafer prices rose again, says report {n} of the foundry. " * 2) for n in range(12)
]
QUERY = "foundry wafer prices report"


def test_a_cursor_reads_as_it_was_written() -> None:
    cursor = Cursor(NOW, 17, 12, 0.123456789012345)
    assert read_cursor(write_cursor(cursor)) == cursor


@pytest.mark.parametrize(
    "values",
    [
        "zzz", "é", "", "[" * 150, [1, 2], [9, 1_700_000_000, 1, 1, 0.5], [1, True, 1, 1, 0.5], [1, 1_700_000_000, -1, 1, 0.5],
        [1, 1_700_000_000, 2**70, 1, 0.5], [1, 1_700_000_000, 1, 1, "x"], [1, 10**15, 1, 1, 0.5], {"o": 10},
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_line(values: object) -> None:
    text = values if isinstance(values, str) else base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    with pytest.raises(FilterError, match="not one that an earlier answer gave"):
        read_cursor(text)


@pytest.mark.parametrize("group", ["none", "story"])
@pytest.mark.parametrize("sort", ["relevance", "date"])
def test_pages_neither_repeat_nor_miss_anything_while_articles_come_and_go(
    writer: KnowledgeBase, group: str, sort: str
) -> None:
    writer.ingest(REPORTS, NOW)
    writer.refresh(NOW)
    every = [hit.article.id for hit in writer.search(SearchRequest(QUERY, 100, group=group, sort=sort), NOW).hits]
    first = writer.search(SearchRequest(QUERY, 4, group=group, sort=sort), NOW)
    seen = [hit.article.id for hit in first.hits]
    assert seen == every[:4]
    writer.ingest([article(f"{QUERY} flash {n}", f"{QUERY}. " * 4) for n in range(5)], NOW)
    writer.delete(every[1])  # of the first page
    writer.delete(every[3])  # the very one that it ended with
    writer.delete(every[6])  # of a page to come
    writer.refresh(NOW)
    cursor = first.next_cursor
    while cursor is not None:
        page = writer.search(SearchRequest(QUERY, 4, group=group, sort=sort, cursor=cursor), NOW)
        seen += [hit.article.id for hit in page.hits]
        cursor = page.next_cursor
    assert len(seen) == len(set(seen))
    assert set(seen) == set(every) - {every[6]}


def test_the_last_page_has_no_cursor(writer: KnowledgeBase) -> None:
    writer.ingest(REPORTS, NOW)
    writer.refresh(NOW)
    found = writer.search(SearchRequest(QUERY, 100, group="none"), NOW)
    assert found.total == len(found.hits) == 12
    assert found.next_cursor is None


def test_without_the_remembered_order_the_place_is_found_by_the_article_that_the_page_ended_with(
    writer: KnowledgeBase,
) -> None:
    writer.ingest(REPORTS, NOW)
    writer.refresh(NOW)
    request = SearchRequest(QUERY, 5, group="none", sort="date")
    every = [hit.article.id for hit in writer.search(SearchRequest(QUERY, 100, group="none", sort="date"), NOW).hits]
    cursor = writer.search(request, NOW).next_cursor
    writer.delete(every[0])
    writer.ingest([article("Foundry wafer prices report flash", "Foundry wafer prices report. " * 4)], NOW)
    writer.refresh(NOW)
    with KnowledgeBase.open(writer.settings, encoder=writer.encoder, reading=writer.reading) as restarted:
        page = restarted.search(SearchRequest(QUERY, 5, group="none", sort="date", cursor=cursor), NOW)
    assert [hit.article.id for hit in page.hits] == every[5:10]
