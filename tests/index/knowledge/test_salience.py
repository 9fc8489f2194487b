"""What an article is about, told from what it mentions."""

from index.knowledge.reading import Reading
from index.knowledge.salience import SUBJECT, saliences

TEXT = (
    "AMD introduced the MI300X on Wednesday. The MI300X has 192 GB of HBM3.\n\nAMD says that it beats the H100 at times.\n\n"
    "Reuters reported that Microsoft will use it. The MI300X is made by TSMC.\n\nAMD gave no price for the MI300X."
)


def by_entity(reading: Reading, title: str, text: str) -> dict[str, float]:
    return {each.entity_id: each.salience for each in saliences(reading.link(title, text), text, reading.catalogue)}


def test_subjects_are_told_from_passing_mentions(reading: Reading) -> None:
    found = by_entity(reading, "AMD launches the MI300X", TEXT)
    assert {entity for entity, value in found.items() if value >= SUBJECT} == {"amd", "amd-mi300x"}
    assert found["nvidia-h100"] < SUBJECT
    assert found["reuters"] < found["microsoft"], "who is cited is no subject"


def test_a_title_makes_a_subject(reading: Reading) -> None:
    assert by_entity(reading, "Microsoft buys accelerators", TEXT)["microsoft"] > by_entity(reading, "News", TEXT)["microsoft"]


def test_saliences_are_between_nothing_and_one_and_count_mentions(reading: Reading) -> None:
    found = saliences(reading.link("AMD launches the MI300X", TEXT), TEXT, reading.catalogue)
    assert all(0 < each.salience <= 1 for each in found)
    assert {each.entity_id: each.mentions for each in found}["amd-mi300x"] == 5
    assert [each.salience for each in found] == sorted((each.salience for each in found), reverse=True)


def test_an_article_that_names_nothing_is_about_nothing(reading: Reading) -> None:
    assert saliences(reading.link("", ""), "", reading.catalogue) == []
