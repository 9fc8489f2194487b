"""Reading the current generation: checked, loaded once, followed when a new one is published.

When the current generation is damaged the previous one serves; when only the vectors are, search goes on with words
alone. Either way what is wrong is kept in `IndexReader.trouble`, for `status` and the log.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexUnavailable
from index.retrieval import generation
from index.retrieval.generation import LEXICAL, ROWS, VECTORS, Manifest
from index.retrieval.lexical import Filters, LexicalIndex
from index.store.database import Store

if TYPE_CHECKING:
    from index.retrieval.vectors import VectorIndex

logger = logging.getLogger(__name__)
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Columns:
    """What filters need of every article, as of the generation: arrays (m,) sorted by article id."""

    articles: Ids
    lang: NDArray[np.str_]
    source: NDArray[np.str_]
    time: Ids
    first_seen: Ids
    entity_articles: Mapping[str, Ids]

    def allowed(self, filters: Filters) -> Mask:
        """Which articles satisfy `filters`, (m,)."""
        mask = np.ones(len(self.articles), np.bool_)
        if filters.lang:
            mask &= np.isin(self.lang, filters.lang)
        if filters.source:
            mask &= np.isin(self.source, filters.source)
        if filters.entity:
            empty = np.zeros(0, np.int64)
            mentioning = np.concatenate([self.entity_articles.get(e, empty) for e in filters.entity])
            mask &= np.isin(self.articles, mentioning)
        if filters.after is not None:
            mask &= self.time >= int(filters.after.timestamp())
        if filters.before is not None:
            mask &= self.time < int(filters.before.timestamp())
        if filters.as_of is not None:
            moment = int(filters.as_of.timestamp())
            mask &= (self.time < moment) & (self.first_seen < moment)
        return mask


class LoadedGeneration:
    """A generation in memory. ``vectors`` is None when it has none, or none that can be trusted."""

    def __init__(self, folder: Path, manifest: Manifest, store: Store, *, with_vectors: bool, device: str) -> None:
        self.folder = folder
        self.manifest = manifest
        self.trouble: str | None = None
        generation.verify(folder, manifest, only=LEXICAL)
        self.lexical = LexicalIndex(folder / LEXICAL)
        self.vectors: VectorIndex | None = None
        self.passages: Ids = np.zeros(0, np.int64)
        self.passage_articles: Ids = np.zeros(0, np.int64)
        self._row_of: dict[int, int] = {}
        if with_vectors and manifest.model:
            try:
                self._load_vectors(device)
            except IndexUnavailable as error:
                self.vectors = None
                self.trouble = error.message
        self._columns: Columns | None = None
        self._store = store

    def _load_vectors(self, device: str) -> None:
        generation.verify(self.folder, self.manifest, only=VECTORS)
        generation.verify(self.folder, self.manifest, only=ROWS)
        from index.retrieval.vectors import VectorIndex  # lexical-only searches never load FAISS

        vectors = VectorIndex.load(self.folder / VECTORS, device)
        with np.load(self.folder / ROWS, allow_pickle=False) as rows:
            self.passages, self.passage_articles = rows["passage"], rows["article"]
        if len(vectors) != len(self.passages) or vectors.dimension != self.manifest.dimension:
            raise IndexUnavailable(f"{self.folder.name}: vectors and row table do not fit.", hint="Run chipwire refresh.")
        self._row_of = {int(passage): row for row, passage in enumerate(self.passages)}
        self.vectors = vectors

    def rows_of(self, passages: list[int]) -> dict[int, int]:
        """Vector row by passage id, for those that have one."""
        return {passage: self._row_of[passage] for passage in passages if passage in self._row_of}

    def passage_mask(self, filters: Filters) -> Mask:
        """Which vector rows satisfy `filters`, (n,)."""
        columns = self.columns
        allowed = columns.allowed(filters)
        positions = np.searchsorted(columns.articles, self.passage_articles)
        positions = np.minimum(positions, max(len(columns.articles) - 1, 0))
        if not len(columns.articles):
            return np.zeros(len(self.passages), np.bool_)
        known: Mask = columns.articles[positions] == self.passage_articles
        return known & allowed[positions]

    @property
    def columns(self) -> Columns:
        if self._columns is None:
            self._columns = load_columns(self._store)
        return self._columns


class IndexReader:
    """Gives the newest usable generation; safe from several threads."""

    def __init__(self, store: Store, *, model_id: str, with_vectors: bool = True, device: str = "cpu") -> None:
        self._store = store
        self._model_id = model_id
        self._with_vectors = with_vectors
        self._device = device
        self._lock = threading.Lock()
        self._loaded: LoadedGeneration | None = None
        self._seen: tuple[str | None, int] | None = None
        self.trouble: str | None = None

    def current(self) -> LoadedGeneration:
        """The current generation, loaded; a newly published one is picked up.

        Raises:
            IndexUnavailable: there is none, or none that is whole.
        """
        seen = self._stamp()
        if self._loaded is not None and seen == self._seen:
            return self._loaded
        with self._lock:
            if self._loaded is None or seen != self._seen:
                self._loaded = self._load()
                self._seen = seen
            return self._loaded

    def _stamp(self) -> tuple[str | None, int]:
        try:
            stamp = (generation.index_folder(self._store.home) / "CURRENT").stat().st_mtime_ns
        except OSError:
            stamp = 0
        return str(self._store.home), stamp

    def _load(self) -> LoadedGeneration:
        reasons: list[str] = []
        for folder in generation.candidates(self._store.home):
            try:
                manifest = generation.read_manifest(folder)
                if manifest.database_id != self._store.database_id:
                    raise IndexUnavailable(f"{folder.name} belongs to another store.", hint="Run chipwire refresh.")
                fits = manifest.model == self._model_id
                loaded = LoadedGeneration(
                    folder, manifest, self._store, with_vectors=self._with_vectors and fits, device=self._device
                )
            except IndexUnavailable as error:
                reasons.append(error.message)
                continue
            if self._with_vectors and self._model_id and not fits:
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


def load_columns(store: Store) -> Columns:
    """Read the filter columns from the store."""
    rows = store.rows("SELECT id, lang, source, coalesce(published, first_seen) AS time, first_seen FROM article ORDER BY id")
    mentions: dict[str, list[int]] = {}
    for row in store.rows("SELECT DISTINCT entity_id, article_id FROM mention"):
        mentions.setdefault(str(row[0]), []).append(int(row[1]))
    return Columns(
        articles=np.array([row["id"] for row in rows], np.int64),
        lang=np.array([row["lang"] for row in rows], np.str_),
        source=np.array([row["source"] for row in rows], np.str_),
        time=np.array([row["time"] for row in rows], np.int64),
        first_seen=np.array([row["first_seen"] for row in rows], np.int64),
        entity_articles={entity: np.array(ids, np.int64) for entity, ids in mentions.items()},
    )
