"""Vectors: the only module that touches FAISS.

Inner product over unit vectors, so scores are cosines. Up to `EXACT_LIMIT` rows the index is exact in half precision;
above, an inverted file over the same half-precision codes. Filters are exact whatever the index: an IVF search with a
mask probes every list. A GPU, where there is one, answers unfiltered searches from a flat copy; any failure there falls
back to the CPU with a warning.
"""

import logging
import math
import threading
from pathlib import Path
from typing import Any

import faiss as faiss_module
import numpy as np
from numpy.typing import NDArray

from index.errors import IndexUnavailable
from index.store.passages import Vectors

EXACT_LIMIT = 200_000
"""Rows up to which exact search is used (measured at 500,000 × 384: exact fp16 17 ms, IVF2048 0.13 ms a query)."""
NPROBE = 8
_TRAINING_PER_LIST = 64

logger = logging.getLogger(__name__)
faiss: Any = faiss_module  # its stubs describe the C++ side and miss what its Python layer adds
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


class VectorIndex:
    """Row numbers by cosine. Safe for concurrent searches."""

    def __init__(self, index: Any, device: str = "cpu") -> None:
        self._index = index
        self._ivf = isinstance(index, faiss.IndexIVF)
        self._gpu: Any = None
        self._gpu_lock = threading.Lock()  # FAISS's GPU indexes are not safe even for concurrent reads
        if device != "cpu" and gpu_count() > 0:
            self._gpu = self._to_gpu()

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

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    @property
    def on_gpu(self) -> bool:
        return self._gpu is not None

    @property
    def kind(self) -> str:
        """``exact fp16`` or ``IVF fp16`` with its parameters, for `status`."""
        return f"IVF{self._index.nlist} fp16, nprobe {self._index.nprobe}" if self._ivf else "exact fp16"

    def search(self, query: Vectors, limit: int, mask: Mask | None = None) -> tuple[Rows, Vectors]:
        """The `limit` rows nearest to `query` (d,), best first, among those where `mask` (n,) is true.

        Returns:
            rows int64 (m,), cosines float32 (m,) with m ≤ limit.
        """
        limit = min(limit, len(self) if mask is None else int(mask.sum()))
        if limit <= 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        asked = np.ascontiguousarray(query, np.float32).reshape(1, -1)
        scores, rows = self._run(asked, limit, mask)
        found = rows[0] >= 0
        return rows[0][found], scores[0][found]

    def cosines(self, query: Vectors, rows: Rows) -> Vectors:
        """Cosines float32 (m,) of `query` (d,) with the given rows (m,)."""
        if not len(rows):
            return np.zeros(0, np.float32)
        stored = self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64))
        return np.asarray(stored @ query, np.float32)

    def rows(self, rows: Rows) -> Vectors:
        """The stored vectors float32 (m, d) of the given rows (m,)."""
        return np.asarray(self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64)), np.float32)

    def _run(self, asked: Vectors, limit: int, mask: Mask | None) -> tuple[Vectors, Rows]:
        if mask is None:
            if self._gpu is not None:
                try:
                    with self._gpu_lock:
                        scores, rows = self._gpu.search(asked, limit)
                    return scores, rows
                except RuntimeError as error:
                    logger.warning("GPU search failed, going on with the CPU: %s", str(error).splitlines()[0])
                    self._gpu = None
            scores, rows = self._index.search(asked, limit)
            return scores, rows
        # The classic GPU index ignores selectors, so a filtered search is always the CPU's.
        selector = faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
        if self._ivf:
            parameters = faiss.SearchParametersIVF(sel=selector, nprobe=self._index.nlist)
        else:
            parameters = faiss.SearchParameters(sel=selector)
        scores, rows = self._index.search(asked, limit, params=parameters)
        return scores, rows

    def _to_gpu(self) -> Any:
        try:
            config = faiss.GpuIndexFlatConfig()
            config.useFloat16 = True
            copy = faiss.GpuIndexFlatIP(faiss.StandardGpuResources(), self.dimension, config)
            for first in range(0, len(self), 65536):
                copy.add(self._index.reconstruct_n(first, min(65536, len(self) - first)))
            return copy
        except (RuntimeError, AttributeError) as error:
            logger.warning("The GPU cannot hold the index, going on with the CPU: %s", str(error).splitlines()[0])
            return None


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
