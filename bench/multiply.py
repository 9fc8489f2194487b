"""A data folder of any size for measuring searches: copies of one that is there, each a little different.

    python bench/multiply.py HOME TARGET --articles 300000

Copies have their articles an hour apart and their vectors a little off; words are those of the first. Running so many
articles through the pipeline would take most of a day, and would say nothing of searching them. Articles can be added to
the target as to any other. Then:

    python bench/speed.py --home TARGET
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from index.retrieval import generation
from index.retrieval.columns import Columns
from index.retrieval.generation import ALIVE, COLUMNS, Manifest, rows_file, vectors_file
from index.retrieval.postings import PART_ROWS, Part, merged
from index.retrieval.vectors import VectorIndex, set_threads
from index.store.database import Store

COPIED = {
    "article": {
        "id": "a",
        "url": "url || '?copy=' || {copy}",
        "url_key": "url_key || '?copy=' || {copy}",
        "published": "published + 3600 * {copy}",
    },
    "passage": {"id": "p", "article_id": "a"},
    "wording": {"passage_id": "p"},
    "mention": {"article_id": "a"},
    "salience": {"article_id": "a"},
    "story": {"id": "s"},
    "article_story": {"article_id": "a", "story_id": "s", "copy_of": "a"},
}
"""Tables that are multiplied, and what changes in their columns: an id by the ids that there are, or an expression."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--articles", type=int, default=300_000)
    options = parser.parse_args()
    if options.target.exists():
        sys.exit(f"{options.target} is there already: name a new folder.")
    set_threads(2)
    began = time.perf_counter()
    options.target.mkdir(parents=True)
    with Store.open_reader(options.home) as source:
        source.execute("VACUUM INTO ?", [str(options.target / "chipwire.db")])
    with Store.open_writer(options.target) as store:
        copies, steps = multiply_store(store, options.articles)
    folder = generation.candidates(options.home)[0]
    multiply_index(folder, options.target, copies, steps)
    print(f"{copies} copies in {time.perf_counter() - began:.0f} s: {options.target}")


def multiply_store(store: Store, wanted: int) -> tuple[int, dict[str, int]]:
    """Copy the rows; returns how many copies there are now, and by how much ids of articles, passages and stories step."""
    count = int(store.rows("SELECT count(*) FROM article")[0][0])
    copies = max(1, round(wanted / count))
    tables = {"a": "article", "p": "passage", "s": "story"}
    steps = {key: int(store.rows(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0]) for key, table in tables.items()}
    for table in ("revision", "page"):
        store.execute(f"DELETE FROM {table}")
    triggers = [tuple(row) for row in store.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")]
    for name, _ in triggers:  # copies are no changes that anything has to follow
        store.execute(f"DROP TRIGGER {name}")
    for copy in range(1, copies):
        with store.atomic():
            for table, changed in COPIED.items():
                names = [str(row[1]) for row in store.rows(f"PRAGMA table_info({table})")]
                values = [
                    f'"{name}" + {steps[changed[name]] * copy}'
                    if changed.get(name) in steps
                    else changed.get(name, f'"{name}"')
                    for name in names
                ]
                own = next(name for name in ("id", "passage_id", "article_id") if name in names)
                last = steps[changed[own]]
                quoted = ", ".join(f'"{name}"' for name in names)
                selected = ", ".join(values).format(copy=copy)
                store.execute(f"INSERT INTO {table} ({quoted}) SELECT {selected} FROM {table} WHERE {own} <= {last}")
        print(f"  copy {copy + 1} of {copies}", flush=True)
    for _, statement in triggers:
        store.execute(statement)
    return copies, steps


def multiply_index(source: Path, home: Path, copies: int, steps: dict[str, int]) -> None:
    """Write a generation of copies of the one in `source`."""
    manifest = generation.read_manifest(source)
    number, folder = generation.begin(home)
    parts = [Part.load(source / name) for name in manifest.parts]
    names = []
    for name, part in zip((f"words-000001-{n:03d}" for n in range(10_000)), repeated(parts, copies, steps["p"]), strict=False):
        part.save(folder / name)
        names.append(name)
    columns = Columns.load(source / COLUMNS)
    every = np.repeat(np.arange(copies), len(columns))
    counts = np.diff(columns.entity_starts)
    replace(
        columns,
        articles=np.tile(columns.articles, copies) + every * steps["a"],
        lang=np.tile(columns.lang, copies),
        source=np.tile(columns.source, copies),
        time=np.tile(columns.time, copies) + every * 3600,
        known=np.tile(columns.known, copies) + every * 3600,
        dated=np.tile(columns.dated, copies),
        story=np.where(np.tile(columns.story, copies) > 0, np.tile(columns.story, copies) + every * steps["s"], 0),
        copied=np.tile(columns.copied, copies),
        entities=np.tile(columns.entities, copies),
        subjects=np.tile(columns.subjects, copies),
        entity_starts=np.concatenate([[0], np.cumsum(np.tile(counts, copies))]),
    ).save(folder / COLUMNS)
    rows = [np.load(source / rows_file(name)) for name, _ in manifest.segments]
    vectors = np.concatenate(
        [VectorIndex.load(source / vectors_file(name)).rows(np.arange(count)) for name, count in manifest.segments if count]
    )
    passages, articles = (np.concatenate([each[key] for each in rows]) for key in ("passage", "article"))
    of_row = np.repeat(np.arange(copies), len(passages))
    name = "segment-000001"
    with open(folder / rows_file(name), "wb") as handle:
        np.savez(
            handle,
            passage=np.tile(passages, copies) + of_row * steps["p"],
            article=np.tile(articles, copies) + of_row * steps["a"],
        )
    chance = np.random.default_rng(1)
    every_vector = np.empty((copies * len(vectors), vectors.shape[1]), np.float32)
    for copy in range(copies):
        moved = vectors + (chance.normal(0, 0.02, vectors.shape) if copy else 0)
        every_vector[copy * len(vectors) : (copy + 1) * len(vectors)] = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    print(f"  building the index of {len(every_vector):,} vectors", flush=True)
    VectorIndex.build(every_vector).save(folder / vectors_file(name))
    np.save(folder / ALIVE, np.ones(len(every_vector), np.bool_))
    total = Manifest(
        format=generation.FORMAT,
        number=number,
        created=manifest.created,
        database_id=manifest.database_id,
        sequence=manifest.sequence,
        recipe=manifest.recipe,
        model=manifest.model,
        model_hash=manifest.model_hash,
        dimension=manifest.dimension,
        baseline=manifest.baseline,
        articles=len(columns) * copies,
        passages=len(every_vector),
        segments=[(name, len(every_vector))],
        parts=names,
        files={},
    )
    generation.publish(home, folder, total)


def repeated(parts: list[Part], copies: int, step: int) -> Iterator[Part]:
    """Parts of at most `PART_ROWS` rows that hold the copies."""
    pool: list[Part] = []
    for copy in range(copies):
        for part in parts:
            if pool and sum(len(each) for each in pool) + len(part) > PART_ROWS:
                yield merged(pool, [np.ones(len(each), np.bool_) for each in pool]) if len(pool) > 1 else pool[0]
                pool = []
            pool.append(replace(part, passages=part.passages + copy * step))
    yield merged(pool, [np.ones(len(each), np.bool_) for each in pool]) if len(pool) > 1 else pool[0]


if __name__ == "__main__":
    main()
