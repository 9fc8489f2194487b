"""Columns: what filters, facets and counts need of every article, as arrays, saved with each generation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexUnavailable
from index.knowledge.salience import SUBJECT
from index.knowledge.stories import COPIED
from index.retrieval.filters import Filters
from index.retrieval.lexical import Alternative
from index.retrieval.postings import runs
from index.store.database import Store

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int32]

_FIELDS = ("lang", "source", "article_entity", "article_about")
BACKFILL = 7 * 86_400
"""An article first seen more than a week after its publication was backfilled: when we saw it says nothing about when it
could be known, so ``as_of`` goes by its publication alone."""


@dataclass(frozen=True)
class Columns:
    """Arrays (m,) of all articles, sorted by article id. Languages, sources and entities are codes into their names.

    ``entities`` holds the codes of article i at ``entity_starts[i]`` to ``entity_starts[i + 1]``, ``subjects`` beside each
    whether the article is about it. ``story`` is 0 where
    there is none, ``copied`` says that the article repeats another one of its story. Times are epoch seconds: ``time`` dates
    the article, ``known`` is from when on it could be known; where ``dated`` is false nobody said when it was published,
    and ``time`` is when it was first seen. ``linked`` is the version of the catalogue by which mentions were linked.
    """

    articles: Ids
    lang: Codes
    source: Codes
    time: Ids
    known: Ids
    dated: Mask
    story: Ids
    copied: Mask
    entities: Codes
    subjects: Mask
    entity_starts: Ids
    lang_names: tuple[str, ...]
    source_names: tuple[str, ...]
    entity_names: tuple[str, ...]
    linked: str = ""

    def __len__(self) -> int:
        return len(self.articles)

    @cached_property
    def chinese(self) -> int:
        """The code of Chinese, -1 where there is none."""
        return self.lang_names.index("zh") if "zh" in self.lang_names else -1

    @cached_property
    def chinese_share(self) -> float:
        """The share of articles that are Chinese."""
        return float((self.lang == self.chinese).mean()) if len(self.lang) else 0.0

    @cached_property
    def groups(self) -> Ids:
        """Numbers (m,) that articles of one story share, and an article without one has to itself."""
        alone = -np.arange(1, len(self.story) + 1)
        return np.unique(np.where(self.story == 0, alone, self.story), return_inverse=True)[1].astype(np.int64)

    @cached_property
    def years(self) -> frozenset[int]:
        """The years in which articles were published."""
        return frozenset(
            (np.unique(self.time[self.dated].astype("datetime64[s]").astype("datetime64[Y]")).astype(int) + 1970).tolist()
        )

    @cached_property
    def entity_set(self) -> frozenset[str]:
        """The ids of all entities that any article mentions."""
        return frozenset(self.entity_names)

    @cached_property
    def _entity_codes(self) -> Mapping[str, int]:
        return {name: code for code, name in enumerate(self.entity_names)}

    @cached_property
    def entity_articles(self) -> NDArray[np.int64]:
        """For each entry of ``entities``, the position of its article."""
        return np.repeat(np.arange(len(self.articles)), np.diff(self.entity_starts))

    def prepare(self) -> None:
        """Work out now what searches need of all articles: with many of them the first search would wait for it."""
        for name in ("chinese_share", "groups", "years", "entity_set", "_entity_codes", "entity_articles", "_months"):
            getattr(self, name)

    def positions(self, articles: Ids) -> Ids:
        """Positions (k,) of article ids (k,); -1 for those that are not here."""
        if not len(self.articles):
            return np.full(len(articles), -1, np.int64)
        found = np.minimum(np.searchsorted(self.articles, articles), len(self.articles) - 1)
        return np.where(self.articles[found] == articles, found, -1)

    def allowed(self, filters: Filters) -> Mask:
        """Which articles satisfy `filters`, (m,)."""
        mask = np.ones(len(self.articles), np.bool_)
        if filters.lang:
            mask &= self._having("lang", filters.lang)
        if filters.source:
            mask &= self._having("source", filters.source)
        if filters.entity:
            mask &= self._having("article_entity", filters.entity)
        if filters.about:
            mask &= self._having("article_about", filters.about)
        if filters.after is not None:
            mask &= self.time >= int(filters.after.timestamp())
        if filters.before is not None:
            mask &= self.time < int(filters.before.timestamp())
        if filters.as_of is not None:
            mask &= self.known < int(filters.as_of.timestamp())
        return mask

    def satisfying(self, alternatives: Sequence[Alternative]) -> Mask | None:
        """Which articles satisfy one of `alternatives`, (m,); None where these are not all about columns."""
        if any(each.field not in _FIELDS for each in alternatives):
            return None
        mask = np.zeros(len(self.articles), np.bool_)
        for each in alternatives:
            mask |= self._having(each.field, each.terms)
        return mask

    def _having(self, field: str, values: Sequence[str]) -> Mask:
        if field in ("article_entity", "article_about"):
            codes = [self._entity_codes[value] for value in values if value in self._entity_codes]
            mask = np.zeros(len(self.articles), np.bool_)
            named = np.isin(self.entities, codes)
            mask[self.entity_articles[named & self.subjects if field == "article_about" else named]] = True
            return mask
        names, column = (self.lang_names, self.lang) if field == "lang" else (self.source_names, self.source)
        return np.asarray(np.isin(column, [names.index(value) for value in values if value in names]), np.bool_)

    def counts(self, chosen: Ids) -> dict[str, dict[str, int]]:
        """How many of the articles at positions `chosen` (k,) have each language, source, entity and month (UTC)."""
        months = np.bincount(self._months[1][chosen], minlength=len(self._months[0]))
        entities = np.bincount(self._entities_of(chosen), minlength=len(self.entity_names))
        return {
            "lang": _named(self.lang_names, np.bincount(self.lang[chosen], minlength=len(self.lang_names))),
            "source": _named(self.source_names, np.bincount(self.source[chosen], minlength=len(self.source_names))),
            "entity": _named(self.entity_names, entities),
            "month": {self._months[0][number]: int(months[number]) for number in np.flatnonzero(months).tolist()},
        }

    @cached_property
    def _months(self) -> tuple[tuple[str, ...], Codes]:
        """The months (UTC) that articles date from, ascending, and which of them each article has (m,)."""
        months, code = np.unique(self.time.astype("datetime64[s]").astype("datetime64[M]"), return_inverse=True)
        return tuple(str(month) for month in months), code.astype(np.int32)

    def _entities_of(self, chosen: Ids) -> Codes:
        """The entities of the articles at positions `chosen` (k,), one article's after the other's."""
        starts = self.entity_starts[chosen]
        return np.asarray(self.entities[runs(starts, self.entity_starts[chosen + 1] - starts)], np.int32)

    def save(self, path: Path) -> None:
        """Write the columns as one ``.npz`` file. Raises OSError."""
        with open(path, "wb") as handle:
            np.savez(
                handle,
                articles=self.articles,
                lang=self.lang,
                source=self.source,
                time=self.time,
                known=self.known,
                dated=self.dated,
                story=self.story,
                copied=self.copied,
                entities=self.entities,
                subjects=self.subjects,
                entity_starts=self.entity_starts,
                lang_names=np.array(self.lang_names, np.str_),
                source_names=np.array(self.source_names, np.str_),
                entity_names=np.array(self.entity_names, np.str_),
                linked=np.array(self.linked),
            )

    @classmethod
    def load(cls, path: Path) -> "Columns":
        """Read what `save` wrote.

        Raises:
            IndexUnavailable: unreadable.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            linked = str(arrays.pop("linked", ""))
            names = {
                key: tuple(str(name) for name in arrays.pop(key)) for key in ("lang_names", "source_names", "entity_names")
            }
            return cls(**arrays, **names, linked=linked)  # type: ignore[arg-type]  # the names are told apart on the line above
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexUnavailable(f"{path} cannot be read.", hint="Run chipwire refresh.") from error


