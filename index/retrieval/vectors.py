"""Vectors: the only module that touches FAISS.

Inner product over unit vectors, so scores are cosines. Up to `EXACT_LIMIT` rows the index is exact in half precision;
above, an inverted file over the same half-precision codes. Filters are exact whatever the index: an IVF search with a
mask probes every list. GPUs, where there are any, answer unfiltered searches from a copy (`index.retrieval.gpu`); after any
failure there the CPU goes on.
"""

import logging
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import faiss as faiss_module
import numpy as np
from numpy.typing import NDArray

from index.errors import IndexUnavailable
from index.retrieval.gpu import MAX_LIMIT, GpuFailed, GpuOwner
from index.store.passages import Vectors

EXACT_LIMIT = 200_000
"""Rows up to which exact search is used (measured at 500,000 × 384: exact fp16 17 ms, IVF2048 0.13 ms a query)."""
NPROBE = 8
_FEW, _SHARE_OF_LISTS, _AT_ONCE = 150, 75, 1000
"""Rows up to which multiplying them ourselves is faster than a search among them, in an exact index; the part of all rows for
which that holds in lists, all of which such a search goes through (290,000: 2.2 ms, and half a microsecond for each row; ours
takes 1.1 microseconds a row). At so many rows at once a search does not suffer from the heap that it keeps its results in
(8,000 take 4.0 ms, eight times 1,000 1.6 ms), and what is fetched stays in the cache."""
_TRAINING_PER_LIST = 64

logger = logging.getLogger(__name__)
faiss: Any = faiss_module  # its stubs describe the C++ side and miss what its Python layer adds
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Gpus(Protocol):
    """What the index needs of the GPUs; `FaissGpus` in earnest, something else in tests."""

    def count(self) -> int: ...

    def copy(self, index: Any) -> Any:
        """A copy of a CPU index that searches on the GPUs."""


class FaissGpus:
    """The GPUs that FAISS sees: half precision, sharded over all of them where there are several."""

    def count(self) -> int:
        return gpu_count()

    def copy(self, index: Any) -> Any:
        options = faiss.GpuMultipleClonerOptions()
        options.useFloat16 = True
        options.shard = self.count() > 1
        return faiss.index_cpu_to_all_gpus(index, co=options)


