from index.knowledge.ledger.origins import origins_of
from tests.index.knowledge.ledger.stored import stored


def test_repeats_of_one_origin_count_once() -> None:
    """Twelve articles, two origins."""
    cite = [stored(source=f"outlet-{n}", day=n, status="reported", cited=("the-information",)) for n in range(6)]
    copies = [stored(source=f"copy-{n}", day=n, copy_of=1, copy_source="digitimes") for n in range(6)]
    assert origins_of([*cite, *copies]) == ("the-information", "digitimes")


def test_the_company_itself_is_an_origin_however_many_write_it_down() -> None:
    claims = [stored(source=source, status="announced", cited=("nvidia",)) for source in ("a", "b", "c")]
    assert origins_of(claims) == ("company:nvidia",)


def test_a_repost_has_the_origin_that_it_names() -> None:
    assert origins_of([stored(source="portal", origin="亿欧硬科技"), stored(source="another", origin="亿欧硬科技")]) == (
        "亿欧硬科技",
    )


def test_outlets_that_nobody_is_cited_in_are_origins_of_their_own() -> None:
    assert origins_of([stored(source="a", day=2), stored(source="b", day=1)]) == ("b", "a")


def test_unnamed_sources_are_those_of_the_outlet_that_has_them() -> None:
    unnamed = ("unnamed sources",)
    assert origins_of([stored(source=s, status="reported", cited=unnamed) for s in ("a", "b")]) == ("a", "b")


def test_who_leaves_out_whose_news_it_is_adds_no_origin_to_its_story() -> None:
    told = stored(source="a", status="reported", cited=("reuters",), story_id=4)
    assert origins_of([told, stored(source="b", story_id=4, day=1)]) == ("reuters",)
    assert origins_of([told, stored(source="b", story_id=5, day=1)]) == ("reuters", "b")
