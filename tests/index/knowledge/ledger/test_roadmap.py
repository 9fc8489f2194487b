from index.knowledge.ledger.roadmap import roadmap
from tests.index.knowledge.ledger.stored import milestone, quarter, stored

MILESTONES = ("availability", "sampling")


def test_a_milestone_has_every_time_it_was_promised_and_its_slip() -> None:
    claims = [milestone(300, quarter(2025, 1)), milestone(0, quarter(2024, 2)), milestone(200, quarter(2024, 4))]
    [found] = roadmap(claims, MILESTONES)
    assert [promise.when[0] for promise in found.promises] == ["2024-04-01", "2024-10-01", "2025-01-01"]
    assert (found.slip, found.reached) == (274, False)


def test_a_time_that_is_said_again_or_less_exactly_is_no_new_promise() -> None:
    claims = [
        milestone(0, quarter(2024, 2)),
        milestone(9, quarter(2024, 2)),
        milestone(20, ("2024-01-01", "2024-12-31", "year")),
    ]
    [found] = roadmap(claims, MILESTONES)
    assert (len(found.promises), found.slip) == (1, None)


def test_a_milestone_that_came_is_reached() -> None:
    claims = [milestone(0, quarter(2024, 2)), milestone(400, ("2024-05-20", "2024-05-20", "day"), expected=False)]
    [found] = roadmap(claims, MILESTONES)
    assert (found.reached, found.slip) == (True, -41)


def test_the_time_that_was_meant_before_is_known_from_the_sentence_that_puts_it_off() -> None:
    [found] = roadmap([milestone(0, quarter(2025, 1), scope={"before": "2024-Q4"})], MILESTONES)
    assert [promise.when for promise in found.promises] == [quarter(2024, 4), quarter(2025, 1)]
    assert found.slip == 90


def test_what_was_never_promised_is_on_no_roadmap() -> None:
    assert roadmap([milestone(0, quarter(2023, 1), expected=False), stored()], MILESTONES) == []


def test_variants_are_milestones_of_their_own() -> None:
    claims = [milestone(0, quarter(2024, 2), scope={"variant": v}) for v in ("8-high", "12-high")]
    assert sorted(found.variant for found in roadmap(claims, MILESTONES)) == ["12-high", "8-high"]
