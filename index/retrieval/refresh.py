"""Refresh: bring the derived indexes up to the store.

Drains the change log from the last applied sequence number: passages are cut and embedded in batches, each committed
before the next (so an interrupted refresh goes on where it stopped), claims are read, stories are assigned, and a new
generation is built aside and swapped in. When the catalogue, the lexicon or the passage recipe changed, everything is
read anew; embeddings of unchanged text are reused, because they are kept by the hash of what was embedded.
"""

import errno
import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexUnavailable, StoreError, StoreFull
from index.knowledge.claims.filling import update_claims
from index.knowledge.gloss import Word
from index.knowledge.linking import link_article
from index.knowledge.reading import Reading
from index.knowledge.story_assignment import assign_stories
from index.retrieval import generation
from index.retrieval.calibration import measured_baseline
from index.retrieval.columns import Columns, read_columns
from index.retrieval.encoder import Encoder
from index.retrieval.generation import ALIVE, COLUMNS, Manifest, rows_file, vectors_file
from index.retrieval.lexical import current_rows
from index.retrieval.passages import RECIPE, make_passages
from index.retrieval.postings import PART_ROWS, Part, PassageDocument, make_parts, merged
from index.store.articles import (
    MentionRow,
    StoredArticle,
    articles_by_id,
    count_articles,
    mentions_of,
)
from index.store.changes import changes_since, forget_superseded, last_sequence
from index.store.database import Store
from index.store.passages import (
    PassageRow,
    all_passage_articles,
    articles_to_embed,
    count_passages,
    forget_unused,
    missing_hashes,
    passages_of,
    passages_with_vectors,
    replace_passages,
    save_embeddings,
)
from index.store.sources import source_names
from index.text.days import day_terms, days
from index.text.fold import fold
from index.text.quantities import quantities
from index.text.times import iso
from index.text.tokens import bigrams

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total); ``total`` 0 means unknown."""

_ARTICLES_A_COMMIT = 100
_PASSAGES_A_COMMIT = 512
_REMEMBERED = 50_000
"""Wordings that are kept in memory (a kilobyte each) from cutting to embedding; those of more are made a second time."""
_MERGE = 4
"""A segment or part is merged into a new one that has more than 1/_MERGE of its rows, so they stay logarithmically few."""
_MOST_DEAD = 0.25
"""Share of rows that are gone from which on what is left of them is written anew."""


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did; ``generation`` is the current one afterwards, ``built`` whether it is new."""

    changed: int
    embedded: int
    passages: int
    generation: int
    built: bool


def silent(stage: str, done: int, total: int) -> None:
    """A `Progress` that says nothing."""


def kind_of(encoder: Encoder | None) -> str:
    """How passages are worded for `encoder`: see `index.store.passages`."""
    return "text" if encoder is not None and encoder.multilingual else "gloss"


def recipe_of(reading: Reading, encoder: Encoder | None) -> str:
    """Everything besides the articles that decides what the indexes hold."""
    return f"{RECIPE}.{reading.glosser.version}.{kind_of(encoder)}"


def refresh(
    store: Store,
    reading: Reading,
    encoder: Encoder | None,
    now: datetime,
    progress: Progress = silent,
    *,
    rebuild: bool = False,
    beside: bool = False,
) -> RefreshReport:
    """Bring passages, embeddings, claims, stories and the index generation up to the store. `store` must be a writer.

    With `beside` the new generation does not become the current one, and claims and stories stay as they are.

    Raises:
        EncoderError: the model cannot be loaded; what was stored stays, and the next refresh goes on.
        StoreFull: the disk is full; the current generation stays current.
    """
    recipe = recipe_of(reading, encoder)
    worded: dict[str, str] = {}
    changed = _prepare(store, reading, encoder, recipe, worded, progress, anew=rebuild)
    embedded = _embed(store, reading, encoder, worded, progress) if encoder is not None else 0
    if not beside:
        update_claims(store, reading.claims, progress)
    model = encoder.model_id if encoder else ""
    baseline = cache(lambda: _baseline(store, encoder))
    regrouped = 0 if beside else assign_stories(store, reading, model, now, baseline)
    current = _usable(store, recipe, encoder, now)
    sequence = last_sequence(store)
    passages = count_passages(store)
    if (
        current is not None
        and not rebuild
        and not regrouped
        and current[1].sequence == sequence
        and current[1].passages == passages
    ):
        if generation.current_name(store.home) == current[0].name:
            return RefreshReport(changed, embedded, passages, current[1].number, False)
    try:
        number = _build(
            store, reading, encoder, recipe, sequence, now, None if rebuild else current, progress, baseline, beside=beside
        )
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space" in str(error) or "os error 28" in str(error):
            raise StoreFull(
                f"The disk that holds {store.home} is full; the index stays as it was, and no article is lost.",
                hint="Free some space and run chipwire refresh.",
            ) from error
        raise StoreError(f"The index in {store.home} cannot be written: {error}.") from error
    if (current is None or rebuild) and not beside:
        # Where everything was read anew, what the reading before left behind is nobody's any more.
        forget_unused(store)
        forget_superseded(store)
    return RefreshReport(changed, embedded, passages, number, True)