class VectorIndex:
    """Row numbers by cosine. Safe for concurrent searches."""

    def __init__(self, index: Any, device: str = "cpu", gpus: Gpus | None = None) -> None:
        self._index = index
        self._ivf = isinstance(index, faiss.IndexIVF)
        self._gpu: GpuOwner | None = None
        self._codes = None if self._ivf or not index.ntotal else _half_precision(index)
        gpus = gpus or FaissGpus()
        if device != "cpu" and gpus.count() > 0 and index.ntotal:
            try:
                self._gpu = GpuOwner(lambda: gpus.copy(index))
            except GpuFailed as error:
                logger.warning("The GPU cannot hold the index, going on with the CPU: %s", error)

    @classmethod
    def build(cls, vectors: Vectors, *, exact_limit: int = EXACT_LIMIT, device: str = "cpu") -> "VectorIndex":
        """Index float32 unit rows (n, d)."""
        count, dimension = vectors.shape
        if count <= exact_limit:
            index = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        else:
            lists = max(1, int(4 * math.sqrt(count)))
            coarse = faiss.IndexFlatIP(dimension)
            index = faiss.IndexIVFScalarQuantizer(
                coarse, dimension, lists, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT, False
            )
            index.own_fields = True
            coarse.this.disown()
            step = max(1, count // (lists * _TRAINING_PER_LIST))
            index.train(np.ascontiguousarray(vectors[::step]))
            index.nprobe = NPROBE
            index.set_direct_map_type(faiss.DirectMap.Array)
        if count:
            index.add(np.ascontiguousarray(vectors))
        return cls(index, device)

    @classmethod
    def load(cls, path: Path, device: str = "cpu") -> "VectorIndex":
        """Read a file that `save` wrote and whose hash was checked (FAISS itself loads damaged files without noticing).

        Raises:
            IndexUnavailable: unreadable.
        """
        try:
            return cls(faiss.read_index(str(path)), device)
        except (RuntimeError, MemoryError) as error:
            raise IndexUnavailable(f"{path} cannot be read as a FAISS index.", hint="Run chipwire refresh.") from error

    def save(self, path: Path) -> None:
        """Write the index.

        Raises:
            OSError: the disk refused; FAISS's own error says no more than that.
        """
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as error:
            raise OSError(f"{path.name} cannot be written: {str(error).splitlines()[-1][:200]}") from error

    def close(self) -> None:
        """Give the GPU back."""
        if self._gpu is not None:
            self._gpu.close()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    @property
    def exact(self) -> bool:
        """False where an unfiltered search looks at a part of the rows only."""
        return not self._ivf

    @property
    def on_gpu(self) -> bool:
        return self._gpu is not None and not self._gpu.broken

    @property
    def bytes(self) -> int:
        """Memory of the codes: two bytes a dimension, and an id a row where there are lists."""
        return len(self) * (2 * self.dimension + (16 if self._ivf else 0))

    @property
    def kind(self) -> str:
        """``exact fp16`` or ``IVF fp16`` with its parameters, for `status`."""
        kind = f"IVF{self._index.nlist} fp16, nprobe {self._index.nprobe}" if self._ivf else "exact fp16"
        return f"{kind}, on the GPU" if self.on_gpu else kind

    def search(self, query: Vectors, limit: int, mask: Mask | None = None) -> tuple[Rows, Vectors]:
        """The `limit` rows nearest to `query` (d,), best first, among those where `mask` (n,) is true.

        Returns:
            rows int64 (m,), cosines float32 (m,) with m ≤ limit.
        """
        limit = min(limit, len(self) if mask is None else int(mask.sum()))
        if limit <= 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        asked = np.ascontiguousarray(query, np.float32)
        scores, rows = self._run(asked, limit, mask)
        found = rows >= 0
        return rows[found], scores[found]

    def cosines(self, query: Vectors, rows: Rows) -> Vectors:
        """Cosines float32 (m,) of `query` (d,) with the given distinct rows (m,), in their order."""
        if len(rows) <= (max(len(self) // _SHARE_OF_LISTS, _AT_ONCE) if self._ivf else _FEW):
            runs = (rows[first : first + _AT_ONCE] for first in range(0, max(len(rows), 1), _AT_ONCE))
            return np.concatenate([np.asarray(self.rows(own) @ query, np.float32) for own in runs])
        # A search among just these rows: of many, FAISS decodes and multiplies them faster than they could be fetched.
        step = len(rows) if self._ivf else _AT_ONCE
        cosines = np.zeros(len(self), np.float32)
        for first in range(0, len(rows), step):
            own = rows[first : first + step]
            mask = np.zeros(len(self), np.bool_)
            mask[own] = True
            found, scores = self.search(query, len(own), mask)
            cosines[found] = scores
        return cosines[rows]

    def rows(self, rows: Rows) -> Vectors:
        """The stored vectors float32 (m, d) of the given rows (m,)."""
        if self._codes is not None:
            return np.asarray(self._codes[rows], np.float32)
        return np.asarray(self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64)), np.float32)

    def _run(self, asked: Vectors, limit: int, mask: Mask | None) -> tuple[Vectors, Rows]:
        if mask is None:
            if self._gpu is not None and limit <= MAX_LIMIT:
                try:
                    return self._gpu.search(asked, limit)
                except GpuFailed:
                    self._gpu = None  # its owner has said why
            return self._search(asked, limit)
        # The classic GPU index ignores selectors, so a filtered search is always the CPU's.
        selector = faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
        if self._ivf:
            parameters = faiss.SearchParametersIVF(sel=selector, nprobe=self._index.nlist)
        else:
            parameters = faiss.SearchParameters(sel=selector)
        return self._search(asked, limit, params=parameters)

    def _search(self, asked: Vectors, limit: int, **options: Any) -> tuple[Vectors, Rows]:
        # FAISS divides queries among threads, not rows: with one query a second thread does nothing but wait for the first,
        # which takes as much of a processor, and tens of milliseconds where the machine has other work.
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)
        try:
            scores, rows = self._index.search(asked.reshape(1, -1), limit, **options)
        finally:
            faiss.omp_set_num_threads(threads)
        return scores[0], rows[0]


