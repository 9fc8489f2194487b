"""Articles in the store: idempotent upserts, revisions, and reading back."""

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index.article import Article
from index.store.database import Store
from index.store.pages import page_of, save_page
from index.text.address import canonical_url, is_edition, url_key


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as the store holds it. Times are aware UTC; `time` is what it is dated and sorted by."""

    id: int
    url: str
    title: str
    text: str
    lang: str
    source: str
    author: str | None
    summary: str | None
    published: datetime | None
    modified: datetime | None
    first_seen: datetime
    canonical_url: str | None = None
    origin_name: str | None = None
    origin_url: str | None = None
    origin_words: str | None = None
    raw_url: str | None = None
    date_source: str | None = None
    date_note: str | None = None
    image: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    content_hash: str = ""

    @property
    def time(self) -> datetime:
        return self.published or self.first_seen

    @property
    def has_address(self) -> bool:
        """False for an article that was imported without one and is known by its text only."""
        return not self.url.startswith("urn:")


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A mention as stored: character offsets into the field (``title`` or ``text``)."""

    field: str
    start: int
    end: int
    entity_id: str
    surface: str
    confidence: float


@dataclass(frozen=True, slots=True)
class ArticleHead:
    """An article without its text, as it stands in lists, with its story and its role there."""

    id: int
    url: str
    title: str
    lang: str
    source: str
    published: datetime | None
    story_id: int | None
    role: str | None


_COLUMNS = """id, url, title, text, lang, source, author, summary, published, modified, first_seen, canonical_url,
    origin_name, origin_url, origin_words, raw_url, date_source, date_note, image, section, tags, captions, content_hash"""

_KEPT = ("published", "date_source", "author", "raw_url")
"""What an edit without it does not take away: a page that loses its date in an edit has not become undated."""


def content_hash(title: str, text: str) -> str:
    """SHA-256 (hex) of what a reader sees, white space folded, so that reflowed markup is not a new revision."""
    joined = " ".join(title.split()) + "\x00" + " ".join(text.split())
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()


def save_article(store: Store, article: Article, now: datetime) -> tuple[str, int]:
    """Insert or update one article inside the caller's transaction.

    Addresses with one `url_key` are one article, which keeps the best of them: the page itself rather than its mobile or
    AMP edition, https rather than http. An edition of a page that is stored is a duplicate, whatever it leaves out.

    Returns:
        ``("new" | "updated" | "duplicate", article id)``. A duplicate changes nothing at all.
    """
    digest = content_hash(article.title, article.text)
    url = canonical_url(article.url) if article.url else f"urn:sha256:{digest}"
    key = url_key(url) if article.url else url
    seen = int(now.timestamp())
    old = _stored_under(store, url, key)
    if old is not None:
        better = _rank(url) < _rank(old["url"])
        if not better and (old["content_hash"] == digest or (is_edition(url) and not is_edition(old["url"]))):
            return "duplicate", int(old["id"])
        url = url if better else old["url"]
    values = {**_values(article, digest), "url": url, "url_key": key, "last_changed": seen}
    if old is None:
        columns = {"first_seen": seen, **values}
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        cursor = store.execute(f"INSERT INTO article ({names}) VALUES ({marks})", list(columns.values()))
        outcome, article_id = "new", int(cursor.lastrowid or 0)
    else:
        outcome, article_id = "updated", int(old["id"])
        if old["content_hash"] != digest and not _is_kept_page(store, article_id, article.html):
            store.execute(
                "INSERT INTO revision (article_id, title, text, content_hash, replaced) VALUES (?, ?, ?, ?, ?)",
                [article_id, old["title"], old["text"], old["content_hash"], seen],
            )
        sets = ", ".join(f"{name} = coalesce(?, {name})" if name in _KEPT else f"{name} = ?" for name in values)
        store.execute(f"UPDATE article SET {sets} WHERE id = ?", [*values.values(), article_id])
    if article.html is not None:
        save_page(store, article_id, article.html, article.headers, now)
    return outcome, article_id


def is_stored(store: Store, url: str) -> bool:
    """True where an article is stored under an address of the same page. Raises ValueError: no address."""
    url = canonical_url(url)
    return _stored_under(store, url, url_key(url)) is not None


def _is_kept_page(store: Store, article_id: int, body: bytes | None) -> bool:
    """Whether the page is the very one that is kept: then it is read better now, and nobody edited it."""
    kept = page_of(store, article_id) if body is not None else None
    return kept is not None and kept.body == body


def fill_url_keys(store: Store) -> None:
    """Give articles that an earlier version stored the keys of their addresses."""
    without = store.rows("SELECT id, url FROM article WHERE url_key IS NULL")
    if without:
        with store.atomic():
            keys = [(row["url"] if row["url"].startswith("urn:") else url_key(row["url"]), row["id"]) for row in without]
            store.executemany("UPDATE article SET url_key = ? WHERE id = ?", keys)