def _prepare(
    store: Store,
    reading: Reading,
    encoder: Encoder | None,
    recipe: str,
    worded: dict[str, str],
    progress: Progress,
    *,
    anew: bool,
) -> int:
    """Cut the passages of changed articles; returns how many articles that were. `worded` gets wordings by their hashes."""
    kind = kind_of(encoder)
    if store.meta(f"recipe:{kind}") != recipe or anew:
        with store.atomic():
            store.set_meta(f"prepared:{kind}", "0")
            store.set_meta(f"recipe:{kind}", recipe)
    relink = store.meta("linked_with") != reading.linked_with
    done_to = int(store.meta(f"prepared:{kind}") or 0)
    changes = changes_since(store, done_to)
    outlets = source_names(store)
    for first in range(0, len(changes), _ARTICLES_A_COMMIT):
        chunk = changes[first : first + _ARTICLES_A_COMMIT]
        articles = articles_by_id(store, [change.article_id for change in chunk if change.kind == "upsert"])
        with store.atomic():
            for article in articles.values():
                if relink:
                    link_article(store, reading, article.id, article.title, article.text)
                outlet = outlets.get(article.source, article.source)
                made = make_passages(article, reading.glosser, outlet, glossed=kind == "gloss")
                spans, hashes = [each.span for each in made], [each.embedded_hash for each in made]
                replace_passages(store, article.id, spans, kind, hashes)
                if len(worded) < _REMEMBERED:
                    worded.update((each.embedded_hash, each.embedded) for each in made)
            store.set_meta(f"prepared:{kind}", str(chunk[-1].seq))
        progress("cutting passages", min(first + len(chunk), len(changes)), len(changes))
    if relink:
        store.set_meta("linked_with", reading.linked_with)
    return len(changes)


def _embed(store: Store, reading: Reading, encoder: Encoder, worded: dict[str, str], progress: Progress) -> int:
    """Embed every passage that has no vector by this model yet; returns how many texts were embedded."""
    kind = kind_of(encoder)
    outlets = source_names(store)
    total = sum(passages for _, passages in articles_to_embed(store, kind, encoder.model_id))
    embedded = 0
    for first in range(0, len(worded) if total else 0, _PASSAGES_A_COMMIT):
        embedded += _embed_batch(store, encoder, dict(itertools.islice(worded.items(), first, first + _PASSAGES_A_COMMIT)))
        progress("embedding passages", min(embedded, total), total)
    batch: dict[str, str] = {}
    for article_id, _ in articles_to_embed(store, kind, encoder.model_id) if total else ():
        article = articles_by_id(store, [article_id]).get(article_id)
        if article is None:
            continue
        outlet = outlets.get(article.source, article.source)
        for passage in make_passages(article, reading.glosser, outlet, glossed=kind == "gloss"):
            batch[passage.embedded_hash] = passage.embedded
        if len(batch) >= _PASSAGES_A_COMMIT:
            embedded += _embed_batch(store, encoder, batch)
            batch = {}
            progress("embedding passages", min(embedded, total), total)
    embedded += _embed_batch(store, encoder, batch)
    if total:
        progress("embedding passages", total, total)
    return embedded


def _embed_batch(store: Store, encoder: Encoder, texts: dict[str, str]) -> int:
    missing = missing_hashes(store, texts, encoder.model_id)
    if missing:
        vectors = encoder.encode_documents([texts[digest] for digest in missing])
        with store.atomic():
            save_embeddings(store, encoder.model_id, missing, vectors)
    return len(missing)


@lru_cache(maxsize=1)
def _verifier(day: date) -> generation.Verifier:
    """What was found whole on a day: a process that watches reads the whole index once a day, and not for every article."""
    return generation.Verifier()


def _usable(store: Store, recipe: str, encoder: Encoder | None, now: datetime) -> tuple[Path, Manifest] | None:
    """The current generation, when it is whole and made from this store in this way."""
    for folder in generation.candidates(store.home)[:1]:
        try:
            manifest = generation.read_manifest(folder)
            if manifest.recipe != recipe or manifest.database_id != store.database_id:
                return None
            if manifest.model != (encoder.model_id if encoder else ""):
                return None
            _verifier(now.date()).check(folder, manifest)
        except IndexUnavailable:
            return None
        return folder, manifest
    return None


