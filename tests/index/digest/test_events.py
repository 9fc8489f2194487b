"""What happened, by a report's headline and first lines."""

from pathlib import Path

import pytest

from index.digest.events import FILE, clearest, event_finder, read_kinds
from index.errors import SettingsError


def best(title: str, text: str = "", lang: str = "en") -> str:
    """The kind that is clearest, weighed by its worth."""
    finder = event_finder()
    found = finder.found(title, text, lang)
    return max(found, key=lambda kind: abs(finder.kinds[kind].worth) * found[kind]) if found else ""


@pytest.mark.parametrize(
    ("title", "lang", "kind"),
    [
        ("Commerce Department adds twelve chip designers to the entity list", "en", "policy"),
        ("美国商务部将十二家芯片设计公司列入实体清单", "zh", "policy"),
        ("Memory maker reports quarterly results above its guidance", "en", "results"),
        ("联电公布财报：营收与毛利率双双下滑", "zh", "results"),
        ("Packaging capacity is sold out until next summer", "en", "supply"),
        ("先进封装产能供不应求，新厂明年动工", "zh", "supply"),
        ("Networking firm agrees to a takeover of its supplier", "en", "deals"),
        ("两家公司签署战略合作协议", "zh", "deals"),
        ("新款游戏本今日开售，首发价6999元", "zh", "sale"),
        ("爆料人放出跑分，Geekbench成绩曝光", "zh", "leak"),
        ("港股低开，恒生指数跌1.2%，芯片概念股跌超3%", "zh", "shares"),
        ("Stocks to watch: Wall Street eyes the Nasdaq premarket", "en", "shares"),
    ],
)
def test_a_headline_says_what_happened(title: str, lang: str, kind: str) -> None:
    assert best(title, "", lang) == kind


def test_one_word_in_the_first_lines_is_half_of_a_kind_and_nothing_against_a_story() -> None:
    found = event_finder().found("A note", "The firm spoke of an acquisition. Its share on the Nasdaq did not move.", "en")
    assert found["deals"] == 0.5
    assert "shares" not in found


def test_what_stands_far_below_does_not_count() -> None:
    assert event_finder().found("A note", "x " * 400 + "sanctions", "en") == {}


def test_several_reports_say_it_as_the_clearest_does_and_speak_against_it_only_together() -> None:
    assert clearest([{"policy": 0.5, "shares": 1.0}, {"policy": 1.0}]) == {"policy": 1.0}
    assert clearest([{"shares": 1.0}, {"shares": 0.5}]) == {"shares": 0.5}


def test_every_kind_is_named_weighed_and_has_words_in_both_languages() -> None:
    kinds = read_kinds(FILE)
    assert len({kind.name for kind in kinds}) == len(kinds) > 10
    for kind in kinds:
        assert kind.name.startswith("against: ") == (kind.worth < 0)
        assert any(word.isascii() for word in kind.words)
        assert any(not word.isascii() for word in kind.words)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("event = 3 [", "cannot be read"),
        ('[event.a]\nname = "a"\nworth = 0\nen = ["x"]\nzh = []', "worth"),
        ('[event.a]\nname = "a"\nworth = 1\nen = ["x"]', "must have"),
        (
            '[event.a]\nname = "a"\nworth = 1\nen = ["x"]\nzh = []\n[event.b]\nname = "b"\nworth = 1\nen = ["X"]\nzh = []',
            "as well",
        ),
    ],
)
def test_a_file_that_is_not_of_the_form_is_said_so(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "events.toml"
    file.write_text(content, "utf-8")
    with pytest.raises(SettingsError, match=said):
        read_kinds(file)