class SegmentedIndex:
    """Several indexes end to end, searched as one: row numbers run on from each to the next.

    New rows come as a segment of their own, and rows that are gone are left out by a mask, so that adding and deleting
    never rewrite what is there.
    """

    def __init__(self, segments: Sequence[VectorIndex], alive: Mask) -> None:
        """`alive` (n,) is false for rows that no longer count."""
        self.segments = tuple(segments)
        self._starts = np.cumsum([0, *(len(each) for each in self.segments)])
        self._alive = alive
        self._all_alive = bool(alive.all())

    def __len__(self) -> int:
        return int(self._starts[-1])

    @property
    def dimension(self) -> int:
        return self.segments[0].dimension if self.segments else 0

    @property
    def exact(self) -> bool:
        return all(each.exact for each in self.segments)

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.segments)

    @property
    def kind(self) -> str:
        kinds = list(dict.fromkeys(each.kind for each in self.segments))
        return f"{' and '.join(kinds)} in {len(self.segments)} segment{'' if len(self.segments) == 1 else 's'}"

    def search(self, query: Vectors, limit: int, mask: Mask | None = None) -> tuple[Rows, Vectors]:
        """As `VectorIndex.search`, over all segments."""
        parts = []
        for start, each in zip(self._starts, self.segments, strict=False):
            own = slice(start, start + len(each))
            alive = self._alive[own]
            if mask is not None:
                rows, scores = each.search(query, limit, mask[own] & alive)
            elif self._all_alive or alive.all():
                rows, scores = each.search(query, limit)
            elif each.exact:
                rows, scores = each.search(query, limit, alive)
            else:  # a mask would make it look at every list: take more, and drop those that are gone
                rows, scores = each.search(query, 2 * limit)
                rows, scores = rows[alive[rows]][:limit], scores[alive[rows]][:limit]
            parts.append((rows + start, scores))
        if len(parts) == 1:
            return parts[0]
        rows = np.concatenate([part[0] for part in parts]) if parts else np.zeros(0, np.int64)
        scores = np.concatenate([part[1] for part in parts]) if parts else np.zeros(0, np.float32)
        best = np.argsort(-scores, kind="stable")[:limit]
        return rows[best], scores[best]

    def cosines(self, query: Vectors, rows: Rows) -> Vectors:
        """As `VectorIndex.cosines`; rows that are gone have theirs too."""
        return self._gathered(rows, lambda each, own: each.cosines(query, own), ())

    def rows(self, rows: Rows) -> Vectors:
        """As `VectorIndex.rows`."""
        return self._gathered(rows, lambda each, own: each.rows(own), (self.dimension,))

    def _gathered(self, rows: Rows, get: Callable[[VectorIndex, Rows], Vectors], shape: tuple[int, ...]) -> Vectors:
        if len(self.segments) == 1:
            return get(self.segments[0], rows)
        gathered = np.zeros((len(rows), *shape), np.float32)
        owner = np.searchsorted(self._starts, rows, "right") - 1
        for number in np.unique(owner):
            own = owner == number
            gathered[own] = get(self.segments[number], rows[own] - self._starts[number])
        return gathered

    def close(self) -> None:
        for each in self.segments:
            each.close()


def _half_precision(index: Any) -> NDArray[np.float16]:
    """The codes of an exact index (n, d), where they are: reading them is much faster than `reconstruct_batch`."""
    codes = faiss.rev_swig_ptr(index.codes.data(), index.ntotal * index.code_size)
    return np.asarray(codes.view(np.float16).reshape(index.ntotal, index.d))


def gpu_count() -> int:
    """GPUs that this FAISS can use; 0 for faiss-cpu."""
    try:
        return int(faiss.get_num_gpus())
    except AttributeError:
        return 0


def set_threads(threads: int) -> None:
    """Threads FAISS may use; 0 leaves its own choice."""
    if threads:
        faiss.omp_set_num_threads(threads)
