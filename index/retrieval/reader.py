"""Reading the current generation: checked, loaded once, followed when a new one is published.

When the current generation is damaged the previous one serves; when only the vectors are, search goes on with words
alone. Either way what is wrong is kept in `IndexReader.trouble`, for `status` and the log. A new generation is loaded
beside the one that serves and swapped in whole, so that no search waits for it; segments that both share are loaded once.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexUnavailable
from index.retrieval import generation
from index.retrieval.columns import Columns
from index.retrieval.generation import ALIVE, COLUMNS, Manifest, Verifier, rows_file, vectors_file
from index.retrieval.lexical import LexicalIndex
from index.retrieval.postings import Part
from index.store.database import Store

if TYPE_CHECKING:
    from index.retrieval.vectors import SegmentedIndex, VectorIndex

PATIENCE = 0.04
"""Seconds that a search waits for a newly published generation before it answers from the one that serves."""

logger = logging.getLogger(__name__)
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LoadedGeneration:
    """A generation in memory. Rows are passages in the order of their ids.

    ``passages`` and ``row_articles`` (n,) are the ids of each row's passage and article, ``row_positions`` (n,) the
    positions of those articles in the columns, -1 for rows that are gone, ``row_chinese`` (n,) whether they are Chinese.
    ``vectors`` is None when there are none, or none that can be trusted: then ``trouble`` says why.
    """

    folder: Path
    manifest: Manifest
    lexical: LexicalIndex
    columns: Columns
    passages: Ids
    row_articles: Ids
    row_positions: Ids
    row_chinese: Mask
    vectors: "SegmentedIndex | None"
    trouble: str | None = None

    def prepare(self) -> None:
        """Work out now what the first search would wait for."""
        self.columns.prepare()
        self.lexical.prepare()

    def allowed_rows(self, allowed: Mask) -> Mask | None:
        """Which rows (n,) are of articles at the `allowed` (m,) positions of the columns; None where that is all of them."""
        if allowed.all() and (not len(self.row_positions) or self.row_positions.min() >= 0):
            return None
        return np.append(allowed, False)[self.row_positions]  # rows that are gone have position -1

    @property
    def chinese_share(self) -> float:
        """The share of Chinese articles."""
        return self.columns.chinese_share


class IndexReader:
    """Gives the newest usable generation; safe from several threads."""

    def __init__(self, store: Store, *, model_id: str, with_vectors: bool = True, device: str = "cpu") -> None:
        self._store = store
        self._model_id = model_id
        self._with_vectors = with_vectors and bool(model_id)
        self._device = device
        self._lock = threading.Lock()
        self._loaded: LoadedGeneration | None = None
        self._seen: int = -1
        self._following: threading.Thread | None = None
        self._verifier = Verifier()
        self._segments: dict[str, VectorIndex] = {}
        self.trouble: str | None = None

    @property
    def loaded(self) -> bool:
        """True once a generation serves."""
        return self._loaded is not None

    @property
    def serving(self) -> str | None:
        """The kind of the vector index that is loaded, None where none is."""
        return self._loaded.vectors.kind if self._loaded is not None and self._loaded.vectors is not None else None

    def current(self) -> LoadedGeneration:
        """The current generation, loaded. Where a newer one was published it is loaded in the background meanwhile.

        Raises:
            IndexUnavailable: there is none, or none that is whole.
        """
        loaded = self._loaded
        if loaded is None:
            return self.follow()
        if self._stamp() != self._seen and (self._following is None or not self._following.is_alive()):
            self._following = threading.Thread(target=self._follow_quietly, name="index reader", daemon=True)
            self._following.start()
            self._following.join(PATIENCE)
            return self._loaded or loaded
        return loaded

    def follow(self) -> LoadedGeneration:
        """Load the newest generation now, where it is not loaded yet.

        Raises:
            IndexUnavailable: as `current`.
        """
        with self._lock:
            seen = self._stamp()
            if self._loaded is None or seen != self._seen:
                loaded = self._load()
                loaded.prepare()
                self._loaded, self._seen = loaded, seen
            return self._loaded

    def _follow_quietly(self) -> None:
        try:
            self.follow()
        except Exception as error:  # the generation that serves goes on serving
            logger.warning("The new index cannot be loaded: %s", error)

    def _stamp(self) -> int:
        try:
            return (generation.index_folder(self._store.home) / "CURRENT").stat().st_mtime_ns
        except OSError:
            return 0

    def _load(self) -> LoadedGeneration:
        reasons: list[str] = []
        for folder in self._candidates():
            try:
                manifest = generation.read_manifest(folder)
                if manifest.database_id != self._store.database_id:
                    raise IndexUnavailable(f"{folder.name} belongs to another store.", hint="Run chipwire refresh.")
                fits = manifest.model == self._model_id
                loaded = self._read(folder, manifest, with_vectors=self._with_vectors and fits)
            except IndexUnavailable as error:
                reasons.append(error.message)
                continue
            if self._with_vectors and not fits:
                reasons.append(
                    f"{folder.name} was made with the model {manifest.model or 'none'!r}, not {self._model_id!r}: "
                    "run chipwire refresh."
                )
            if loaded.trouble:
                reasons.append(loaded.trouble)
            self.trouble = " ".join(reasons) or None
            if self.trouble:
                logger.warning("%s Serving %s.", self.trouble, folder.name)
            return loaded
        if reasons:
            raise IndexUnavailable(f"No index can be read: {' '.join(reasons)}", hint="Run chipwire refresh.")
        raise IndexUnavailable("There is no index yet.", hint="Crawl or import something, then run chipwire refresh.")

    def _candidates(self) -> list[Path]:
        """Generations to try: those of our model first, so that a change of model disturbs nobody who serves the old one."""
        found = generation.candidates(self._store.home)
        if not self._with_vectors:
            return found

        def another(folder: Path) -> bool:
            try:
                return generation.read_manifest(folder).model != self._model_id
            except IndexUnavailable:
                return False

        return sorted(found, key=another)

    def _read(self, folder: Path, manifest: Manifest, *, with_vectors: bool) -> LoadedGeneration:
        row_files = [rows_file(name) for name, _ in manifest.segments]
        self._verifier.check(folder, manifest, COLUMNS, ALIVE, *manifest.parts, *row_files)
        columns = Columns.load(folder / COLUMNS)
        passages, articles, alive = _rows(folder, row_files)
        vectors, trouble = None, None
        if with_vectors:
            try:
                vectors = self._vectors(folder, manifest, alive)
            except IndexUnavailable as error:
                trouble = error.message
        positions = np.where(alive, columns.positions(articles), -1)
        lexical = LexicalIndex([Part.load(folder / name) for name in manifest.parts], passages, alive)
        chinese = np.append(columns.lang == columns.chinese, False)[positions]
        return LoadedGeneration(folder, manifest, lexical, columns, passages, articles, positions, chinese, vectors, trouble)

    def _vectors(self, folder: Path, manifest: Manifest, alive: Mask) -> "SegmentedIndex":
        from index.retrieval.vectors import SegmentedIndex, VectorIndex  # lexical-only searches never load FAISS

        self._verifier.check(folder, manifest, *(vectors_file(name) for name, _ in manifest.segments))
        kept: dict[str, VectorIndex] = {}
        for name, rows in manifest.segments:
            digest = manifest.files[vectors_file(name)]
            each = self._segments.get(digest) or VectorIndex.load(folder / vectors_file(name), self._device)
            if len(each) != rows or (rows and each.dimension != manifest.dimension):
                raise IndexUnavailable(f"{folder.name}: vectors and row table do not fit.", hint="Run chipwire refresh.")
            kept[digest] = each
        self._segments = kept
        return SegmentedIndex(list(kept.values()), alive)


def _rows(folder: Path, files: list[str]) -> tuple[Ids, Ids, Mask]:
    try:
        tables = []
        for name in files:
            with np.load(folder / name, allow_pickle=False) as rows:
                tables.append((rows["passage"], rows["article"]))
        alive = np.load(folder / ALIVE, allow_pickle=False)
    except (OSError, ValueError, KeyError) as error:
        raise IndexUnavailable(f"{folder.name} has no readable row table.", hint="Run chipwire refresh.") from error
    empty: Callable[[], Ids] = lambda: np.zeros(0, np.int64)  # noqa: E731
    passages = np.concatenate([table[0] for table in tables]) if tables else empty()
    articles = np.concatenate([table[1] for table in tables]) if tables else empty()
    if len(alive) != len(passages):
        raise IndexUnavailable(f"{folder.name} has no fitting row table.", hint="Run chipwire refresh.")
    return passages, articles, alive
