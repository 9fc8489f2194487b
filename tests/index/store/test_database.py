import subprocess
import sys
from pathlib import Path

import pytest
from sqlite_utils import Database

from index.errors import NotFound, SchemaTooNew, StoreCorrupt, StoreError, StoreFull, WriterBusy
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store import database
from index.store.articles import count_articles
from index.store.database import Store
from index.store.schema_services import migrations
from tests.conftest import CORPUS, HBM, NOW, article


def test_the_data_folder_is_made_on_first_use(tmp_path: Path) -> None:
    with Store.open_reader(tmp_path / "new" / "home") as store:
        assert count_articles(store) == 0


def test_acknowledged_means_committed_with_full_synchronisation(tmp_path: Path) -> None:
    with Store.open_writer(tmp_path) as store:
        settings = [store.rows(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert settings == ["wal", 2, 1]


def test_a_second_writer_is_refused_in_one_line_and_readers_are_not(tmp_path: Path) -> None:
    with Store.open_writer(tmp_path), Store.open_reader(tmp_path) as reader:
        with pytest.raises(WriterBusy, match="is writing to") as refused:
            Store.open_writer(tmp_path)
        assert "\n" not in str(refused.value)
        assert count_articles(reader) == 0


def test_a_query_of_many_values_finds_all_of_them(tmp_path: Path) -> None:
    with Store.open_writer(tmp_path) as store:
        store.executemany("INSERT INTO meta VALUES (?, ?)", [(f"k{n}", str(n % 2)) for n in range(1700)])
        asked = [f"k{n}" for n in range(0, 1700, 3)]
        sql = "SELECT key FROM meta WHERE length(key) > ? AND key IN (*) AND value = ?"
        rows = store.rows_among(sql, asked, before=[1], after=["1"])
        assert {str(row[0]) for row in rows} == {f"k{n}" for n in range(3, 1700, 6)}
        assert list(store.rows_among("SELECT key FROM meta WHERE key IN (*)", [])) == []


def test_the_lock_goes_with_the_process_that_held_it(tmp_path: Path) -> None:
    code = f"""
import os
from pathlib import Path
from index.store.database import Store
Store.open_writer(Path({str(tmp_path)!r}))
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    Store.open_writer(tmp_path).close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    with Store.open_reader(tmp_path) as store, pytest.raises(StoreError, match="cannot be opened for writing"):
        store.execute("DELETE FROM article")


def test_a_folder_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Store.open_writer(tmp_path).close()
    db = Database(tmp_path / database.FILE_NAME)
    db["_sqlite_migrations"].insert({"migration_set": "chipwire", "name": "m999_future", "applied_at": "2030"})
    db.close()
    before = (tmp_path / database.FILE_NAME).read_bytes()
    for opener in (Store.open_writer, Store.open_reader):
        with pytest.raises(SchemaTooNew, match="Upgrade Chipwire"):
            opener(tmp_path)
    assert (tmp_path / database.FILE_NAME).read_bytes() == before


def test_readers_know_the_last_migration_without_importing_the_migrations() -> None:
    assert migrations._migrations[-1].name == database._LATEST_MIGRATION


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / database.FILE_NAME).write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(StoreCorrupt, match="not a readable database"):
        Store.open_reader(tmp_path)


def test_a_full_disk_rolls_back_the_last_step_and_keeps_all_before_it(writer: KnowledgeBase) -> None:
    writer.ingest(CORPUS, NOW)
    pages = writer.store.rows("PRAGMA page_count")[0][0]
    writer.store.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreFull, match="Free some space"):
        writer.ingest([article("Too much", "word " * 200_000)], NOW)
    assert count_articles(writer.store) == len(CORPUS)
    writer.store.rows("PRAGMA max_page_count = 1000000")
    assert writer.ingest([article("Enough room now")], NOW).new == 1


def test_a_failed_transaction_leaves_nothing_behind(writer: KnowledgeBase) -> None:
    def fail_halfway() -> None:
        with writer.store.atomic():
            writer.store.set_meta("half", "done")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail_halfway()
    assert writer.store.meta("half") is None


def test_deleting_what_is_not_there_is_not_found(writer: KnowledgeBase) -> None:
    with pytest.raises(NotFound, match="no article 7"):
        writer.delete(7)


def test_readers_see_what_is_committed_while_the_writer_goes_on(writer: KnowledgeBase, settings: Settings) -> None:
    with Store.open_reader(settings.home) as reader:
        writer.ingest([HBM], NOW)
        assert count_articles(reader) == 1