def _stored_under(store: Store, url: str, key: str) -> sqlite3.Row | None:
    # Stores from before the keys may hold several articles under one: an exact address comes first.
    return store.row(
        "SELECT id, url, content_hash, title, text FROM article WHERE url_key = ? ORDER BY url <> ?, id LIMIT 1", [key, url]
    )


def _rank(url: str) -> tuple[bool, bool]:
    """Addresses of one page in the order in which they are preferred."""
    return is_edition(url), not url.startswith("https:")


def replace_extracted(store: Store, article_id: int, article: Article) -> None:
    """Put what a better reader made of the same page in place of what is stored, inside the caller's transaction.

    The page did not change, so this is no revision, and ``last_changed`` stays.
    """
    values = _values(article, content_hash(article.title, article.text))
    sets = ", ".join(f"{name} = ?" for name in values)
    store.execute(f"UPDATE article SET {sets} WHERE id = ?", [*values.values(), article_id])


def _values(article: Article, digest: str) -> dict[str, object]:
    return {
        "title": article.title,
        "text": article.text,
        "lang": article.lang,
        "source": article.source,
        "author": article.author,
        "summary": article.summary,
        "published": _seconds(article.published),
        "modified": _seconds(article.modified),
        "canonical_url": article.canonical_url,
        "origin_name": article.origin.name if article.origin else None,
        "origin_url": article.origin.url if article.origin else None,
        "origin_words": article.origin.words if article.origin else None,
        "raw_url": article.raw_url,
        "date_source": article.date_source if article.published else None,
        "date_note": article.date_note,
        "image": article.image,
        "section": article.section,
        "tags": json.dumps(article.tags, ensure_ascii=False),
        "captions": json.dumps(article.captions, ensure_ascii=False),
        "content_hash": digest,
    }


def save_mentions(store: Store, article_id: int, mentions: Iterable[MentionRow]) -> None:
    """Replace the mentions of an article."""
    store.execute("DELETE FROM mention WHERE article_id = ?", [article_id])
    store.executemany(
        "INSERT OR IGNORE INTO mention VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(article_id, m.field, m.start, m.end, m.entity_id, m.surface, m.confidence) for m in mentions],
    )


def delete_article(store: Store, article_id: int) -> bool:
    """Delete an article with all that hangs on it; False when there is none. The change log keeps that it went."""
    return store.execute("DELETE FROM article WHERE id = ?", [article_id]).rowcount > 0


def article_by_id(store: Store, article_id: int) -> StoredArticle | None:
    row = store.row(f"SELECT {_COLUMNS} FROM article WHERE id = ?", [article_id])
    return None if row is None else _article(row)


def articles_by_id(store: Store, ids: Sequence[int]) -> dict[int, StoredArticle]:
    """The articles among `ids` that exist, by id."""
    rows = store.rows_among(f"SELECT {_COLUMNS} FROM article WHERE id IN (*)", ids)
    return {int(row["id"]): _article(row) for row in rows}


def heads_by_id(store: Store, ids: Sequence[int]) -> dict[int, ArticleHead]:
    """The heads of the articles among `ids` that exist, by id."""
    found: dict[int, ArticleHead] = {}
    for row in store.rows_among(
        "SELECT a.id, a.url, a.title, a.lang, a.source, a.published, s.story_id, s.role FROM article a "
        "LEFT JOIN article_story s ON s.article_id = a.id WHERE a.id IN (*)",
        ids,
    ):
        published = None if row[5] is None else _moment(row[5])
        found[int(row[0])] = ArticleHead(int(row[0]), row[1], row[2], row[3], row[4], published, row[6], row[7])
    return found


def latest_articles(
    store: Store,
    limit: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    entity: str | None = None,
    source: str | None = None,
) -> list[StoredArticle]:
    """The newest articles first (by published, else first seen), within [since, until), of `source`, mentioning `entity`."""
    where, parameters = ["1"], list[object]()
    if since is not None:
        where.append("coalesce(published, first_seen) >= ?")
        parameters.append(_seconds(since))
    if until is not None:
        where.append("coalesce(published, first_seen) < ?")
        parameters.append(_seconds(until))
    if source is not None:
        where.append("source = ?")
        parameters.append(source)
    if entity is not None:
        where.append("id IN (SELECT article_id FROM mention WHERE entity_id = ?)")
        parameters.append(entity)
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM article WHERE {' AND '.join(where)} "
        "ORDER BY coalesce(published, first_seen) DESC, id DESC LIMIT ?",
        [*parameters, limit],
    )
    return [_article(row) for row in rows]


def mentions_of(store: Store, article_id: int) -> list[MentionRow]:
    rows = store.rows(
        'SELECT field, start, "end", entity_id, surface, confidence FROM mention WHERE article_id = ? ORDER BY field, start',
        [article_id],
    )
    return [MentionRow(*row) for row in rows]


