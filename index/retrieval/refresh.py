"""Refresh: bring the derived indexes up to the store.

Drains the change log from the last applied sequence number: passages are cut and embedded in batches, each committed
before the next (so an interrupted refresh goes on where it stopped), stories are assigned, and a new generation is
built aside and swapped in. When the catalogue, the lexicon or the passage recipe changed, everything is read anew;
embeddings of unchanged text are reused, because they are kept by the hash of what was embedded.
"""

import errno
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from index.errors import IndexUnavailable, StoreError, StoreFull
from index.knowledge.gloss import Word
from index.knowledge.reading import Reading
from index.knowledge.stories import assign_stories
from index.retrieval import generation
from index.retrieval.encoder import Encoder
from index.retrieval.generation import LEXICAL, ROWS, VECTORS, Manifest
from index.retrieval.lexical import PassageDocument, write_index
from index.retrieval.passages import RECIPE, make_passages
from index.store.articles import (
    MentionRow,
    StoredArticle,
    articles_by_id,
    count_articles,
    mentions_of,
    save_mentions,
)
from index.store.changes import changes_since, last_sequence
from index.store.database import Store
from index.store.passages import (
    PassageRow,
    all_passage_articles,
    missing_hashes,
    passages_of,
    passages_with_vectors,
    replace_passages,
    save_embeddings,
)
from index.text.fold import fold
from index.text.times import iso
from index.text.tokens import bigrams

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total); ``total`` 0 means unknown."""

_ARTICLES_A_COMMIT = 100
_PASSAGES_A_COMMIT = 512


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


def recipe_of(reading: Reading, encoder: Encoder | None) -> str:
    """Everything besides the articles that decides what the indexes hold."""
    multilingual = encoder is not None and encoder.multilingual
    return f"{RECIPE}.{reading.glosser.version}.{'m' if multilingual else 'g'}"


def refresh(
    store: Store,
    reading: Reading,
    encoder: Encoder | None,
    now: datetime,
    progress: Progress = silent,
    *,
    rebuild: bool = False,
) -> RefreshReport:
    """Bring passages, embeddings, stories and the index generation up to the store. `store` must be a writer.

    Raises:
        EncoderError: the model cannot be loaded; what was stored stays, and the next refresh goes on.
        StoreFull: the disk is full; the current generation stays current.
    """
    recipe = recipe_of(reading, encoder)
    changed = _prepare(store, reading, encoder, recipe, progress, anew=rebuild)
    embedded = _embed(store, reading, encoder, progress) if encoder is not None else 0
    assign_stories(store, reading.catalogue, encoder.model_id if encoder else "", now)
    current = _usable(store, recipe, encoder)
    sequence = last_sequence(store)
    passages = len(all_passage_articles(store)[0])
    if current is not None and not rebuild and current[1].sequence == sequence and current[1].passages == passages:
        if generation.current_name(store.home) == current[0].name:
            return RefreshReport(changed, embedded, passages, current[1].number, False)
    try:
        number = _build(store, reading, encoder, recipe, sequence, now, None if rebuild else current, progress)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space" in str(error) or "os error 28" in str(error):
            raise StoreFull(
                f"The disk that holds {store.home} is full; the index stays as it was, and no article is lost.",
                hint="Free some space and run chipwire refresh.",
            ) from error
        raise StoreError(f"The index in {store.home} cannot be written: {error}.") from error
    return RefreshReport(changed, embedded, passages, number, True)


def _prepare(store: Store, reading: Reading, encoder: Encoder | None, recipe: str, progress: Progress, *, anew: bool) -> int:
    """Cut the passages of changed articles; returns how many articles that were."""
    same = store.meta("recipe") == recipe and not anew
    if not same:
        with store.atomic():
            store.set_meta("prepared_sequence", "0")
            store.set_meta("recipe", recipe)
    relink = store.meta("linked_with") != reading.catalogue.version
    done_to = int(store.meta("prepared_sequence") or 0)
    changes = changes_since(store, done_to)
    multilingual = encoder is not None and encoder.multilingual
    for first in range(0, len(changes), _ARTICLES_A_COMMIT):
        chunk = changes[first : first + _ARTICLES_A_COMMIT]
        articles = articles_by_id(store, [change.article_id for change in chunk if change.kind == "upsert"])
        with store.atomic():
            for article in articles.values():
                if relink:
                    save_mentions(store, article.id, reading.link(article.title, article.text))
                spans = [each.span for each in make_passages(article, reading.glosser, multilingual=multilingual)]
                replace_passages(store, article.id, spans)
            store.set_meta("prepared_sequence", str(chunk[-1].seq))
        progress("cutting passages", min(first + len(chunk), len(changes)), len(changes))
    if relink:
        store.set_meta("linked_with", reading.catalogue.version)
    return len(changes)


def _embed(store: Store, reading: Reading, encoder: Encoder, progress: Progress) -> int:
    """Embed every passage that has no vector by this model yet; returns how many texts were embedded."""
    waiting = store.rows(
        "SELECT p.article_id, count(*) FROM passage p LEFT JOIN embedding e ON e.hash = p.embedded_hash AND e.model = ? "
        "WHERE e.hash IS NULL GROUP BY p.article_id ORDER BY p.article_id",
        [encoder.model_id],
    )
    total = sum(int(row[1]) for row in waiting)
    embedded = 0
    batch: dict[str, str] = {}
    for row in waiting:
        article = articles_by_id(store, [int(row[0])]).get(int(row[0]))
        if article is None:
            continue
        for passage in make_passages(article, reading.glosser, multilingual=encoder.multilingual):
            batch[passage.span.embedded_hash] = passage.embedded
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


def _usable(store: Store, recipe: str, encoder: Encoder | None) -> tuple[Path, Manifest] | None:
    """The current generation, when it is whole and made from this store in this way."""
    for folder in generation.candidates(store.home)[:1]:
        try:
            manifest = generation.read_manifest(folder)
            if manifest.recipe != recipe or manifest.database_id != store.database_id:
                return None
            if manifest.model != (encoder.model_id if encoder else ""):
                return None
            generation.verify(folder, manifest)
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
) -> int:
    number, folder = generation.begin(store.home)
    try:
        progress("building index", 0, 0)
        if current is not None:
            # Only what changed since the current generation: its Tantivy segments are linked, not rewritten.
            changes = changes_since(store, current[1].sequence)
            generation.link_or_copy(current[0] / LEXICAL, folder / LEXICAL)
            changed = [change.article_id for change in changes]
        else:
            (folder / LEXICAL).mkdir()
            changed = [int(row[0]) for row in store.rows("SELECT id FROM article ORDER BY id")]
        write_index(
            folder / LEXICAL,
            documents(store, reading, changed, progress),
            replaced_articles=changed if current is not None else (),
        )
        ids, articles = all_passage_articles(store)
        dimension, model, model_hash = 0, "", ""
        if encoder is not None:
            dimension, model, model_hash = encoder.dimension, encoder.model_id, encoder.model_hash
            ids, articles, vectors = passages_with_vectors(store, encoder.model_id, dimension)
            from index.retrieval.vectors import VectorIndex  # lexical-only refreshes never load FAISS

            VectorIndex.build(vectors).save(folder / VECTORS)
        with open(folder / ROWS, "wb") as handle:
            np.savez(handle, passage=ids, article=articles)
        manifest = Manifest(
            format=generation.FORMAT,
            number=number,
            created=iso(now) or "",
            database_id=store.database_id,
            sequence=sequence,
            recipe=recipe,
            model=model,
            model_hash=model_hash,
            dimension=dimension,
            articles=count_articles(store),
            passages=len(ids),
            files={},
        )
        generation.publish(store.home, folder, manifest)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return number


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
    """Terms in order, so that phrases match, and behind them the glosses."""
    return [*(word.token.term for word in words), *(gloss for word in words for gloss in word.glosses)]


def _article_documents(
    article: StoredArticle, rows: Sequence[PassageRow], mentions: Sequence[MentionRow], reading: Reading
) -> Iterator[PassageDocument]:
    title_words = reading.glosser.words(article.title)
    title_entities = [m.entity_id for m in mentions if m.field == "title"]
    everywhere = sorted({m.entity_id for m in mentions})
    title_bigrams = bigrams(fold(article.title))
    for row in rows:
        body = article.text[row.start : row.end]
        words = reading.glosser.words(body)
        yield PassageDocument(
            passage=row.id,
            article=article.id,
            title=_terms(title_words),
            words=_terms(words),
            bigrams=[*title_bigrams, *bigrams(fold(body))],
            entities=[
                *title_entities,
                *(m.entity_id for m in mentions if m.field == "text" and row.start <= m.start < row.end),
            ],
            article_entities=everywhere,
            lang=article.lang,
            source=article.source,
            time=int(article.time.timestamp()),
            first_seen=int(article.first_seen.timestamp()),
        )
