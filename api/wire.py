"""The shapes of the API's JSON documents, as types: the OpenAPI description and the Python client are made from them.

`api.documents` writes these documents; a test holds every answer to its shape. Those of stories and digests are in
`api.story_wire`, those of the ledger in `api.ledger_wire`.
"""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

Lang = Literal["en", "zh", "und"]


class ArticleSummary(TypedDict):
    """An article as it stands in lists. Times are RFC 3339 in UTC; ``published`` is null where nobody said."""

    article_id: int
    url: str
    title: str
    published: str | None
    first_seen: str
    source: str
    lang: Lang


class Related(TypedDict):
    """Another article of the same story that answers too."""

    article_id: int
    url: str
    title: str
    source: str
    published: str | None
    lang: Lang
    role: str


class Glossed(TypedDict("_Glossed", {"as": str})):
    """A Chinese word, with what it means."""

    text: str


class Explanation(TypedDict):
    """Why a hit is there."""

    words: list[str]
    glossed: list[Glossed]
    entities: list[str]
    cosine: float | None
    coverage: float
    lexical: float
    dense: float
    recency: float


class SearchHit(ArticleSummary):
    """An article that answers. ``snippet`` is escaped HTML in which only ``<mark>`` is markup."""

    story_id: int | None
    score: float
    snippet: str
    entities: list[str]
    matched: list[str]
    independent: int
    folded: int
    more: list[Related]
    title_gloss: NotRequired[str]
    explain: NotRequired[Explanation]


class QueryReading(TypedDict):
    """How a query was understood."""

    text: str
    units: list[str]
    notes: list[str]
    after: str | None
    before: str | None


class Count(TypedDict):
    start: str
    count: int


class CountsOverTime(TypedDict):
    """Articles by day, week or month; ``start`` is each one's first day."""

    interval: Literal["day", "week", "month"]
    counts: list[Count]


class SearchAnswer(TypedDict):
    """The answer to a search; ``exact`` is false where ``total`` and the counts are lower bounds."""

    query: str
    reading: QueryReading
    took_ms: float
    total: int
    articles: int
    exact: bool
    hits: list[SearchHit]
    facets: dict[str, dict[str, int]]
    histogram: CountsOverTime
    entities: list[str]
    mode: str
    notice: str | None
    next_cursor: str | None


class EntitySummary(TypedDict):
    id: str
    kind: str
    name: str
    zh: str | None


class WeighedEntity(EntitySummary):
    """``salience`` says how much an article is about an entity, 0–1."""

    salience: float


class MentionSpan(TypedDict):
    """Where an article names an entity: offsets in characters into ``field``."""

    id: str
    field: Literal["title", "text"]
    surface: str
    start: int
    end: int
    confidence: float


class StoryMember(ArticleSummary):
    role: str
    copy_of: int | None


class StoryDocument(TypedDict):
    """Articles on one event; ``origins`` counts those that are nobody's copy."""

    id: int
    headline: str
    origins: int
    articles: list[StoryMember]


class DiffPiece(TypedDict):
    kind: str
    text: str


class EditDocument(TypedDict):
    """What one edit changed; ``title`` is null where the headline stayed."""

    seen: str
    title: list[DiffPiece] | None
    text: list[DiffPiece]


class OriginDocument(TypedDict):
    name: str
    url: str | None
    words: str | None


class ArticleDocument(ArticleSummary):
    """An article with its text, which is as it was published and nobody's but its author's."""

    author: str | None
    modified: str | None
    date_source: str | None
    date_note: str | None
    text: str
    summary: str | None
    image: str | None
    section: str | None
    tags: list[str]
    captions: list[str]
    canonical_url: str | None
    raw_url: str | None
    origin: OriginDocument | None
    entities: list[WeighedEntity]
    mentions: list[MentionSpan]
    story: StoryDocument | None
    edits: list[EditDocument]


class RevisionDocument(TypedDict):
    """A state of an article: ``until`` is when the next one was first seen, null for the one that it is in."""

    title: str
    text: str
    until: str | None


class Revisions(TypedDict):
    """Every state of an article, the first one first, with what led from one to the next, the last edit first."""

    article_id: int
    revisions: list[RevisionDocument]
    edits: list[EditDocument]


class SimilarArticle(ArticleSummary):
    score: float


class SimilarArticles(TypedDict):
    article_id: int
    similar: list[SimilarArticle]


class CountedEntity(EntitySummary):
    articles: int


class EntityList(TypedDict):
    total: int
    entities: list[CountedEntity]


class EntityDocument(EntitySummary):
    """An entity with its latest articles; ``articles`` counts all that mention it, ``about`` those that are about it."""

    zh_hant: str | None
    names: list[str]
    codenames: list[str]
    maker: str | None
    parent: str | None
    successor: str | None
    codename_of: str | None
    wikidata: str | None
    note: str | None
    note_source: str | None
    articles: int
    about: int
    latest: list[ArticleSummary]
    relatives: list[EntitySummary]