def named_spans(
    store: Store, article_ids: Sequence[int], entities: Collection[str] | None
) -> dict[int, list[tuple[str, int, int, str]]]:
    """Where the articles name any of `entities`, or anything where that is None: (field, start, end, entity) by article."""
    spans: dict[int, list[tuple[str, int, int, str]]] = {}
    if entities is not None and not entities:
        return spans
    named = "" if entities is None else f"AND entity_id IN ({','.join('?' * len(entities))})"
    for row in store.rows_among(
        f'SELECT article_id, field, start, "end", entity_id FROM mention WHERE article_id IN (*) {named}',
        article_ids,
        after=[*(entities or ())],
    ):
        spans.setdefault(int(row[0]), []).append((str(row[1]), int(row[2]), int(row[3]), str(row[4])))
    return spans


def entity_counts(store: Store, article_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """For each article: how often it mentions each entity, a mention in the title counting for three."""
    counts: dict[int, dict[str, int]] = {article_id: {} for article_id in article_ids}
    for row in store.rows_among(
        "SELECT article_id, entity_id, sum(CASE field WHEN 'title' THEN 3 ELSE 1 END) AS n FROM mention "
        "WHERE article_id IN (*) GROUP BY article_id, entity_id ORDER BY n DESC, entity_id",
        article_ids,
    ):
        counts[int(row["article_id"])][str(row["entity_id"])] = int(row["n"])
    return counts


def articles_by_entity(store: Store, article_ids: Sequence[int]) -> dict[str, int]:
    """How many of the articles mention each entity."""
    counts: dict[str, int] = {}
    for row in store.rows_among(
        "SELECT entity_id, count(DISTINCT article_id) FROM mention WHERE article_id IN (*) GROUP BY entity_id", article_ids
    ):
        counts[row[0]] = counts.get(row[0], 0) + row[1]
    return counts


def mentioned_entities(store: Store) -> dict[str, int]:
    """Every mentioned entity with the number of articles that mention it."""
    rows = store.rows("SELECT entity_id, count(DISTINCT article_id) FROM mention GROUP BY entity_id")
    return {str(row[0]): int(row[1]) for row in rows}


def articles_naming(store: Store, since: datetime, until: datetime) -> dict[str, int]:
    """Every entity that is named in articles of [since, until), with the number of them."""
    rows = store.rows(
        "SELECT entity_id, count(DISTINCT article_id) FROM mention JOIN article ON article.id = article_id "
        "WHERE coalesce(published, first_seen) >= ? AND coalesce(published, first_seen) < ? GROUP BY entity_id",
        [_seconds(since), _seconds(until)],
    )
    return {str(row[0]): int(row[1]) for row in rows}


def times_naming(store: Store, entity: str) -> list[int]:
    """When the articles that name `entity` were published, or first seen (epoch seconds, UTC), in order."""
    rows = store.rows(
        "SELECT coalesce(published, first_seen) AS moment FROM article "
        "WHERE id IN (SELECT article_id FROM mention WHERE entity_id = ?) ORDER BY moment",
        [entity],
    )
    return [int(row[0]) for row in rows]


def newest_time(store: Store) -> datetime | None:
    """When the newest article was published, or first seen where that is unknown; None without articles."""
    row = store.row("SELECT max(coalesce(published, first_seen)) FROM article")
    return None if row is None or row[0] is None else _moment(int(row[0]))


def article_days(store: Store) -> list[tuple[datetime, int]]:
    """Every hour (UTC) with articles, and how many: enough to sort them into days and weeks of any zone."""
    rows = store.rows("SELECT coalesce(published, first_seen) / 3600 AS hour, count(*) FROM article GROUP BY hour")
    return [(_moment(int(row[0]) * 3600), int(row[1])) for row in rows]


def count_articles(store: Store) -> int:
    row = store.row("SELECT count(*) FROM article")
    return int(row[0]) if row else 0


def _article(row: sqlite3.Row) -> StoredArticle:
    return StoredArticle(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        text=row["text"],
        lang=row["lang"],
        source=row["source"],
        author=row["author"],
        summary=row["summary"],
        published=None if row["published"] is None else _moment(row["published"]),
        modified=None if row["modified"] is None else _moment(row["modified"]),
        first_seen=_moment(row["first_seen"]),
        canonical_url=row["canonical_url"],
        origin_name=row["origin_name"],
        origin_url=row["origin_url"],
        origin_words=row["origin_words"],
        raw_url=row["raw_url"],
        date_source=row["date_source"],
        date_note=row["date_note"],
        image=row["image"],
        section=row["section"],
        tags=tuple(json.loads(row["tags"])),
        captions=tuple(json.loads(row["captions"])),
        content_hash=row["content_hash"],
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
