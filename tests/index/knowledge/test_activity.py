"""What has been going on lately, by the articles' own times."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from index.knowledge_base import KnowledgeBase
from tests.conftest import NOW, article


def test_days_end_with_that_of_the_newest_article_and_none_is_left_out(writer: KnowledgeBase) -> None:
    published = [NOW, NOW, NOW - timedelta(days=3)]
    writer.ingest([article(f"Nvidia news {n}", published=moment) for n, moment in enumerate(published)], NOW)
    days = writer.recent_days(5)
    assert [count for _, count in days] == [0, 1, 0, 0, 2]
    assert days[-1][0].date() == NOW.date()


def test_days_are_those_of_the_zone(writer: KnowledgeBase) -> None:
    from index.knowledge.activity import recent_days

    late = NOW.replace(hour=20)
    writer.ingest([article("Late", published=late)], NOW)
    shanghai = recent_days(writer.store, 2, ZoneInfo("Asia/Shanghai"))
    assert shanghai[-1][0].date() == (late + timedelta(days=1)).date()


def test_what_is_named_more_than_usual_moves_and_what_is_named_as_ever_does_not(writer: KnowledgeBase) -> None:
    def publish(name: str, days_ago: int, count: int) -> None:
        writer.ingest(
            [article(f"{name} story {days_ago} {n}", published=NOW - timedelta(days=days_ago)) for n in range(count)], NOW
        )

    publish("Micron", 1, 5)
    publish("TSMC", 1, 2)
    for week in range(1, 5):
        publish("TSMC", 1 + 7 * week, 2)
        publish("Intel", 2 + 7 * week, 3)
    moved = writer.movers()
    assert [mover.entity.id for mover in moved][:2] == ["micron", "intel"]
    assert (moved[0].articles, moved[0].usual) == (5, 0)
    assert (moved[1].articles, moved[1].usual) == (0, 3)
    assert "tsmc" not in [mover.entity.id for mover in moved]


def test_an_empty_store_has_no_days_and_no_movers(writer: KnowledgeBase) -> None:
    assert writer.recent_days() == []
    assert writer.movers() == []
