"""Steps of a course and countries, as headlines in two languages name them."""

import tomllib
from pathlib import Path

import pytest

from index.errors import CatalogueError
from index.knowledge.circumstances import PLACES, STAGES, Circumstances, circumstances
from index.text.fold import fold


def steps(text: str) -> set[tuple[str, str]]:
    return {(kind.removeprefix("step "), step) for kind, step in circumstances().steps(fold(text))}


def countries(text: str) -> set[str]:
    return set(circumstances().countries(text, fold(text)))


@pytest.mark.parametrize(
    ("english", "chinese", "step"),
    [
        ("Micron ships samples of its memory", "美光内存开始送样", ("product", "sampled")),
        ("Micron begins mass production", "美光开始量产", ("product", "made")),
        ("The chip taped out in May", "该芯片5月流片", ("product", "taped")),
        ("Intel breaks ground in Ohio", "英特尔俄亥俄工厂动工", ("works", "begun")),
        ("The fab opens in Kumamoto", "熊本厂启用", ("works", "opened")),
        ("AMD in talks over a start-up", "AMD正洽谈收购", ("deal", "sought")),
        ("The paper sues a model's maker", "该报起诉模型公司", ("court", "begun")),
        ("Both sides settle", "双方达成和解", ("court", "settled")),
        ("Its chief resigns", "其总裁辞职", ("post", "left")),
        ("Washington rescinds the rule", "美国撤销该规则", ("rule", "eased")),
    ],
)
def test_a_step_is_one_in_both_languages(english: str, chinese: str, step: tuple[str, str]) -> None:
    assert step in steps(english)
    assert step in steps(chinese)


def test_to_launch_may_be_to_show_or_to_sell() -> None:
    assert steps("AMD launches a card") == {("product", "shown"), ("product", "sold")}
    assert steps("AMD unveils a card") == {("product", "shown")}


def test_what_is_put_off_is_put_off_and_not_launched() -> None:
    assert steps("Nvidia delays launch of its chip") == {("product", "late")}
    assert steps("英伟达推迟推出新芯片") == {("product", "late")}


def test_a_country_is_named_by_what_lies_in_it_and_in_either_language() -> None:
    assert countries("A fab in Dresden") == countries("German subsidies") == countries("德累斯顿建厂") == {"de"}
    assert countries("From Penang to Johor") == {"my"}


def test_a_pronoun_is_no_country_and_a_capital_makes_one() -> None:
    assert countries("They told us in turkey season") == set()
    assert countries("US rules") == {"us"}


def test_every_wording_and_every_name_is_found_as_what_it_stands_for() -> None:
    """Each entry of the files by itself, unless a longer one of another step is within reach."""
    for course, entries in tomllib.loads(STAGES.read_text(encoding="utf-8")).items():
        for step, entry in entries.items() if course != "unsaid" else ():
            for wording in (*entry["en"], *entry["zh"]):
                assert (course, step) in steps(wording), wording
    for country, entry in tomllib.loads(PLACES.read_text(encoding="utf-8")).items():
        for name in (*entry["en"], *entry["zh"]):
            assert country in countries(name), name


@pytest.mark.parametrize(
    ("stages", "why"),
    [
        ("x =", "stages.toml"),
        ("[product.shown]\nen = ['shows']", "en and zh"),
        ("[product.shown]\nen = ['shows', 'shows']\nzh = []", "twice"),
        ("[product.shown]\nen = [1]\nzh = []", "non-empty strings"),
    ],
)
def test_a_file_that_breaks_the_schema_is_refused(tmp_path: Path, stages: str, why: str) -> None:
    file = tmp_path / "stages.toml"
    file.write_text(stages, encoding="utf-8")
    with pytest.raises(CatalogueError, match=why):
        Circumstances(file, PLACES)
