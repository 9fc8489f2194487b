"""Index generations: what was built together, checked before it is read, swapped in as one.

A generation is a folder ``index/gen-NNNNNN`` of the data folder with parts of postings, the columns, segments of rows with
their vectors, and ``manifest.json``. It is written under a temporary name, every file and folder is fsynced, it is
renamed into place, and then the file ``index/CURRENT`` is replaced to name it. Files that did not change since the
generation before are hard links to its own. Two generations are kept, and any that is pinned (the one before a change of
model). A reader checks the SHA-256 of every file before loading it, because FAISS loads damaged files without noticing.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import IndexUnavailable

FORMAT = 5
KEPT = 2
COLUMNS, ALIVE = "columns.npz", "alive.npy"
PINNED = "PINNED"
_NAME = re.compile(r"gen-(\d{6,})")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is. ``sequence`` is the last change it contains; ``files`` maps relative paths to SHA-256.

    ``segments`` are the names of its segments with their numbers of rows, in order, ``parts`` the folders of its postings,
    in order. ``model`` is empty for a lexical-only generation, which has no vectors; ``baseline`` is what its cosines start
    from (`index.retrieval.calibration`).
    """

    format: int
    number: int
    created: str
    database_id: str
    sequence: int
    recipe: str
    model: str
    model_hash: str
    dimension: int
    baseline: float
    articles: int
    passages: int
    segments: Sequence[tuple[str, int]]
    parts: Sequence[str]
    files: Mapping[str, str]


def index_folder(home: Path) -> Path:
    return home / "index"


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a generation without looking at its files.

    Raises:
        IndexUnavailable: missing, unreadable or of another format.
    """
    try:
        values = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if values.get("format") != FORMAT:
            raise IndexUnavailable(f"{folder.name} has index format {values.get('format')}.", hint="Run chipwire refresh.")
        manifest = Manifest(**{**values, "segments": [(str(name), int(rows)) for name, rows in values["segments"]]})
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexUnavailable(f"{folder.name} has no readable manifest.", hint="Run chipwire refresh.") from error
    return manifest


def vectors_file(segment: str) -> str:
    return f"{segment}.faiss"


def rows_file(segment: str) -> str:
    return f"{segment}.npz"


_Mark = tuple[str, int, int, int]
"""A file as it was found whole: the hash that was expected, inode, size and time of its last change."""


class Verifier:
    """Checks files against a manifest; one that was found whole before is not read again while it stays the same file."""

    def __init__(self) -> None:
        self._whole: dict[str, set[_Mark]] = {}

    def check(self, folder: Path, manifest: Manifest, *names: str) -> None:
        """Check the files or sub-folders `names` of a generation, all of it where none is given.

        Raises:
            IndexUnavailable: naming the first file that is missing or differs.
        """
        # What no longer belongs to a generation is forgotten: who follows the index for months sees many.
        present = set(manifest.files.values())
        self._whole = {digest: marks for digest, marks in self._whole.items() if digest in present}
        for name, expected in manifest.files.items():
            if names and name not in names and not any(name.startswith(f"{each}/") for each in names):
                continue
            try:
                mark = _mark(folder / name, expected)
                if mark in self._whole.get(expected, ()):
                    continue
                whole = _sha256(folder / name) == expected
            except OSError:
                raise IndexUnavailable(f"{folder.name}/{name} is missing.", hint="Run chipwire refresh.") from None
            if not whole:
                raise IndexUnavailable(f"{folder.name}/{name} is damaged.", hint="Run chipwire refresh.")
            self._whole.setdefault(expected, set()).add(mark)


def verify(folder: Path, manifest: Manifest, *names: str) -> None:
    """`Verifier.check` by reading every file."""
    Verifier().check(folder, manifest, *names)


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of a generation's parts: vectors, words, columns, rows."""
    parts = {"vectors": 0, "words": 0, "columns": 0, "rows": 0}
    for path in folder.rglob("*"):
        if path.is_file():
            inside = path.parent != folder
            kind = "words" if inside else {".faiss": "vectors", ".npz": "rows", ".npy": "rows"}.get(path.suffix, "")
            kind = "columns" if path.name == COLUMNS else kind
            if kind:
                parts[kind] += path.stat().st_size
    return parts


