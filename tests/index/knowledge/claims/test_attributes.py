from pathlib import Path
from shutil import copytree

import pytest

from index.errors import CatalogueError
from index.knowledge.claims.attributes import FOLDER, load_attributes
from index.knowledge.claims.kinds import kinds_of
from index.knowledge.claims.units import load_units
from index.knowledge.reading import Reading
from index.text.fold import fold


def changed(tmp_path: Path, file: str, old: str, new: str) -> Path:
    folder = tmp_path / "data"
    copytree(FOLDER, folder)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_every_attribute_has_a_name_in_both_languages() -> None:
    for key, (english, chinese) in load_attributes().names().items():
        assert english.strip() and english[0].isupper(), key
        assert any("\u4e00" <= char <= "\u9fff" for char in chinese), key


def test_every_attribute_can_be_claimed_in_both_languages() -> None:
    known = load_attributes()
    for table in (known.figures, known.milestones, known.relations):
        for each in table.values():
            words = [word for words in each.words.values() for word in words]
            assert any(word.isascii() for word in words), each.id
            assert any(not word.isascii() for word in words), each.id
            assert all(word == fold(word) for word in words), each.id


def test_every_figure_has_units_that_exist_and_every_unit_a_name() -> None:
    units = load_units()
    for figure in load_attributes().figures.values():
        assert set(figure.units) <= units.ids | {"money"}, figure.id
    assert {"b", "flops", "w", "usd", "cny", "%", "x"} <= units.ids


def test_what_the_issue_asks_for_can_be_claimed() -> None:
    wanted = (
        "process-node memory-capacity memory-type memory-bandwidth compute power die-size price rental-price volume "
        "market-share performance efficiency tape-out sampling volume-production availability maker customer funding"
    )
    assert set(wanted.split()) <= set(load_attributes().names())


def test_every_entity_of_the_catalogue_has_a_class(reading: Reading) -> None:
    kinds = kinds_of(reading.catalogue)
    classes = {kinds.class_of(entity) for entity in reading.catalogue.by_id}
    assert {"chip", "system", "company", "node", "memory"} <= classes
    assert (kinds.class_of("nvidia-h100"), kinds.class_of("tsmc")) == ("chip", "company")


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("attributes/1-hardware.toml", 'id = "power"', 'id = "clock"', "used twice"),
        ("attributes/1-hardware.toml", 'units = ["w"', 'units = ["furlong"', "is no unit"),
        ("attributes/3-milestones.toml", "[[attribute]]", "[[attributes]]", "unknown key"),
        ("attributes/4-relations.toml", "[[relation]]", "[[relation]", "4-relations.toml"),
    ],
)
def test_a_file_that_breaks_the_schema_is_refused_with_what_is_wrong(
    tmp_path: Path, file: str, old: str, new: str, says: str
) -> None:
    with pytest.raises(CatalogueError, match=says):
        load_attributes(changed(tmp_path, file, old, new))


def test_other_wording_is_another_version_of_the_rules(tmp_path: Path) -> None:
    folder = changed(tmp_path, "wording.toml", '"up to", ', "")
    assert load_attributes(folder).version != load_attributes().version
