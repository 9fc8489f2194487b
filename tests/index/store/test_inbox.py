"""What waits while another process writes."""

from dataclasses import replace
from datetime import UTC, datetime

from index.article import Origin
from index.knowledge_base import KnowledgeBase
from index.store.articles import article_by_id
from index.store.database import Store
from index.store.inbox import first_left, forget, leave, waiting
from tests.conftest import MAIA, NOW, article

FULL = replace(
    MAIA,
    modified=datetime(2023, 11, 16, tzinfo=UTC),
    author="A. Reporter",
    origin=Origin("The Information", "https://origin.example/1", "来源：The Information"),
    html=b"<p>\xff\x00</p>",
    headers=(("content-type", "text/html"),),
    tags=("chips", "芯片"),
    captions=("The chip",),
)


def test_an_article_comes_out_as_it_went_in(writer: KnowledgeBase) -> None:
    bare = replace(article("Bare"), title="A lone surrogate \ud800", published=None, url=None)
    leave(writer.store, [FULL, bare], NOW)
    assert waiting(writer.store) == 2
    left = first_left(writer.store)
    assert left is not None
    number, received, articles = left
    assert (received, articles) == (NOW, [FULL, bare])
    forget(writer.store, number)
    assert (waiting(writer.store), first_left(writer.store)) == (0, None)


def test_a_reader_leaves_articles_beside_the_writer_who_stores_them_as_of_when_they_came(writer: KnowledgeBase) -> None:
    with Store.open_reader(writer.settings.home) as reader:
        leave(reader, [FULL], NOW)
    writer.refresh(datetime(2025, 1, 1, tzinfo=UTC))
    kept = article_by_id(writer.store, 1)
    assert kept is not None
    assert (kept.title, kept.first_seen, waiting(writer.store)) == (FULL.title, NOW, 0)


def test_a_batch_that_was_stored_but_not_yet_forgotten_is_stored_once(writer: KnowledgeBase) -> None:
    leave(writer.store, [FULL], NOW)
    writer.ingest([FULL], NOW)  # as if the process had ended just before it forgot the batch
    report = writer.take_in(NOW)
    assert (report.duplicate, report.new, writer.status().articles) == (1, 0, 1)
