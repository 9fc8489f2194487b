"""The shapes of the ledger's JSON documents, for the OpenAPI description and the Python client; see `api.wire`.

`api.claim_documents` writes them.
"""

from typing import Literal

from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from api.wire import EntitySummary, Lang

Status = Literal["announced", "reported", "estimated", "denied", "stated"]


class DaysDocument(TypedDict):
    """A time as exactly as it was said: first and last day, both included; ``grain`` is day, month, quarter, year…"""

    first: str
    last: str
    grain: str
    text: str


class ClaimSource(TypedDict):
    """An article that says it: ``quote`` is characters ``start`` to ``end`` of its ``field``, somebody else's words."""

    quote: str
    article_id: int
    url: str
    title: str
    source: str
    lang: Lang
    published: str | None
    first_seen: str
    field: Literal["title", "text"]
    start: int
    end: int
    story_id: int | None


class ClaimDocument(ClaimSource):
    """One claim of one article. ``value`` is in words; ``low`` and ``high`` are in ``unit``, equal where it is no range."""

    claim_id: int
    key: str
    entity: str
    attribute: str
    value: str
    written: str
    low: float | None
    high: float | None
    unit: str
    value_entity: str | None
    value_text: str | None
    when: DaysDocument | None
    qualifier: str | None
    status: Status
    expected: bool
    cited: list[str]
    compared: str | None
    scope: dict[str, str]
    event: DaysDocument | None
    corrected: int | None


class LedgerEntry(ClaimDocument):
    """Claims that say the same: the one that stands for them, with every article that says it and who said it on its own."""

    articles: int
    origins: list[str]
    first_reported: str
    last_reported: str
    sources: list[ClaimSource]


class ConflictDocument(TypedDict):
    """Entries that contradict each other; ``changed`` where the company itself said each, one after the other."""

    entity: str
    attribute: str
    changed: bool
    sides: list[LedgerEntry]


class ScopeDifferenceDocument(TypedDict):
    """Entries that differ because they hold under different conditions; ``by`` is the condition."""

    entity: str
    attribute: str
    by: str
    sides: list[LedgerEntry]


class ClaimsDocument(TypedDict):
    """What is claimed of an entity, the latest reported first, with what contradicts."""

    entity: EntitySummary
    total: int
    articles: int
    origins: int
    claims: list[LedgerEntry]
    next_cursor: str | None
    conflicts: list[ConflictDocument]
    scope_differences: list[ScopeDifferenceDocument]


class MomentDocument(LedgerEntry):
    """Something that happened on ``date``, as far as one knows; ``reported`` is the day of the first report."""

    date: str
    reported: str


class PromiseDocument(TypedDict):
    when: DaysDocument
    told: str
    expected: bool
    source: ClaimSource


class MilestoneDocument(TypedDict):
    """A promised milestone with every time that it was given; ``slip_days`` is from the first to the last one."""

    entity: str
    attribute: str
    variant: str | None
    reached: bool
    slip_days: int | None
    promises: list[PromiseDocument]


class TimelineDocument(TypedDict):
    entity: EntitySummary
    total: int
    timeline: list[MomentDocument]
    roadmap: list[MilestoneDocument]


class AttributeDocument(TypedDict):
    id: str
    name: str
    zh: str


class AttributeList(TypedDict):
    attributes: list[AttributeDocument]


class RumourStep(TypedDict):
    state: str
    day: str
    source: ClaimSource | None


class RumourDocument(LedgerEntry):
    state: str
    steps: list[RumourStep]


class RumourList(TypedDict):
    total: int
    rumours: list[RumourDocument]


class RelationDocument(TypedDict):
    """``subject`` stands to ``object`` in ``relation``, an attribute's id; days are those of the reports."""

    subject: str
    relation: str
    object: str
    since: str
    last: str
    ended: str | None
    expected: bool
    articles: int
    origins: list[str]
    sources: list[ClaimSource]


class RelationList(TypedDict):
    total: int
    relations: list[RelationDocument]


class RecordDocument(TypedDict):
    """What became of an origin's rumours; ``right`` is the share of those decided, null where none is."""

    origin: str
    confirmed: int
    denied: int
    expired: int
    open: int
    first: int
    right: float | None


class Reliability(TypedDict):
    origins: list[RecordDocument]


class Contradiction(TypedDict):
    """Ids of claims, each standing for an entry, that contradict each other; ``changed`` as of `ConflictDocument`."""

    changed: bool
    claims: list[int]


class CellDocument(TypedDict):
    """What is claimed of one entity: the firmest entries of ``total``. Claims that contradict may be beyond those shown."""

    entity: str
    total: int
    entries: list[LedgerEntry]
    contradicting: list[Contradiction]


class RowDocument(TypedDict):
    """One attribute with its names, and a cell for each entity in the order of the question."""

    attribute: str
    name: str
    zh: str
    cells: list[CellDocument]


class CompareDocument(TypedDict):
    """Entities side by side; what most of them have comes first."""

    entities: list[EntitySummary]
    rows: list[RowDocument]
