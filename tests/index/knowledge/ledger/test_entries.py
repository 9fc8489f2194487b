from index.knowledge.ledger.entries import entries, same_value
from tests.index.knowledge.ledger.stored import stored


def test_what_says_the_same_is_one_entry_with_the_first_report_first() -> None:
    later, first = stored(day=3), stored(day=1)
    [entry] = entries([later, first])
    assert (entry.first, entry.last, entry.articles) == (first, later, 2)


def test_two_claims_of_one_article_are_one_article() -> None:
    [entry] = entries([stored(article_id=5), stored(article_id=5)])
    assert entry.articles == 1


def test_another_value_or_condition_or_a_denial_is_another_entry() -> None:
    claims = [
        stored(),
        stored(low=600.0),
        stored(scope={"variant": "pcie"}),
        stored(compared="nvidia-a100"),
        stored(status="denied"),
    ]
    assert len(entries(claims)) == len(claims)


def test_rounding_does_not_part_figures() -> None:
    cheap = {"entity": "nvidia-dgx-cloud", "attribute": "rental-price", "unit": "usd"}
    assert len(entries([stored(low=36_999.0, **cheap), stored(low=37_000.0, **cheap)])) == 1  # type: ignore[arg-type]


def test_the_word_of_the_company_stands_for_an_entry() -> None:
    rumour, word = stored(day=1, status="reported"), stored(day=2, status="announced", cited=("nvidia",))
    [entry] = entries([rumour, word])
    assert (entry.lead, entry.first) == (word, rumour)


def test_the_latest_reported_entry_comes_first() -> None:
    assert [entry.first.low for entry in entries([stored(low=1.0, day=1), stored(low=2.0, day=2)])] == [2.0, 1.0]


def test_a_hedged_figure_agrees_with_what_it_leaves_open() -> None:
    assert same_value(stored(low=30_000.0, qualifier="over"), stored(low=33_000.0))
    assert not same_value(stored(low=30_000.0), stored(low=33_000.0))
    assert not same_value(stored(low=30_000.0, qualifier="over"), stored(low=20_000.0))
    assert same_value(stored(low=690.0, qualifier="about"), stored(low=700.0))
    assert not same_value(stored(low=700.0), stored(low=700.0, unit="usd"))


def test_a_quarter_agrees_with_its_year() -> None:
    year = ("2024-01-01", "2024-12-31", "year")
    assert same_value(stored(when=year, low=None), stored(when=("2024-04-01", "2024-06-30", "quarter"), low=None))
    assert not same_value(stored(when=year, low=None), stored(when=("2025-01-01", "2025-03-31", "quarter"), low=None))