def read_columns(store: Store, before: Columns | None = None, changed: Iterable[int] = ()) -> Columns:
    """The columns of what the store holds now.

    Args:
        before: columns of an earlier state, from which the mentions of all but the `changed` articles (ids) are taken:
            there are many more mentions than articles. Not used where mentions have been linked anew since.
    """
    rows = store.rows(
        "SELECT a.id, a.lang, a.source, a.published, a.first_seen, s.story_id, s.role FROM article a "
        "LEFT JOIN article_story s ON s.article_id = a.id ORDER BY a.id"
    )
    articles = np.array([row[0] for row in rows], np.int64)
    langs, lang = _coded([str(row[1]) for row in rows])
    sources, source = _coded([str(row[2]) for row in rows])
    linked = store.meta("linked_with") or ""
    if before is None or before.linked != linked:
        before, missing = None, articles
    else:
        missing = articles[(before.positions(articles) < 0) | np.isin(articles, np.fromiter(changed, np.int64))]
    entities, entity, subjects, starts = _mentions(store, articles, missing, before)
    return Columns(
        articles=articles,
        lang=lang,
        source=source,
        time=np.array([row[4] if row[3] is None else row[3] for row in rows], np.int64),
        known=np.array([known_since(row[3], row[4]) for row in rows], np.int64),
        dated=np.array([row[3] is not None for row in rows], np.bool_),
        story=np.array([row[5] or 0 for row in rows], np.int64),
        copied=np.array([row[6] == COPIED for row in rows], np.bool_),
        entities=entity,
        subjects=subjects,
        entity_starts=starts,
        lang_names=langs,
        source_names=sources,
        entity_names=entities,
        linked=linked,
    )


