import random
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from index.errors import IndexUnavailable
from index.knowledge_base import KnowledgeBase
from index.retrieval.columns import BACKFILL, Columns, known_since, read_columns
from index.retrieval.filters import Filters
from index.retrieval.histogram import histogram
from index.retrieval.lexical import Alternative
from index.store.changes import changes_since, last_sequence
from tests.conftest import CORPUS, NOW, article

DAY = 86_400


def test_columns_hold_what_the_store_holds_and_survive_saving(filled: KnowledgeBase, tmp_path: Path) -> None:
    columns = read_columns(filled.store)
    columns.save(tmp_path / "columns.npz")
    again = Columns.load(tmp_path / "columns.npz")
    assert len(again) == len(CORPUS)
    assert again.articles.tolist() == columns.articles.tolist()
    assert (again.lang_names, again.entity_names) == (columns.lang_names, columns.entity_names)
    assert again.counts(np.arange(len(CORPUS)))["lang"] == {"en": 4, "zh": 1} or sum(
        again.counts(np.arange(len(CORPUS)))["lang"].values()
    ) == len(CORPUS)


def test_columns_made_from_earlier_ones_are_those_made_from_the_store_alone(filled: KnowledgeBase) -> None:
    store = filled.store
    chance = random.Random(7)
    before = read_columns(store)
    for step in range(12):
        sequence = last_sequence(store)
        ids = [row[0] for row in store.rows("SELECT id FROM article")]
        names = chance.sample(
            ["Nvidia H200", "AMD MI300X", "华为昇腾910B", "TSMC", "nothing that is known", "Google TPU v5p"], 3
        )
        filled.ingest([article(f"Report {step}", f"{' and '.join(names)} were in the news."), CORPUS[step % len(CORPUS)]], NOW)
        filled.delete(chance.choice(ids))
        filled.refresh(NOW)
        changed = [change.article_id for change in changes_since(store, sequence)]
        made, whole = read_columns(store, before, changed), read_columns(store)
        for each in fields(Columns):
            assert np.array_equal(getattr(made, each.name), getattr(whole, each.name)), each.name
        before = made


def test_mentions_linked_anew_are_read_anew(filled: KnowledgeBase) -> None:
    before = read_columns(filled.store)
    assert len(before.entities)
    filled.store.execute("DELETE FROM salience")
    assert len(read_columns(filled.store, before).entities) == len(before.entities), "nothing is said to have changed"
    filled.store.set_meta("linked_with", "another catalogue")
    assert len(read_columns(filled.store, before).entities) == 0


def test_a_file_that_is_no_columns_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "columns.npz").write_bytes(b"nonsense")
    with pytest.raises(IndexUnavailable, match="cannot be read"):
        Columns.load(tmp_path / "columns.npz")


def test_filters_and_alternatives_on_columns_agree_with_the_store(filled: KnowledgeBase) -> None:
    columns = read_columns(filled.store)
    expected = {row[0] for row in filled.store.rows("SELECT DISTINCT article_id FROM mention WHERE entity_id = 'microsoft'")}
    assert set(columns.articles[columns.allowed(Filters(entity=("microsoft",)))].tolist()) == expected
    found = columns.satisfying([Alternative("article_entity", ("microsoft",))])
    assert found is not None
    assert set(columns.articles[found].tolist()) == expected
    assert columns.satisfying([Alternative("words", ("chip",))]) is None
    assert not columns.allowed(Filters(source=("nowhere",))).any()


def test_positions_of_unknown_articles_are_minus_one(filled: KnowledgeBase) -> None:
    columns = read_columns(filled.store)
    assert columns.positions(np.array([1, 10**9, 2])).tolist() == [0, -1, 1]


def test_an_article_is_known_from_when_it_was_seen_unless_it_was_backfilled() -> None:
    assert known_since(None, 500) == 500
    assert known_since(1000, 1000 + BACKFILL) == 1000 + BACKFILL
    assert known_since(1000, 1001 + BACKFILL) == 1000
    assert known_since(2000, 1000) == 2000


@pytest.mark.parametrize(
    ("days", "interval", "starts", "counts"),
    [
        ([0, 0, 2], "day", ["2023-11-13", "2023-11-14", "2023-11-15"], [2, 0, 1]),
        ([0, 6, 7, 100], "week", ["2023-11-13", "2023-11-20"], [2, 1]),
        ([0, 20, 1000], "month", ["2023-11-01", "2023-12-01"], [1, 1]),
    ],
)
def test_counts_over_time_leave_no_interval_out(days: list[int], interval: str, starts: list[str], counts: list[int]) -> None:
    monday = int(datetime(2023, 11, 13, 5, tzinfo=UTC).timestamp())
    found = histogram(np.array([monday + day * DAY for day in days]))
    assert found.interval == interval
    assert list(found.starts[: len(starts)]) == starts
    assert list(found.counts[: len(counts)]) == counts
    assert sum(found.counts) == len(days)


def test_nothing_has_an_empty_histogram() -> None:
    assert histogram(np.zeros(0, np.int64)).counts == ()
