"""Checking every data file that Chipwire ships: entities, lexicon, cues, words of the field, sources."""

from pathlib import Path

from crawlers.sources import FOLDER as SOURCES
from crawlers.sources import load_sources
from index.errors import CatalogueError
from index.knowledge import entities, gloss
from index.knowledge.catalogue_check import check_entities, check_lexicon, check_words
from index.knowledge.data_files import Problem


def check_files(
    catalogue: Path = entities.FOLDER, lexicon: Path = gloss.FOLDER, sources: Path = SOURCES
) -> tuple[list[Problem], dict[str, int]]:
    """What is wrong or doubtful, errors first, each with file and line; and how many entries of each kind there are."""
    problems: list[Problem] = []
    counts = check_entities(catalogue, lexicon, problems)
    counts |= check_lexicon(lexicon, problems)
    problems += check_words()
    counts["sources"] = _check_sources(sources, problems)
    return sorted(problems, key=lambda each: (each.warning, each.file, each.line)), counts


def _check_sources(folder: Path, problems: list[Problem]) -> int:
    """Each file by itself, so that one error does not hide those of other files; then all together."""
    count = 0
    for path in sorted(folder.glob("*.toml")):
        try:
            count += len(load_sources([path]))
        except CatalogueError as error:
            problems.append(Problem(path.name, _line(path, error.message), error.message.removeprefix(f"{path}: ")))
    if not any(path.name in {problem.file for problem in problems} for path in folder.glob("*.toml")):
        try:
            load_sources(sorted(folder.glob("*.toml")))
        except CatalogueError as error:
            problems.append(Problem(folder.name, 0, error.message))
    return count


def _line(path: Path, message: str) -> int:
    """The line of the entry that a message names by its id; 0 where it names none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return 0
    for number, line in enumerate(lines, 1):
        key, _, value = line.partition("=")
        if key.strip() == "id" and f"'{value.strip().strip(chr(34))}'" in message:
            return number
    return 0