def _build(
    store: Store,
    reading: Reading,
    encoder: Encoder | None,
    recipe: str,
    sequence: int,
    now: datetime,
    current: tuple[Path, Manifest] | None,
    progress: Progress,
    baseline: Callable[[], float],
    *,
    beside: bool,
) -> int:
    number, folder = generation.begin(store.home)
    try:
        progress("building index", 0, 0)
        if current is not None:
            changed = [change.article_id for change in changes_since(store, current[1].sequence)]
        else:
            changed = [int(row[0]) for row in store.rows("SELECT id FROM article ORDER BY id")]
        parts = _write_parts(folder, number, current, documents(store, reading, changed, progress), store)
        segments, alive = _write_segments(store, encoder, folder, number, current)
        before = Columns.load(current[0] / COLUMNS) if current is not None else None
        read_columns(store, before, changed).save(folder / COLUMNS)
        manifest = Manifest(
            format=generation.FORMAT,
            number=number,
            created=iso(now) or "",
            database_id=store.database_id,
            sequence=sequence,
            recipe=recipe,
            model=encoder.model_id if encoder else "",
            model_hash=encoder.model_hash if encoder else "",
            dimension=encoder.dimension if encoder else 0,
            baseline=baseline(),
            articles=count_articles(store),
            passages=alive,
            segments=segments,
            parts=parts,
            files={},
        )
        generation.publish(store.home, folder, manifest, current=not beside, before=current)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return number


def _baseline(store: Store, encoder: Encoder | None) -> float:
    """As another generation of the same model has it, else measured."""
    if encoder is None:
        return 0.0
    for folder in generation.candidates(store.home):
        try:
            manifest = generation.read_manifest(folder)
        except IndexUnavailable:
            continue
        if (manifest.model, manifest.model_hash) == (encoder.model_id, encoder.model_hash):
            return manifest.baseline
    return measured_baseline(encoder)


def _write_parts(
    folder: Path, number: int, current: tuple[Path, Manifest] | None, new: Iterable[PassageDocument], store: Store
) -> list[str]:
    """Link the parts of postings that stay, write the new documents after them; returns all of them in order.

    The last part is merged with earlier ones that are not much larger, and a part of which much is gone is written anew.
    """
    names = (f"words-{number:06d}-{count:03d}" for count in itertools.count())

    def write(part: Part) -> str:
        name = next(names)
        part.save(folder / name)
        return name

    written: list[str] = []
    last: Part | None = None
    for part in make_parts(new):  # one at a time, so that a store of any size fits in memory
        if last is not None:
            written.append(write(last))
        last = part
    if current is None:
        return [*written, *([write(last)] if last is not None else [])]
    earlier = [(name, Part.load(current[0] / name)) for name in current[1].parts]
    recent = [*(Part.load(folder / name) for name in written), *([last] if last is not None else [])]
    ids, _ = all_passage_articles(store)
    rows = current_rows([*(part for _, part in earlier), *recent], ids, np.ones(len(ids), np.bool_))
    alive = [each >= 0 for each in rows]
    if last is not None and not written:
        pool, masks = [last], [alive[-1]]
        while earlier and alive[len(earlier) - 1].sum() <= min(_MERGE * _true(masks), PART_ROWS - _true(masks)):
            pool.insert(0, earlier.pop()[1])
            masks.insert(0, alive[len(earlier)])
        last = merged(pool, masks) if len(pool) > 1 else last
    kept: list[str] = []
    for (name, part), mask in zip(earlier, alive, strict=False):
        if mask.mean() >= 1 - _MOST_DEAD:
            generation.link_or_copy(current[0] / name, folder / name)
            kept.append(name)
        elif mask.any():
            kept.append(write(merged([part], [mask])))
    return [*kept, *written, *([write(last)] if last is not None else [])]


def _true(masks: Sequence[NDArray[np.bool_]]) -> int:
    return sum(int(mask.sum()) for mask in masks)


