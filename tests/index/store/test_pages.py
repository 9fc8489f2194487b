import zlib
from dataclasses import replace

from index.knowledge_base import KnowledgeBase
from index.store.pages import all_pages, count_pages, page_of
from tests.conftest import HBM, MAIA, NOW

BODY = b"<p>page</p>" * 100
HEADERS = (("Content-Type", "text/html; charset=gbk"), ("ETag", '"1"'))


def test_a_page_is_kept_as_fetched_with_its_headers(writer: KnowledgeBase) -> None:
    writer.ingest([replace(MAIA, html=BODY, headers=HEADERS)], NOW)
    page = page_of(writer.store, 1)
    assert page is not None
    assert (page.body, page.headers, page.fetched) == (BODY, HEADERS, NOW)
    assert page.content_type == "text/html; charset=gbk"
    size = writer.store.row("SELECT length(html) FROM page")
    assert size is not None
    assert size[0] < len(BODY) / 10


def test_pages_from_before_are_still_read(writer: KnowledgeBase) -> None:
    writer.ingest([MAIA], NOW)
    with writer.store.atomic():
        writer.store.execute("INSERT INTO page (article_id, html, fetched) VALUES (1, ?, 0)", [zlib.compress(BODY)])
    page = page_of(writer.store, 1)
    assert page is not None
    assert (page.body, page.headers, page.content_type) == (BODY, (), None)


def test_the_pages_of_one_source_can_be_walked(writer: KnowledgeBase) -> None:
    writer.ingest([replace(MAIA, html=BODY, source="one"), replace(HBM, html=BODY, source="two")], NOW)
    assert [page.article_id for page in all_pages(writer.store)] == [1, 2]
    assert [page.article_id for page in all_pages(writer.store, "two")] == [2]
    assert (count_pages(writer.store), count_pages(writer.store, "one")) == (2, 1)


def test_an_article_without_a_page_has_none(writer: KnowledgeBase) -> None:
    writer.ingest([MAIA], NOW)
    assert page_of(writer.store, 1) is None
