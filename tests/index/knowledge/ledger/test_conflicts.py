from index.knowledge.ledger.conflicts import conflicts
from tests.index.knowledge.ledger.stored import stored


def test_two_figures_of_one_thing_stand_side_by_side_the_first_reported_first() -> None:
    [conflict], scopes = conflicts([stored(low=700.0, day=2, source="b"), stored(low=600.0, day=1, source="a")])
    assert [side.first.low for side in conflict.sides] == [600.0, 700.0]
    assert (conflict.entity_id, conflict.attribute, conflict.changed, scopes) == ("nvidia-h100", "power", False, [])


def test_another_precision_is_no_conflict_but_a_difference_of_scope() -> None:
    claims = [
        stored(attribute="compute", unit="flops", low=low, scope={"precision": p}) for low, p in ((1e15, "fp16"), (2e15, "fp8"))
    ]
    found, [scope] = conflicts(claims)
    assert found == []
    assert (scope.by, len(scope.sides)) == ("precision", 2)


def test_a_precision_that_only_one_of_them_states_leaves_it_open() -> None:
    claims = [
        stored(attribute="compute", unit="flops", low=1e15, scope={"precision": "fp16"}),
        stored(attribute="compute", unit="flops", low=2e15),
    ]
    assert conflicts(claims)[0] == []


def test_another_variant_another_period_or_another_customer_is_no_conflict() -> None:
    variants = [stored(low=350.0, scope={"variant": "pcie"}), stored(low=700.0, scope={"variant": "sxm"})]
    periods = [stored("nvidia", "revenue", low, "usd", scope={"period": p}) for low, p in ((1e9, "2022"), (2e9, "2023"))]
    assert conflicts([*variants, *periods])[0] == []


def test_rounding_hedges_and_forecasts_do_not_contradict() -> None:
    assert conflicts([stored(low=700.0), stored(low=707.0)])[0] == []
    assert conflicts([stored(low=700.0, qualifier="over"), stored(low=750.0)])[0] == []
    assert conflicts([stored(low=700.0), stored(low=1000.0, expected=True)])[0] == []


def test_what_an_entity_may_have_several_of_is_never_a_conflict() -> None:
    claims = [stored("nvidia", "customer", None, "", value_entity=customer) for customer in ("microsoft", "meta")]
    assert conflicts(claims) == ([], [])


def test_a_company_that_says_another_thing_later_changed_its_mind() -> None:
    claims = [stored(low=low, day=day, status="announced", cited=("nvidia",)) for low, day in ((700.0, 1), (750.0, 90))]
    [conflict] = conflicts(claims)[0]
    assert conflict.changed
    other = stored(low=600.0, day=2, status="reported", cited=("digitimes",))
    assert not conflicts([claims[0], other])[0][0].changed


def test_a_figure_of_several_chips_is_no_other_figure_of_one() -> None:
    sizes = [stored(attribute="memory-capacity", unit="b", low=low, article_id=n) for n, low in enumerate((80e9, 640e9), 1)]
    assert conflicts(sizes)[0] == []
    other = stored(attribute="memory-capacity", unit="b", low=96e9, article_id=3)
    assert len(conflicts([sizes[0], other])[0]) == 1


def test_a_figure_of_a_period_that_nobody_names_contradicts_nothing() -> None:
    def sold(low: float, number: int, **more: object) -> object:
        return stored("nvidia", "revenue", low, "usd", article_id=number, **more)

    assert conflicts([sold(1e9, 1), sold(2e9, 2)])[0] == []  # type: ignore[list-item]
    named = {"scope": {"period": "2023-Q3"}}
    assert len(conflicts([sold(1e9, 1, **named), sold(2e9, 2, **named)])[0]) == 1  # type: ignore[list-item]
    expected = sold(2e9, 2, status="estimated", **named)
    assert conflicts([sold(1e9, 1, **named), expected])[0] == []  # type: ignore[list-item]


def test_an_article_that_gives_two_figures_does_not_contradict_itself() -> None:
    assert conflicts([stored(low=700.0, article_id=1), stored(low=600.0, article_id=1)])[0] == []


def test_a_denial_is_no_side_of_a_conflict() -> None:
    assert conflicts([stored(low=700.0), stored(low=600.0, status="denied")])[0] == []
