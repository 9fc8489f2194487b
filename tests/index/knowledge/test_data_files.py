"""Data files are read fast where they are plain, and by ``tomllib`` where not, to the same entries."""

import tomllib

import pytest

from index.knowledge.data_files import Problem, line_of, read_entries
from index.knowledge.entities import FOLDER

PLAIN = '# what it holds\n\n[[entity]]\nid = "a"\nnames = ["x", "\\u00e9\\"y"]\n\n[[entity]]\nid = "b"\n'


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.name)
def test_every_file_of_the_catalogue_reads_as_toml_says(path) -> None:  # type: ignore[no-untyped-def]
    text = path.read_text(encoding="utf-8")
    entries = read_entries(text, "entity")
    assert [dict(entry.values) for entry in entries] == tomllib.loads(text)["entity"]
    lines = text.split("\n")
    assert all(lines[entry.line - 1] == "[[entity]]" for entry in entries)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace('["x", ', '[\n  "x",  # first\n  '),
        PLAIN.replace(' = "a"', '="a"'),
        PLAIN + "[entity.more]\nkey = 1\n",
        "",
        "[[other]]\nid = 'c'\n",
        'title = "t"\n' + PLAIN,
    ],
    ids=["plain", "lists over lines", "no spaces", "tables", "empty", "other tables", "keys before"],
)
def test_any_toml_is_read_to_the_same_entries(text: str) -> None:
    assert [dict(entry.values) for entry in read_entries(text, "entity")] == tomllib.loads(text).get("entity", [])


@pytest.mark.parametrize(
    "text", ['[[entity]]\nid = "a"\nid = "b"\n', "[[entity]]\nid = \n", '[[entity]]\nid = "a', "id = nonsense"]
)
def test_what_is_no_toml_is_refused(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        read_entries(text, "entity")


def test_lines_of_entries_and_keys_are_known() -> None:
    first, second = read_entries(PLAIN, "entity")
    assert (first.line, second.line) == (3, 7)
    assert line_of(PLAIN, first.line, "names") == 5
    assert line_of(PLAIN, second.line, "names") == 7, "the next entry's keys are not this one's"
    assert str(Problem("a.toml", 5, "is wrong.")) == "a.toml, line 5: is wrong."
    assert str(Problem("a.toml", 0, "is wrong.")) == "a.toml: is wrong."