class ReviewItem(TypedDict):
    """An ambiguous name, ``linked`` or not, that a person should look at."""

    article: ArticleSummary
    surface: str
    id: str
    name: str
    confidence: float
    linked: bool
    sentence: str
    times: int


class ReviewList(TypedDict):
    waiting: int
    reviews: list[ReviewItem]


class ProposedName(TypedDict):
    name: str
    kind: str
    maker: str | None
    articles: list[ArticleSummary]
    sentences: list[str]


class ProposalList(TypedDict):
    proposals: list[ProposedName]


class CorrectionDocument(TypedDict):
    """What a person decided about entities; ``undone`` is null while it holds."""

    id: int
    kind: str
    subject: str
    detail: dict[str, Any]
    says: str
    note: str | None
    made: str
    undone: str | None


class LeftDecision(TypedDict):
    """What a person decided while another process was writing; ``why`` is null while it waits for it, else what was wrong."""

    made: str
    what: dict[str, str]
    why: str | None


class CorrectionList(TypedDict):
    corrections: list[CorrectionDocument]
    left: list[LeftDecision]


class SourceDocument(TypedDict):
    """A source: how it fares, what it brought."""

    id: str
    name: str
    kind: str
    language: str
    country: str | None
    homepage: str | None
    articles: int
    left_out: int
    disabled: bool
    health: str | None
    health_since: str | None
    health_note: str | None
    last_crawl: str | None
    last_success: str | None
    last_outcome: str | None
    interval_seconds: int | None
    next_due: str | None


class SourceList(TypedDict):
    sources: list[SourceDocument]


class LeftOutDocument(TypedDict):
    """What the on-topic gate left out of a source, and why."""

    url: str
    source: str
    title: str
    why: str
    score: float
    seen: str
    published: NotRequired[str | None]


class LeftOutList(TypedDict):
    left_out: list[LeftOutDocument]


class StatusDocument(TypedDict):
    """The state of the data folder; ``memory`` is in bytes."""

    articles: int
    passages: int
    pending: int
    generation: int | None
    generation_created: str | None
    indexed_passages: int
    index: str
    model: str
    up_to_date: bool
    trouble: str | None
    entities: int
    lexicon: int
    memory: dict[str, int | None]
    serving: str | None
    left_out: int
    sifted_out: int
    health: dict[str, int]
    sources: list[SourceDocument]


class Degraded(TypedDict):
    """A part that does not do all that it should; ``why`` is told to those who may ask."""

    part: str
    why: NotRequired[str]


class Readiness(TypedDict):
    """Whether searches are answered, and what of them is not as it should be."""

    status: Literal["ready", "degraded", "loading", "unavailable"]
    degraded: list[Degraded]


class NewArticle(TypedDict):
    """An article to add: ``text`` or ``html`` is needed. ``published`` is ISO 8601; ``lang`` is found out where not given."""

    text: NotRequired[str | None]
    html: NotRequired[str | None]
    url: NotRequired[str | None]
    title: NotRequired[str | None]
    published: NotRequired[str | None]
    source: NotRequired[str | None]
    lang: NotRequired[str | None]
    author: NotRequired[str | None]


class Batch(TypedDict):
    articles: list[NewArticle]


class RejectedArticle(TypedDict):
    """``line`` counts the articles of a batch from 1."""

    line: int
    why: str


class BatchAnswer(TypedDict):
    """What became of a batch; what is counted is kept for good. ``job`` is the indexing that makes it searchable.

    ``waiting`` counts articles that the process which is writing will store; only then is it known which of them are new.
    """

    read: int
    new: int
    updated: int
    duplicate: int
    rejected: list[RejectedArticle]
    waiting: int
    job: str | None


class JobDocument(TypedDict):
    """Work that goes on behind an answer."""

    id: str
    kind: str
    state: Literal["waiting", "running", "done", "failed"]
    stage: str | None
    done: int
    total: int
    detail: str | None
    created: str
    finished: str | None


class ExportedArticle(ArticleSummary):
    """A line of an export; ``text`` only where asked for."""

    author: str | None
    entities: list[str]
    text: NotRequired[str]


class FeedAuthor(TypedDict):
    name: str


class JsonFeedItem(TypedDict):
    id: str
    url: NotRequired[str]
    title: str
    content_text: NotRequired[str]
    content_html: NotRequired[str]
    date_published: NotRequired[str]
    date_modified: str
    authors: NotRequired[list[FeedAuthor]]
    tags: NotRequired[list[str]]
    language: NotRequired[str]


class JsonFeed(TypedDict):
    """JSON Feed 1.1."""

    version: Literal["https://jsonfeed.org/version/1.1"]
    title: str
    home_page_url: str
    feed_url: str
    items: list[JsonFeedItem]


class Problem(TypedDict):
    """What is wrong (RFC 9457): ``code`` and ``title`` are stable, ``detail`` tells this case, ``hint`` what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str


Document = dict[str, Any]
