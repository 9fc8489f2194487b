"""The check of the data files finds what breaks the schema, and what will link wrongly."""

from pathlib import Path

import pytest

from api.catalogue_check import check_files
from index.knowledge.data_files import Problem

GOOD = 'note = "n"\nsource = "s"\n'


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    catalogue, lexicon, sources = tmp_path / "catalogue", tmp_path / "lexicon", tmp_path / "sources"
    for folder in (catalogue, lexicon, sources):
        folder.mkdir()
    (lexicon / "1.tsv").write_text("地平线\thorizon\tgeneral\n流片\ttape-out\tfield\n", encoding="utf-8")
    return catalogue, lexicon, sources


def checked(folders: tuple[Path, Path, Path]) -> list[Problem]:
    return check_files(*folders)[0]


def test_what_is_shipped_has_no_errors() -> None:
    problems, counts = check_files()
    assert [str(each) for each in problems if not each.warning] == []
    assert counts["entities"] == sum(
        counts[kind] for kind in ("company", "organisation", "chip", "system", "technology", "software", "policy")
    )
    assert counts["lexicon"] > 20_000
    assert counts["sources"] > 100


def test_two_sure_names_that_collide_are_an_error_and_doubtful_ones_a_warning(folders: tuple[Path, Path, Path]) -> None:
    entry = '[[entity]]\nid = "{0}"\nkind = "company"\nname = "{0} Inc"\naliases = ["Zeta"]\n{1}' + GOOD
    (folders[0] / "a.toml").write_text(entry.format("a", "") + entry.format("b", ""), encoding="utf-8")
    [problem] = [each for each in checked(folders) if "zeta" in each.message]
    assert (problem.warning, problem.file, problem.line) == (False, "a.toml", 8)
    doubtful = 'ambiguous = ["Zeta"]\ncontext = ["chip"]\n'
    (folders[0] / "a.toml").write_text(entry.format("a", doubtful) + entry.format("b", doubtful), encoding="utf-8")
    [problem] = [each for each in checked(folders) if "zeta" in each.message]
    assert problem.warning
    assert "only its surroundings tell" in problem.message


@pytest.mark.parametrize("name", ["地平线", "AB", "with", "Horizon", "光"])
def test_a_sure_name_that_is_short_or_a_word_is_a_warning(folders: tuple[Path, Path, Path], name: str) -> None:
    (folders[0] / "a.toml").write_text(f'[[entity]]\nid = "a"\nkind = "company"\nname = "{name}"\n{GOOD}', encoding="utf-8")
    [problem] = checked(folders)
    assert problem.warning
    assert name in problem.message


def test_notes_and_makers_are_asked_for(folders: tuple[Path, Path, Path]) -> None:
    (folders[0] / "a.toml").write_text('[[entity]]\nid = "a"\nkind = "chip"\nname = "Zeta 9000"\n', encoding="utf-8")
    assert [each.message for each in checked(folders)] == [
        "'a' has no note, or no source of it.",
        "'a' is a chip that nobody makes.",
    ]


def test_every_error_of_every_file_is_told_with_its_line(folders: tuple[Path, Path, Path]) -> None:
    catalogue, lexicon, sources = folders
    (catalogue / "a.toml").write_text('[[entity]]\nid = "a"\nkind = "tree"\nname = "A"\n', encoding="utf-8")
    (catalogue / "b.toml").write_text("broken =", encoding="utf-8")
    (lexicon / "2.tsv").write_text("芯片\tchip\tfield\n芯片\tchip\tfield\nx\n", encoding="utf-8")
    (sources / "s.toml").write_text(
        '[[source]]\nid = "one"\nname = "One"\nkind = "tree"\nlanguage = "en"\nfeeds = ["https://a.example/f"]\n'
    )
    told = {(each.file, each.line, each.warning) for each in checked(folders)}
    assert told == {("a.toml", 3, False), ("b.toml", 0, False), ("2.tsv", 3, False), ("2.tsv", 2, True), ("s.toml", 2, False)}
