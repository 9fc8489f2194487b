"""Alerts: one a story, once, with why; for new claims only where that is asked for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from index.alerts.desk import Wanted
from index.article import Article
from index.errors import FilterError, NotFound, QueryError, UsageError
from index.knowledge_base import KnowledgeBase
from index.store.articles import delete_article
from index.store.searches import SavedSearch, alerted_to, newest_article
from tests.conftest import DGX, H800, HBM, MAIA, MAIA_ZH, NOW, article

LATER = NOW + timedelta(minutes=5)


def fine(url: str) -> str | None:
    return None


def save(kb: KnowledgeBase, query: str, name: str = "mine", **values: object) -> SavedSearch:
    return kb.searches.add(Wanted(name, query, **values), NOW, fine)  # type: ignore[arg-type]


def bring(kb: KnowledgeBase, *articles: Article) -> None:
    kb.ingest(articles, LATER)
    kb.refresh(LATER)


def titles(kb: KnowledgeBase, search: SavedSearch) -> list[str]:
    return [alert.body["title"] for alert in kb.searches.alerts(search.id)]


def test_articles_are_told_of_as_they_are_indexed_and_never_again(writer: KnowledgeBase) -> None:
    bring(writer, DGX, H800)
    search = save(writer, "Maia 100")
    bring(writer, MAIA, HBM)
    assert titles(writer, search) == [MAIA.title]
    bring(writer, replace(MAIA, text=MAIA.text + " An update."))
    writer.refresh(LATER, rebuild=True)
    [alert] = writer.searches.alerts(search.id)
    assert alert.made == LATER
    assert alert.body["why"]["words"] or alert.body["why"]["entities"]
    assert {"words", "glossed", "entities", "similarity", "coverage", "new_claims"} <= set(alert.body["why"])
    assert writer.searches.get("mine").alerts == 1


def test_what_was_there_before_the_search_is_no_news(writer: KnowledgeBase) -> None:
    bring(writer, MAIA)
    search = save(writer, "Maia 100")
    writer.refresh(LATER)
    bring(writer, DGX)
    assert titles(writer, search) == []


def test_a_story_is_told_of_once_and_not_each_copy(writer: KnowledgeBase) -> None:
    search = save(writer, "Maia 100")
    copy = replace(MAIA, url="https://other.example/copy", source="other", published=MAIA.published + timedelta(hours=2))  # type: ignore[operator]
    bring(writer, MAIA, MAIA_ZH, copy)
    [alert] = writer.searches.alerts(search.id)
    assert alert.body["others"] == 2
    again = replace(copy, url="https://third.example/copy", source="third")
    bring(writer, again)
    assert len(writer.searches.alerts(search.id)) == 1


def test_filters_narrow_what_is_told(writer: KnowledgeBase) -> None:
    search = save(writer, "chip 芯片", filters={"lang": ["zh"]})
    bring(writer, MAIA, DGX, MAIA_ZH)
    assert titles(writer, search) == [MAIA_ZH.title]


POWER = article("AMD details MI300X", "AMD's MI300X carries 192 GB of HBM3. It is in production.")
AGAIN = article(
    "AMD's MI300X in detail, once more", "AMD's MI300X carries 192 GB of HBM3. It is in production, AMD said again.",
    source="other", published=POWER.published + timedelta(hours=3),  # type: ignore[operator]
)  # fmt: skip
MORE = article(
    "AMD: MI300X draws 750 watts", "AMD's MI300X draws up to 750 watts. It carries 192 GB of HBM3 and is in production.",
    source="third", published=POWER.published + timedelta(hours=5),  # type: ignore[operator]
)  # fmt: skip


def test_new_claims_only_means_what_nobody_claimed_before_in_a_story_that_was_told_of_too(writer: KnowledgeBase) -> None:
    search = save(writer, "MI300X", new_claims=True)
    other = save(writer, "MI300X", "all of it")
    for each in (POWER, AGAIN, MORE):
        bring(writer, each)
    assert titles(writer, search) == [MORE.title, POWER.title]
    [claim] = writer.searches.alerts(search.id)[0].body["why"]["new_claims"]
    assert (claim["attribute"], "750" in claim["written"]) == ("power", True)
    assert claim["quote"] in MORE.text
    assert POWER.title in titles(writer, other)


def test_a_late_report_of_what_is_known_is_no_new_claim_though_it_is_dated_earlier(writer: KnowledgeBase) -> None:
    search = save(writer, "MI300X", new_claims=True)
    bring(writer, POWER)
    bring(writer, replace(AGAIN, published=POWER.published - timedelta(hours=9)))  # type: ignore[operator]
    assert titles(writer, search) == [POWER.title]


def test_nobody_is_told_of_what_is_brought_in_silently(writer: KnowledgeBase) -> None:
    search = save(writer, "Maia 100")
    writer.ingest([MAIA], LATER)
    writer.refresh(LATER, silently=True)
    writer.refresh(LATER)
    assert titles(writer, search) == []
    assert alerted_to(writer.store) == newest_article(writer.store)


def test_a_crash_between_indexing_and_alerting_loses_nothing(writer: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    search = save(writer, "Maia 100", webhook="https://hooks.example/x")
    writer.ingest([MAIA], LATER)
    with monkeypatch.context() as patch:
        patch.setattr("index.alerts.matching.set_alerted_to", lambda *_: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            writer.refresh(LATER)
    assert titles(writer, search) == []
    assert writer.searches.deliveries(search.id) == []
    writer.refresh(LATER)
    assert titles(writer, search) == [MAIA.title]
    assert len(writer.searches.deliveries(search.id)) == 1


def test_alerts_wait_in_the_outbox_for_the_webhook_and_each_recipient(writer: KnowledgeBase) -> None:
    search = save(writer, "Maia 100", webhook="https://hooks.example/x", mail=["ada@example.com", "bob@example.com"])
    daily = save(writer, "Maia 100", "daily", mail=["ada@example.com"], mail_every="daily")
    bring(writer, MAIA)
    found = [delivery for delivery, _ in writer.searches.deliveries(search.id)]
    assert {(each.kind, each.target) for each in found} == {
        ("webhook", "https://hooks.example/x"), ("mail", "ada@example.com"), ("mail", "bob@example.com")
    }  # fmt: skip
    assert len({each.key for each in found}) == 3
    assert writer.searches.deliveries(daily.id) == []


def test_a_search_that_cannot_be_asked_says_why_until_it_can(writer: KnowledgeBase) -> None:
    search = save(writer, "Maia 100", filters={"entity": ["microsoft"]})
    with writer.store.aside() as connection:
        connection.execute("UPDATE saved_search SET query = ''")
    bring(writer, MAIA)
    assert "empty" in (writer.searches.by_id(search.id).trouble or "")
    with writer.store.aside() as connection:
        connection.execute("UPDATE saved_search SET query = 'Maia 100'")
    bring(writer, MAIA_ZH)
    assert writer.searches.by_id(search.id).trouble is None


def test_a_deleted_article_takes_its_alerts_with_it(writer: KnowledgeBase) -> None:
    search = save(writer, "Maia 100")
    bring(writer, MAIA)
    with writer.store.atomic():
        delete_article(writer.store, writer.searches.alerts(search.id)[0].article_id)
    assert writer.searches.alerts(search.id) == []


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Wanted("", "nvidia"), UsageError),
        (Wanted("x" * 101, "nvidia"), UsageError),
        (Wanted("12", "nvidia"), UsageError),
        (Wanted("a", " "), QueryError),
        (Wanted("a", "x" * 1001), QueryError),
        (Wanted("a", "b", {"lang": ["fr"]}), FilterError),
        (Wanted("a", "b", {"entity": ["nonsense"]}), FilterError),
        (Wanted("a", "b", {"colour": ["red"]}), FilterError),
        (Wanted("a", "b", {"after": ["someday"]}), FilterError),
        (Wanted("a", "b", {"source": [f"s{n}" for n in range(51)]}), FilterError),
        (Wanted("a", "b", mail=["no address"]), UsageError),
        (Wanted("a", "b", mail=["a@b\r\nBcc: c@d"]), UsageError),
        (Wanted("a", "b", mail=[f"a{n}@b.example" for n in range(51)]), UsageError),
        (Wanted("a", "b", mail_every="hourly"), FilterError),
        (Wanted("a", "b", webhook="https://hooks.example/#x"), UsageError),
        (Wanted("a", "b", webhook="https://hooks.example/a b"), UsageError),
        (Wanted("a", "b", webhook="https://hooks.example/" + "x" * 2000), UsageError),
    ],
)  # fmt: skip
def test_what_could_not_be_asked_or_delivered_is_not_saved(
    writer: KnowledgeBase, wanted: Wanted, error: type[Exception]
) -> None:
    with pytest.raises(error):
        writer.searches.add(wanted, NOW, fine)
    assert writer.searches.all() == []


def test_a_webhook_that_would_not_be_dialled_is_not_saved(writer: KnowledgeBase) -> None:
    with pytest.raises(UsageError, match="it is on this machine"):
        writer.searches.add(Wanted("a", "b", webhook="http://127.0.0.1/"), NOW, lambda url: "it is on this machine")


def test_a_name_is_given_once_and_searches_are_found_by_name_or_number(writer: KnowledgeBase) -> None:
    search = save(writer, "Maia 100", "My  chips")
    assert search.name == "My chips"
    with pytest.raises(UsageError, match="already"):
        save(writer, "other", "My chips")
    assert writer.searches.get("My chips").id == writer.searches.get(search.id).id == search.id
    assert writer.searches.remove("My chips").id == search.id
    for name in ("My chips", "99", "9" * 40, ""):
        with pytest.raises(NotFound):
            writer.searches.get(name)
