"""Changing the model of a data folder: built beside what serves, rehearsed on both, swapped as one, and undone the same way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from index.errors import UsageError
from index.evaluation import Judged, score_ranking
from index.knowledge_base import KnowledgeBase
from index.retrieval import generation
from index.retrieval.encoder import Encoder, make_encoder, model_id
from index.retrieval.model_choice import Before, ModelChoice, read_before, read_choice, save_choice, with_model
from index.retrieval.refresh import Progress, refresh, silent
from index.retrieval.search import SearchRequest
from index.settings import Settings

DEPTH = 10
_TITLES = 20
"""Headlines that are searched for where nobody gives queries: the newest, each of which should find its article."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One query on both models: how many of the first ten articles they share, and nDCG@10 where the query is judged."""

    query: str
    shared: float
    ndcg_before: float | None
    ndcg_after: float | None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a change would do. ``before`` and ``after`` are model ids; ``swapped`` tells whether it was done."""

    before: str
    after: str
    comparisons: tuple[Comparison, ...]
    swapped: bool

    @property
    def shared(self) -> float:
        """The mean share of first results that stay."""
        return sum(each.shared for each in self.comparisons) / max(len(self.comparisons), 1)

    def ndcg(self) -> tuple[float, float] | None:
        """Mean nDCG@10 before and after, over judged queries."""
        pairs = [(c.ndcg_before, c.ndcg_after) for c in self.comparisons]
        judged = [(a, b) for a, b in pairs if a is not None and b is not None]
        if not judged:
            return None
        return sum(a for a, _ in judged) / len(judged), sum(b for _, b in judged) / len(judged)


def use_model(
    kb: KnowledgeBase,
    choice: ModelChoice,
    queries: Sequence[Judged],
    now: datetime,
    progress: Progress = silent,
    *,
    dry_run: bool = False,
    encoder: Encoder | None = None,
) -> Rehearsal:
    """Change the model of `kb`'s data folder (open for writing) to `choice`.

    The new generation is built beside the current one, `queries` are searched on both, and only then is it swapped in,
    unless `dry_run`. Whoever serves the old model goes on with its generation, which is kept for `undo_model`.

    Raises:
        UsageError: that model is in use already. EncoderError: it cannot be loaded; nothing has changed.
    """
    store = kb.store
    kb.refresh(now, progress)
    settings = with_model(Settings(home=kb.settings.home, device=kb.settings.device, threads=kb.settings.threads), choice)
    encoder = encoder or make_encoder(settings)
    before = kb.encoder.model_id if kb.encoder else ""
    after = encoder.model_id if encoder else model_id(settings)
    if after == before:
        raise UsageError(f"{kb.settings.home} uses the model {after or 'none'!r} already.")
    if encoder is not None:
        encoder.encode_query("does it load?")
    refresh(store, kb.reading, encoder, now, progress, beside=True)
    other = KnowledgeBase(settings, store, kb.reading, encoder)
    judged = list(queries) or [Judged(each.title, {str(each.id): 1.0}) for each in kb.latest(_TITLES) if each.title]
    comparisons = []
    for number, each in enumerate(judged, 1):
        comparisons.append(_compare(each, kb, other, now))
        progress("rehearsing queries", number, len(judged))
    rehearsal = Rehearsal(before, after, tuple(comparisons), False)
    folders = [folder for folder in generation.candidates(store.home) if generation.read_manifest(folder).model == after]
    if dry_run:
        return rehearsal
    current = generation.current_name(store.home)
    if current is not None:
        generation.pin(generation.index_folder(store.home) / current)
    with store.atomic():
        save_choice(store, choice, Before(read_choice(store), current))
    generation.make_current(store.home, folders[0])
    refresh(store, kb.reading, encoder, now, progress)  # stories are told apart by the new model from here on
    return replace(rehearsal, swapped=True)


def undo_model(kb: KnowledgeBase, now: datetime) -> ModelChoice:
    """Go back to the model before the last change, whose generation is still there; returns that choice.

    Raises:
        UsageError: there is nothing to undo.
    """
    store = kb.store
    before = read_before(store)
    if before is None:
        raise UsageError(f"The model of {kb.settings.home} was never changed, or that was undone.")
    with store.atomic():
        save_choice(store, before.choice, None)
    if before.generation is not None:
        folder = generation.index_folder(store.home) / before.generation
        if folder.is_dir():
            generation.make_current(store.home, folder)
            generation.unpin(folder)
    return before.choice


def _compare(each: Judged, before: KnowledgeBase, after: KnowledgeBase, now: datetime) -> Comparison:
    request = SearchRequest(each.query, DEPTH, each.filters, group="none")
    found = [[hit.article for hit in kb.search(request, now).hits] for kb in (before, after)]
    ids = [{article.id for article in articles} for articles in found]
    largest = max(len(ids[0]), len(ids[1]))
    scores: list[float | None] = [None, None]
    if each.relevant:
        grades = dict(each.relevant)
        scores = [
            score_ranking(
                [max(grades.get(a.url, 0.0), grades.get(str(a.id), 0.0)) for a in articles], list(grades.values()), DEPTH
            )[0]
            for articles in found
        ]
    return Comparison(each.query, len(ids[0] & ids[1]) / largest if largest else 1.0, scores[0], scores[1])