def _write_segments(
    store: Store, encoder: Encoder | None, folder: Path, number: int, current: tuple[Path, Manifest] | None
) -> tuple[list[tuple[str, int]], int]:
    """Link the segments that stay, write the rows after them as a new one; returns all with their rows, and what is alive.

    Segments hold ascending passage ids, and new passages have ids above all earlier ones. So what is new, or stands in a
    segment that is merged away, is just what has an id above the last one that stays.
    """
    ids, articles = all_passage_articles(store)
    kept: list[tuple[str, int]] = list(current[1].segments) if current else []
    tables = [_passages_in(current[0], name) for name, _ in kept] if current else []
    while kept and (kept[-1][1] <= _MERGE * _above(ids, tables[:-1]) or not kept[-1][1]):
        kept.pop()
        tables.pop()
    before = np.concatenate(tables) if tables else np.zeros(0, np.int64)
    if len(before) and np.isin(before, ids, assume_unique=True).mean() < 1 - _MOST_DEAD:
        kept, tables, before = [], [], np.zeros(0, np.int64)
    for name, _ in kept:
        assert current is not None
        for file in [rows_file(name), *([vectors_file(name)] if encoder else [])]:
            generation.link_or_copy(current[0] / file, folder / file)
    last = int(before[-1]) if len(before) else 0
    new_ids, new_articles = ids[ids > last], articles[ids > last]
    name = f"segment-{number:06d}"
    if encoder is not None:
        from index.retrieval.vectors import VectorIndex  # lexical-only refreshes never load FAISS

        new_ids, new_articles, vectors = passages_with_vectors(
            store, kind_of(encoder), encoder.model_id, encoder.dimension, last
        )
        VectorIndex.build(vectors).save(folder / vectors_file(name))
    with open(folder / rows_file(name), "wb") as handle:
        np.savez(handle, passage=new_ids, article=new_articles)
    alive = np.concatenate([np.isin(before, ids), np.ones(len(new_ids), np.bool_)])
    np.save(folder / ALIVE, alive)
    return [*kept, (name, len(new_ids))], int(alive.sum())


def _above(ids: NDArray[np.int64], tables: Sequence[NDArray[np.int64]]) -> int:
    """How many of the passages `ids` come after the last row of `tables`."""
    last = max((int(table[-1]) for table in tables if len(table)), default=0)
    return int((ids > last).sum())


def _passages_in(folder: Path, segment: str) -> NDArray[np.int64]:
    with np.load(folder / rows_file(segment), allow_pickle=False) as rows:
        passages: NDArray[np.int64] = rows["passage"]
        return passages


def documents(
    store: Store, reading: Reading, article_ids: Sequence[int], progress: Progress = silent
) -> Iterator[PassageDocument]:
    """The lexical documents of the articles that still exist."""
    for first in range(0, len(article_ids), _ARTICLES_A_COMMIT):
        chunk = article_ids[first : first + _ARTICLES_A_COMMIT]
        articles = articles_by_id(store, chunk)
        by_article: dict[int, list[PassageRow]] = {}
        for row in passages_of(store, list(articles)):
            by_article.setdefault(row.article_id, []).append(row)
        for article_id, rows in by_article.items():
            yield from _article_documents(articles[article_id], rows, mentions_of(store, article_id), reading)
        progress("indexing words", min(first + len(chunk), len(article_ids)), len(article_ids))


def _terms(words: Sequence[Word]) -> list[str]:
    """Terms in order, so that phrases match, and behind them the glosses backwards, so that no English phrase does there."""
    glosses = [gloss for word in words for gloss in word.glosses]
    return [*(word.token.term for word in words), *reversed(glosses)]


def _quantities(text: str) -> list[str]:
    """Terms of the quantities in `text`; numbers in digits alone are words already."""
    return [term for quantity in quantities(text) if not quantity.plain for term in quantity.terms]


def _days(text: str, published: date | None) -> list[str]:
    """Terms of the days in `text`, and of the one on which it was published."""
    named = [term for day in days(text, published) for term in day.terms]
    return named if published is None else [*named, *day_terms(published)]


def _article_documents(
    article: StoredArticle, rows: Sequence[PassageRow], mentions: Sequence[MentionRow], reading: Reading
) -> Iterator[PassageDocument]:
    title_words = reading.glosser.words(article.title)
    title_entities = [m.entity_id for m in mentions if m.field == "title"]
    title_bigrams = bigrams(fold(article.title))
    title_quantities = _quantities(article.title)
    published = article.published.date() if article.published is not None else None
    for row in rows:
        body = article.text[row.start : row.end]
        words = reading.glosser.words(body)
        yield PassageDocument(
            passage=row.id,
            title=_terms(title_words),
            words=_terms(words),
            bigrams=[*title_bigrams, *bigrams(fold(body))],
            quantities=[*title_quantities, *_quantities(body)],
            entities=[
                *title_entities,
                *(m.entity_id for m in mentions if m.field == "text" and row.start <= m.start < row.end),
            ],
            days=_days(f"{article.title}\n{body}", published),
        )
