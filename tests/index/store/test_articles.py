from dataclasses import replace
from datetime import timedelta

from index.article import IngestReport, Origin, Rejected
from index.knowledge_base import KnowledgeBase
from index.store.articles import article_by_id, entity_counts, fill_url_keys
from index.store.changes import changes_since, count_changes_since, last_sequence
from index.store.revisions import revisions_of
from tests.conftest import CORPUS, HBM, MAIA, NOW


def test_the_same_articles_again_are_duplicates_and_change_nothing(writer: KnowledgeBase) -> None:
    assert writer.ingest(CORPUS, NOW) == IngestReport(5, 5, 0, 0)
    before = last_sequence(writer.store)
    assert writer.ingest(CORPUS, NOW + timedelta(days=1)) == IngestReport(5, 0, 0, 5)
    assert last_sequence(writer.store) == before


def test_a_changed_text_is_an_update_that_keeps_the_earlier_revision(writer: KnowledgeBase) -> None:
    writer.ingest([MAIA], NOW)
    later = NOW + timedelta(hours=1)
    assert writer.ingest([replace(MAIA, text=MAIA.text + " Corrected.", published=None)], later).updated == 1
    stored = article_by_id(writer.store, 1)
    assert stored is not None
    assert stored.text.endswith("Corrected.")
    assert stored.published == MAIA.published, "an edit without a date does not undo the date"
    assert stored.first_seen == NOW
    assert [r.text for r in revisions_of(writer.store, 1)] == [MAIA.text]


def test_a_page_that_only_reads_differently_is_no_revision(writer: KnowledgeBase) -> None:
    """As after an upgrade whose extraction is better: the bytes are the same."""
    writer.ingest([replace(MAIA, html=b"<p>page</p>", text=f"{MAIA.text}\n\nShare this page.")], NOW)
    assert writer.ingest([replace(MAIA, html=b"<p>page</p>")], NOW + timedelta(days=1)).updated == 1
    assert revisions_of(writer.store, 1) == []
    assert writer.ingest([replace(MAIA, html=b"<p>edited</p>", title="Edited")], NOW + timedelta(days=2)).updated == 1
    assert [revision.title for revision in revisions_of(writer.store, 1)] == [MAIA.title]


def test_white_space_alone_is_no_revision(writer: KnowledgeBase) -> None:
    writer.ingest([MAIA], NOW)
    assert writer.ingest([replace(MAIA, text=MAIA.text.replace(" ", "  "))], NOW).duplicate == 1


def test_an_article_without_an_address_is_known_by_its_text(writer: KnowledgeBase) -> None:
    assert writer.ingest([replace(HBM, url=None), replace(HBM, url=None)], NOW) == IngestReport(2, 1, 0, 1)
    stored = article_by_id(writer.store, 1)
    assert stored is not None
    assert not stored.has_address


def test_addresses_are_compared_in_canonical_form(writer: KnowledgeBase) -> None:
    assert writer.ingest([MAIA, replace(MAIA, url=f"{MAIA.url}?utm_source=feed#c")], NOW).duplicate == 1


def test_http_and_https_and_www_are_one_article_with_the_safer_address(writer: KnowledgeBase) -> None:
    assert writer.ingest([replace(MAIA, url="http://www.news.example/maia/")], NOW).new == 1
    report = writer.ingest([replace(MAIA, url="https://news.example/maia", text=MAIA.text + " Corrected.")], NOW)
    assert (report.new, report.updated) == (0, 1)
    assert writer.ingest([replace(MAIA, url="http://news.example/maia")], NOW).updated == 1
    stored = article_by_id(writer.store, 1)
    assert stored is not None
    assert (stored.url, stored.text) == ("https://news.example/maia", MAIA.text)
    assert len(revisions_of(writer.store, 1)) == 2


def test_a_mobile_edition_never_replaces_the_page_itself(writer: KnowledgeBase) -> None:
    writer.ingest([replace(MAIA, url="https://news.example/maia")], NOW)
    before = last_sequence(writer.store)
    shorter = [
        replace(MAIA, url=url, text=MAIA.text[:40]) for url in ("https://m.news.example/maia", "https://news.example/maia/amp")
    ]
    assert writer.ingest(shorter, NOW).duplicate == 2
    assert last_sequence(writer.store) == before


def test_the_page_itself_takes_the_place_of_its_mobile_edition(writer: KnowledgeBase) -> None:
    writer.ingest([replace(MAIA, url="https://m.news.example/maia")], NOW)
    assert writer.ingest([replace(MAIA, url="https://news.example/maia")], NOW).updated == 1
    stored = article_by_id(writer.store, 1)
    assert stored is not None
    assert stored.url == "https://news.example/maia"
    assert revisions_of(writer.store, 1) == [], "its text is the same"
    for url in ("https://m.news.example/maia", "https://news.example/maia"):
        assert writer.ingest([replace(MAIA, url=url)], NOW).duplicate == 1, "and then it stays"


def test_articles_of_an_earlier_version_get_their_keys(writer: KnowledgeBase) -> None:
    writer.ingest([replace(MAIA, url="https://news.example/maia"), replace(HBM, url=None)], NOW)
    writer.store.execute("UPDATE article SET url_key = NULL")
    fill_url_keys(writer.store)
    assert writer.ingest([replace(MAIA, url="http://news.example/maia/"), replace(HBM, url=None)], NOW).duplicate == 2


def test_what_extraction_found_beside_the_text_is_kept(writer: KnowledgeBase) -> None:
    found = replace(
        MAIA,
        date_source="json-ld",
        date_note="written in the future",
        image="https://news.example/maia.jpg",
        section="Chips",
        tags=("Maia", "Azure"),
        captions=("A rack.",),
        raw_url=f"{MAIA.url}?utm_source=feed",
        origin=Origin("Wire", "https://wire.example/1", "Source: Wire"),
    )
    writer.ingest([found], NOW)
    stored = article_by_id(writer.store, 1)
    assert stored is not None
    for name in ("date_source", "date_note", "image", "section", "tags", "captions", "raw_url"):
        assert getattr(stored, name) == getattr(found, name)
    assert (stored.origin_name, stored.origin_url, stored.origin_words) == ("Wire", "https://wire.example/1", "Source: Wire")


def test_the_change_log_is_written_with_the_article(writer: KnowledgeBase) -> None:
    writer.ingest([MAIA, HBM], NOW)
    writer.delete(1)
    assert [(c.article_id, c.kind) for c in changes_since(writer.store, 0)] == [(2, "upsert"), (1, "delete")]
    assert count_changes_since(writer.store, last_sequence(writer.store)) == 0


def test_rejected_inputs_pass_through_and_the_rest_is_stored(writer: KnowledgeBase) -> None:
    report = writer.ingest([MAIA, Rejected(2, "not valid JSON"), HBM], NOW)
    assert (report.read, report.new, report.rejected) == (3, 2, (Rejected(2, "not valid JSON"),))


def test_an_address_that_is_none_is_rejected_and_the_rest_is_stored(writer: KnowledgeBase) -> None:
    report = writer.ingest([replace(MAIA, url="javascript:alert(1)"), HBM], NOW)
    assert (report.new, [each.why for each in report.rejected]) == (1, ["not an http(s) address"])


def test_mentions_are_linked_at_ingest(writer: KnowledgeBase) -> None:
    writer.ingest([MAIA], NOW)
    assert {"microsoft", "tsmc", "microsoft-maia-100"} <= set(entity_counts(writer.store, [1])[1])