def candidates(home: Path) -> list[Path]:
    """Generation folders to try, the current one first, then older ones."""
    base = index_folder(home)
    folders = sorted((p for p in base.glob("gen-*") if _NAME.fullmatch(p.name)), reverse=True)
    current = current_name(home)
    return sorted(folders, key=lambda path: path.name != current)


def current_name(home: Path) -> str | None:
    """The name that ``CURRENT`` holds, or None."""
    try:
        name = (index_folder(home) / "CURRENT").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return name if _NAME.fullmatch(name) else None


def begin(home: Path) -> tuple[int, Path]:
    """A number and an empty folder to build the next generation in. Leftovers of interrupted builds are removed."""
    base = index_folder(home)
    base.mkdir(parents=True, exist_ok=True)
    for leftover in base.glob("building-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    numbers = [int(match[1]) for path in base.glob("gen-*") if (match := _NAME.fullmatch(path.name))]
    number = max(numbers, default=0) + 1
    folder = base / f"building-{number:06d}"
    folder.mkdir()
    return number, folder


def publish(
    home: Path, folder: Path, manifest: Manifest, *, current: bool = True, before: tuple[Path, Manifest] | None = None
) -> Path:
    """Hash, fsync and rename a built folder into place, point ``CURRENT`` at it, and drop all but two generations.

    Without `current` the new one stands beside the current one, until `make_current`. `before` is a generation that was found
    whole: what is linked to one of its files has that one's hash, and is on the disk already.

    `manifest.files` is filled in here. A crash at any moment leaves either the old or the new generation current.
    """
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            known = _hash_before(path, name, before)
            files[name] = known or _sha256(path)
            if known is None:
                _fsync(path)
    complete = {**asdict(manifest), "files": files}
    manifest_path = folder / "manifest.json"
    manifest_path.write_text(json.dumps(complete, indent=1, sort_keys=True), encoding="utf-8")
    _fsync(manifest_path)
    for path in [folder, *(p for p in folder.rglob("*") if p.is_dir())]:
        _fsync(path)
    final = index_folder(home) / f"gen-{manifest.number:06d}"
    folder.rename(final)
    if current:
        _point_at(home, final.name)
    for old in [each for each in candidates(home) if not (each / PINNED).exists()][KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return final


def pin(folder: Path) -> None:
    """Keep a generation until `unpin`, however many follow. Raises OSError."""
    (folder / PINNED).touch()


def unpin(folder: Path) -> None:
    (folder / PINNED).unlink(missing_ok=True)


def make_current(home: Path, folder: Path) -> None:
    """Point ``CURRENT`` at a generation that is there already. Raises OSError."""
    _point_at(home, folder.name)


def link_or_copy(source: Path, target: Path) -> None:
    """Copy a file or a folder, none of which ever changes, by hard links where the file system allows."""

    def link(old: str, new: str) -> str:
        try:
            os.link(old, new)
        except OSError:
            shutil.copy2(old, new)
        return new

    if source.is_dir():
        shutil.copytree(source, target, copy_function=link)
    else:
        link(str(source), str(target))


def _hash_before(path: Path, name: str, before: tuple[Path, Manifest] | None) -> str | None:
    """The hash of `path` where it is the file of that name of the generation `before`."""
    if before is None:
        return None
    folder, manifest = before
    try:
        return manifest.files.get(name) if path.samefile(folder / name) else None
    except OSError:
        return None


def _mark(path: Path, expected: str) -> _Mark:
    stat = path.stat()
    return expected, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _point_at(home: Path, name: str) -> None:
    base = index_folder(home)
    temporary = base / "CURRENT.new"
    temporary.write_text(name + "\n", encoding="utf-8")
    _fsync(temporary)
    temporary.replace(base / "CURRENT")
    _fsync(base)


def _sha256(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _fsync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows has no handle on a folder to flush
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
