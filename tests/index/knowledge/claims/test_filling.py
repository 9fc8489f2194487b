from dataclasses import replace

import pytest

from index.knowledge.claims.attributes import load_attributes
from index.knowledge.claims.extract import ClaimReader
from index.knowledge.claims.filling import reprocess_claims, update_claims
from index.knowledge.entities import Catalogue
from index.knowledge.reading import Reading
from index.knowledge_base import KnowledgeBase
from index.retrieval.refresh import silent
from index.settings import Settings
from index.store.claims import all_claims, claims_of_article, count_claims
from tests.conftest import CORPUS, DGX, MAIA, NOW, WordEncoder, article


def older(catalogue: Catalogue) -> ClaimReader:
    """The reader as it was before it knew anything of prices and rents."""
    known = load_attributes()
    figures = {key: each for key, each in known.figures.items() if key not in ("price", "rental-price")}
    return ClaimReader(catalogue, replace(known, figures=figures, version="older"))


def test_refresh_reads_claims_of_what_is_new_and_takes_along_what_changed(writer: KnowledgeBase) -> None:
    writer.ingest([DGX], NOW)
    writer.refresh(NOW)
    assert {claim.attribute for claim in claims_of_article(writer.store, 1)} == {"rental-price"}
    writer.ingest(
        [replace(DGX, title="DGX Cloud, cheaper", text="Renting a DGX Cloud instance starts at $29,000 a month.")], NOW
    )
    writer.refresh(NOW)
    [claim] = [claim for claim in claims_of_article(writer.store, 1) if claim.attribute == "rental-price"]
    assert claim.low == 29_000


def test_a_second_refresh_has_nothing_to_read(filled: KnowledgeBase) -> None:
    before = list(all_claims(filled.store))
    assert update_claims(filled.store, filled.reading.claims, silent) == 0
    assert list(all_claims(filled.store)) == before


def test_other_rules_leave_the_ledger_until_everything_is_read_again(filled: KnowledgeBase) -> None:
    old = older(filled.reading.catalogue)
    report = reprocess_claims(filled.store, old, silent)
    assert (report.read, report.changed) == (len(CORPUS), 1)
    assert report.removed["rental-price"] == 1
    again = reprocess_claims(filled.store, old, silent)
    assert (again.read, again.changed) == (0, 0)
    back = reprocess_claims(filled.store, filled.reading.claims, silent)
    assert back.added == report.removed
    assert back.added["rental-price"] == 1
    assert [(number, title) for number, title, _, _ in back.examples] == [(3, DGX.title)]


def test_reading_again_goes_on_where_it_was_interrupted(writer: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    writer.ingest([article(f"H{n} news", f"The H100 draws {n} watts.") for n in range(1, 251)], NOW)
    reader = writer.reading.claims

    def interrupted(_: str, done: int, total: int) -> None:
        assert total == 250
        if done >= 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reprocess_claims(writer.store, reader, interrupted)
    assert count_claims(writer.store) == 200
    report = reprocess_claims(writer.store, reader, silent)
    assert (report.read, count_claims(writer.store)) == (50, 250)


def test_everything_can_be_read_again_though_no_rule_changed(filled: KnowledgeBase) -> None:
    report = reprocess_claims(filled.store, filled.reading.claims, silent, everything=True)
    assert (report.read, report.changed) == (len(CORPUS), 0)


def test_the_story_of_an_article_and_its_original_are_told_with_its_claims(writer: KnowledgeBase) -> None:
    repost = replace(MAIA, url="https://repost.example/1", source="repost")
    writer.ingest([MAIA, repost], NOW)
    writer.refresh(NOW)
    first, second = (claims_of_article(writer.store, number)[0] for number in (1, 2))
    assert first.story_id == second.story_id is not None
    assert (second.copy_of, second.copy_source) == (1, "example")


def test_a_store_from_before_the_ledger_gets_one_with_the_claims_of_its_articles(
    settings: Settings, encoder: WordEncoder, reading: Reading
) -> None:
    with KnowledgeBase.open(settings, writer=True, encoder=encoder, reading=reading) as kb:
        kb.ingest([DGX], NOW)
        kb.refresh(NOW)
        for table in ("claim_party", "claim_reading", "claim"):
            kb.store.execute(f"DROP TABLE {table}")
        kb.store.execute("DELETE FROM meta WHERE key LIKE 'claims%'")
        kb.store.execute("DELETE FROM _sqlite_migrations WHERE name = 'm010_claims'")
    with KnowledgeBase.open(settings, writer=True, encoder=encoder, reading=reading) as kb:
        kb.refresh(NOW)
        assert [claim.attribute for claim in all_claims(kb.store)] == ["rental-price"]