def _mentions(store: Store, articles: Ids, missing: Ids, before: Columns | None) -> tuple[tuple[str, ...], Codes, Mask, Ids]:
    """Names, codes, subjects and starts of the entities of `articles`: the `missing` from the store, others from `before`."""
    pairs: list[tuple[int, str, float]] = []
    if len(missing) == len(articles):
        pairs = [tuple(row) for row in store.rows("SELECT article_id, entity_id, salience FROM salience")]
    else:
        for article in missing.tolist():
            rows = store.rows("SELECT article_id, entity_id, salience FROM salience WHERE article_id = ?", [article])
            pairs += [tuple(row) for row in rows]
    known = before.entity_names if before is not None else ()
    names = np.array(sorted({*known, *(name for _, name, _ in pairs)}), np.str_)
    codes = {str(name): code for code, name in enumerate(names)}
    owner = np.array([article for article, _, _ in pairs], np.int64)
    entity = np.array([codes[name] for _, name, _ in pairs], np.int64)
    subject = np.array([salience >= SUBJECT for _, _, salience in pairs], np.bool_)
    if before is not None:
        owners = before.articles[before.entity_articles]
        stays = np.isin(owners, articles) & ~np.isin(owners, missing)
        recoded = np.array([codes[name] for name in known], np.int64)
        owner = np.concatenate([owner, owners[stays]])
        entity = np.concatenate([entity, recoded[before.entities[stays]]])
        subject = np.concatenate([subject, before.subjects[stays]])
    order = np.lexsort((entity, owner))
    used, entity = np.unique(entity[order], return_inverse=True)
    starts = np.searchsorted(owner[order], articles)
    return tuple(names[used].tolist()), entity.astype(np.int32), subject[order], np.append(starts, len(owner)).astype(np.int64)


def known_since(published: int | None, first_seen: int) -> int:
    """From when on an article could be known (epoch seconds): when it was seen, unless it was backfilled."""
    if published is None:
        return first_seen
    return published if first_seen - published > BACKFILL else max(published, first_seen)


def _coded(values: Sequence[str]) -> tuple[tuple[str, ...], Codes]:
    names = sorted(set(values))
    codes = {name: code for code, name in enumerate(names)}
    return tuple(names), np.array([codes[value] for value in values], np.int32)


def _named(names: Sequence[str], counts: NDArray[np.int64]) -> dict[str, int]:
    found = [(names[code], int(counts[code])) for code in np.nonzero(counts)[0].tolist()]
    return dict(sorted(found, key=lambda pair: (-pair[1], pair[0])))
