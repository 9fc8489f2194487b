from dataclasses import replace

import pytest

from index.knowledge_base import KnowledgeBase
from index.retrieval import generation
from index.retrieval import refresh as module
from index.retrieval.postings import Part
from index.retrieval.search import SearchRequest
from index.settings import Settings
from index.store.passages import count_passages
from tests.conftest import CORPUS, MAIA, NOW, WordEncoder, article


def found(kb: KnowledgeBase, query: str) -> set[str]:
    return {hit.article.title for hit in kb.search(SearchRequest(query, group="none"), NOW).hits}


def test_a_second_refresh_does_nothing(filled: KnowledgeBase, encoder: WordEncoder) -> None:
    encoded = encoder.encoded
    report = filled.refresh(NOW)
    assert (report.built, report.changed, report.embedded, encoder.encoded) == (False, 0, 0, encoded)


def test_only_what_changed_is_embedded(filled: KnowledgeBase) -> None:
    filled.ingest([replace(MAIA, text=MAIA.text + "\n\nA late addition about Cobalt."), article("Brand new")], NOW)
    report = filled.refresh(NOW)
    assert report.changed == 2
    assert report.embedded == 2
    assert found(filled, "late addition Cobalt") == {MAIA.title}


def test_a_deleted_article_never_surfaces_even_before_the_refresh(filled: KnowledgeBase) -> None:
    assert MAIA.title in found(filled, "Maia 100")
    filled.delete(1)
    assert MAIA.title not in found(filled, "Maia 100")
    filled.refresh(NOW)
    assert MAIA.title not in found(filled, "Maia 100")
    assert filled.status().pending == 0


def test_an_interrupted_refresh_goes_on_where_it_stopped(
    writer: KnowledgeBase, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.ingest([article(f"Report number {n} on accelerators") for n in range(20)], NOW)
    monkeypatch.setattr(module, "_PASSAGES_A_COMMIT", 5)
    honest = encoder.encode_documents

    def fails_after_ten(texts: list[str]) -> object:
        if encoder.encoded >= 10:
            raise KeyboardInterrupt
        return honest(texts)

    monkeypatch.setattr(encoder, "encode_documents", fails_after_ten)
    with pytest.raises(KeyboardInterrupt):
        writer.refresh(NOW)
    monkeypatch.setattr(encoder, "encode_documents", honest)
    report = writer.refresh(NOW)
    assert report.embedded == 10, "nothing was embedded twice"
    assert report.passages == count_passages(writer.store) == 20


def test_another_model_gets_its_own_vectors_and_the_old_ones_stay(filled: KnowledgeBase, settings: Settings) -> None:
    other = WordEncoder()
    other.model_id = "words-2"
    again = KnowledgeBase(settings, filled.store, filled.reading, other)
    assert again.refresh(NOW).embedded == count_passages(filled.store)
    assert again.refresh(NOW, rebuild=True).embedded == 0
    assert filled.refresh(NOW).embedded == 0, "going back to the first model embeds nothing anew"


def test_words_alone_need_no_model(settings: Settings, filled: KnowledgeBase) -> None:
    lexical = KnowledgeBase(replace(settings, model="none"), filled.store, filled.reading, None)
    lexical.refresh(NOW)
    assert found(lexical, "Maia 100") >= {MAIA.title}
    assert lexical.status().index_kind == "lexical only"


def test_status_counts_what_waits_for_the_next_refresh(filled: KnowledgeBase) -> None:
    assert filled.status().up_to_date
    filled.ingest([article("Waiting")], NOW)
    status = filled.status()
    assert (status.articles, status.pending, status.up_to_date) == (len(CORPUS) + 1, 1, False)


def parts(kb: KnowledgeBase) -> list[str]:
    return list(generation.read_manifest(generation.candidates(kb.store.home)[0]).parts)


def segments(kb: KnowledgeBase) -> list[tuple[str, int]]:
    return list(generation.read_manifest(generation.candidates(kb.store.home)[0]).segments)


def test_new_articles_are_a_segment_of_their_own_and_the_rest_is_linked(
    filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MERGE", 0.01)  # nothing is merged
    first = segments(filled)
    filled.ingest([article("Brand new accelerator")], NOW)
    filled.refresh(NOW)
    newest, previous = generation.candidates(filled.store.home)[:2]
    assert segments(filled)[0] == first[0]
    assert segments(filled)[1][1] == 1
    assert len(parts(filled)) == 2
    for name in (generation.vectors_file(first[0][0]), generation.rows_file(first[0][0]), f"{parts(filled)[0]}/rows.npy"):
        assert (newest / name).stat().st_ino == (previous / name).stat().st_ino
    assert found(filled, "Brand new accelerator") == {"Brand new accelerator"}
    assert MAIA.title in found(filled, "Maia 100")


def test_a_changed_article_leaves_a_dead_row_behind_that_is_never_found(
    filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MERGE", 0.01)
    filled.ingest([replace(MAIA, title="Redmond shows silicon", text="An entirely different text on cooling.")], NOW)
    filled.refresh(NOW)
    assert len(segments(filled)) == 2
    assert found(filled, "cooling text") == {"Redmond shows silicon"}
    assert "Redmond shows silicon" not in found(filled, "Maia 100 custom AI chip")


def test_segments_stay_few_and_much_that_is_dead_is_written_anew(filled: KnowledgeBase) -> None:
    for n in range(40):
        filled.ingest([article(f"Report number {n}", f"Shipments of part {n} grew.")], NOW)
        filled.refresh(NOW)
    assert len(segments(filled)) <= 6
    assert len(parts(filled)) <= 6
    for article_id in range(1, 30):
        filled.delete(article_id)
    report = filled.refresh(NOW)
    rows = sum(count for _, count in segments(filled))
    assert report.passages == count_passages(filled.store)
    assert rows <= report.passages / (1 - module._MOST_DEAD) + 1
    postings = [Part.load(generation.candidates(filled.store.home)[0] / name) for name in parts(filled)]
    assert sum(len(part) for part in postings) <= report.passages / (1 - module._MOST_DEAD) + 1
    assert found(filled, "shipments part 39") >= {"Report number 39"}


def test_reading_everything_anew_forgets_what_only_the_past_needed(filled: KnowledgeBase, encoder: WordEncoder) -> None:
    for wording in ("first", "second", "third"):
        filled.ingest([replace(MAIA, text=f"A {wording} version of the report on Maia 100.")], NOW)
        filled.refresh(NOW)
    count = lambda table: int(filled.store.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: E731
    assert count("embedding") > count_passages(filled.store)
    assert count("change") > len(CORPUS)
    encoded = encoder.encoded
    filled.refresh(NOW, rebuild=True)
    assert count("embedding") == count_passages(filled.store)
    assert count("change") == len(CORPUS)
    assert encoder.encoded == encoded, "what is still needed is not embedded anew"
    assert found(filled, "third version Maia") == {MAIA.title}
    assert filled.status().up_to_date
