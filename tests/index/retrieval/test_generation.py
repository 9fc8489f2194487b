import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from index.errors import StoreFull
from index.knowledge_base import KnowledgeBase
from index.retrieval import generation, refresh
from index.retrieval.search import SearchRequest
from index.settings import Settings
from tests.conftest import CORPUS, HBM, NOW, WordEncoder, article


def current(kb: KnowledgeBase) -> Path:
    return generation.candidates(kb.store.home)[0]


def titles(kb: KnowledgeBase, query: str = "Maia 100 chip") -> list[str]:
    return [hit.article.title for hit in kb.search(SearchRequest(query), NOW).hits]


def fresh_reader(kb: KnowledgeBase) -> KnowledgeBase:
    """A reader that has loaded nothing yet."""
    return KnowledgeBase.open(kb.settings, encoder=kb.encoder, reading=kb.reading)


def damage(path: Path) -> None:
    """Zero a few bytes in place, as a failing disk does: the size stays."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64) if any(content[middle : middle + 64]) else b"\xff" * 64
    path.unlink()
    path.write_bytes(content)


def in_newest_segment(kb: KnowledgeBase, name: str) -> Path:
    """A file of the current generation; ``segment`` stands for the name of its newest segment."""
    folder = current(kb)
    return folder / name.replace("segment", generation.read_manifest(folder).segments[-1][0])


def test_the_manifest_describes_the_generation_with_a_hash_of_every_file(filled: KnowledgeBase) -> None:
    folder = current(filled)
    manifest = generation.read_manifest(folder)
    on_disk = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and not p.name.endswith(".lock")}
    assert set(manifest.files) == on_disk - {"manifest.json"}
    assert (manifest.model, manifest.dimension, manifest.articles) == ("words", 256, len(CORPUS))
    assert manifest.database_id == filled.store.database_id
    assert manifest.sequence == len(CORPUS)


def test_two_generations_are_kept_and_current_names_the_newest(filled: KnowledgeBase) -> None:
    for title in ("One more", "And another", "A third"):
        filled.ingest([article(title)], NOW)
        filled.refresh(NOW)
    assert [path.name for path in generation.candidates(filled.store.home)] == ["gen-000004", "gen-000003"]
    assert generation.current_name(filled.store.home) == "gen-000004"


@pytest.mark.parametrize("name", ["segment.faiss", "segment.npz", "columns.npz", "alive.npy", "manifest.json"])
def test_a_damaged_generation_gives_way_to_the_previous_one_or_to_words_alone(filled: KnowledgeBase, name: str) -> None:
    filled.ingest([article("Maia 100 follow-up report")], NOW)
    filled.refresh(NOW)
    damage(in_newest_segment(filled, name))
    with fresh_reader(filled) as reader:
        assert "Microsoft unveils Maia 100, its first custom AI chip" in titles(reader)
        assert reader.trouble


def test_a_damaged_lexical_index_gives_way_to_the_previous_generation(filled: KnowledgeBase) -> None:
    filled.ingest([HBM, article("Maia 100 follow-up report")], NOW)
    filled.refresh(NOW)
    newest, previous = (generation.read_manifest(each).parts for each in generation.candidates(filled.store.home))
    [own] = set(newest) - set(previous)
    damage(generation.candidates(filled.store.home)[0] / own / "rows.npy")
    with fresh_reader(filled) as reader:
        assert titles(reader)
        assert "is damaged" in (reader.trouble or "")


def test_refresh_rebuilds_what_is_damaged(filled: KnowledgeBase) -> None:
    damage(in_newest_segment(filled, "segment.faiss"))
    assert filled.refresh(NOW).built
    with fresh_reader(filled) as reader:
        assert titles(reader)
        assert reader.trouble is None


def test_what_stays_from_one_generation_to_the_next_is_read_once_a_day(
    filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    hash_of = generation._sha256

    def hash_and_note(path: Path) -> str:
        read.append(path.name)
        return hash_of(path)

    monkeypatch.setattr(generation, "_sha256", hash_and_note)
    for number in range(6):
        filled.ingest([article(f"Maia report number {number}", text="Maia 100. " * 40 * (5 - number))], NOW)
        filled.refresh(NOW)
    before = generation.read_manifest(current(filled))
    read.clear()
    filled.ingest([article("One more report")], NOW)
    filled.refresh(NOW)
    kept = set(before.files.items()) & set(generation.read_manifest(current(filled)).files.items())
    assert kept and not {Path(name).name for name, _ in kept if name.startswith("segment")} & set(read)
    read.clear()
    filled.refresh(NOW + timedelta(days=1))
    assert {Path(name).name for name, _ in kept} <= set(read)


def test_a_generation_of_another_store_is_not_read(filled: KnowledgeBase, tmp_path: Path, reading: object) -> None:
    other = Settings(home=tmp_path / "other")
    with KnowledgeBase.open(other, writer=True, encoder=WordEncoder(), reading=filled.reading):
        pass
    os.rename(filled.store.home / "index", other.home / "index")
    with KnowledgeBase.open(other, encoder=WordEncoder(), reading=filled.reading) as kb:
        from index.errors import IndexUnavailable

        with pytest.raises(IndexUnavailable, match="belongs to another store"):
            titles(kb)


def test_an_interrupted_build_leaves_the_current_generation_current(
    filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.ingest([article("Maia 200 rumours")], NOW)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(generation, "_point_at", stop)
    with pytest.raises(KeyboardInterrupt):
        filled.refresh(NOW)
    assert generation.current_name(filled.store.home) == "gen-000001"
    with fresh_reader(filled) as reader:
        assert titles(reader)
    monkeypatch.undo()
    assert filled.refresh(NOW).built
    assert "Maia 200 rumours" in titles(filled, "Maia 200 rumours")


def test_a_full_disk_while_building_keeps_the_old_index(filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.ingest([article("Something new")], NOW)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(refresh.Part, "save", full)
    with pytest.raises(StoreFull, match="no article is lost"):
        filled.refresh(NOW)
    assert not list((filled.store.home / "index").glob("building-*"))
    monkeypatch.undo()
    assert filled.refresh(NOW).built


def test_a_reader_follows_a_new_generation_without_being_reopened(filled: KnowledgeBase) -> None:
    with fresh_reader(filled) as reader:
        assert titles(reader, "Graviton4 launch") == []
        filled.ingest([article("Graviton4 launch at re:Invent")], NOW)
        filled.refresh(NOW)
        # It is loaded in the background: until it is there, searches have the old one.
        found, until = titles(reader, "Graviton4 launch"), time.monotonic() + 30
        while not found and time.monotonic() < until:
            time.sleep(0.05)
            found = titles(reader, "Graviton4 launch")
        assert found == ["Graviton4 launch at re:Invent"]


def test_an_unknown_format_is_refused(filled: KnowledgeBase) -> None:
    path = current(filled) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    from index.errors import IndexUnavailable

    with pytest.raises(IndexUnavailable, match="format 99"):
        generation.read_manifest(current(filled))
