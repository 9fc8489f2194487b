"""The ledger for agents: small documents with a citation for every claim; see `api.mcp_tools`."""

from typing import NotRequired

from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from api.mcp_tools import Citation, Quotation, within
from index.errors import FilterError
from index.knowledge.ledger.asking import read_claim_filter
from index.knowledge.ledger.entries import Entry
from index.knowledge.ledger.wording import NameOf, condition_words, value_words
from index.knowledge_base import KnowledgeBase
from index.text.times import iso

MOST_CLAIMS, MOST_IN_CELL, MOST_ROWS = 50, 5, 60
_SENTENCE, _TITLE, _WORDS, _MOST_CONFLICTS = 500, 300, 120, 20


class ClaimQuotation(Quotation):
    """``value`` is in words, some of which are the article's; ``text`` is the sentence."""

    value: str
    conditions: NotRequired[str]


class ClaimFound(TypedDict):
    """Claims that say the same, by the one that stands for them. ``origins`` counts those who say it on their own."""

    claim_id: int
    entity: str
    attribute: str
    low: float | None
    high: float | None
    unit: str
    qualifier: str | None
    status: str
    expected: bool
    origins: int
    articles: int
    citation: Citation
    untrusted_quotation: ClaimQuotation


class ConflictFound(TypedDict):
    """Ids of claims that contradict each other; ``changed`` where the company itself said each, one after the other."""

    entity: str
    attribute: str
    changed: bool
    claim_ids: list[int]


class ClaimsFound(TypedDict):
    entity: str
    total: int
    claims: list[ClaimFound]
    conflicts: list[ConflictFound]
    next_cursor: int | None


class CellFound(TypedDict):
    """The firmest of ``total`` claims of one entity; ``contradicting`` are sets of ids that contradict each other."""

    entity: str
    total: int
    claims: list[ClaimFound]
    contradicting: list[list[int]]


class RowFound(TypedDict):
    attribute: str
    name: str
    cells: list[CellFound]


class ComparisonFound(TypedDict):
    """What most of the entities have comes first; ``left_out`` counts rows beyond those given."""

    entities: list[str]
    rows: list[RowFound]
    left_out: int


def list_claims(kb: KnowledgeBase, entity: str, attribute: str | None, k: int, cursor: int) -> ClaimsFound:
    """Raises NotFound, FilterError."""
    within("k", k, 1, MOST_CLAIMS)
    within("cursor", cursor, 0, 10_000_000)
    wanted = read_claim_filter(kb.ledger.attributes(), attribute=[attribute or ""])
    key = kb.resolve_entity(entity[:200])
    found = kb.ledger.claims(key, wanted)
    conflicts, _ = kb.ledger.conflicts(key, wanted)
    name_of = kb.reading.catalogue.name_of
    return ClaimsFound(
        entity=key,
        total=len(found),
        claims=[_claim(entry, name_of) for entry in found[cursor : cursor + k]],
        conflicts=[
            ConflictFound(
                entity=each.entity_id,
                attribute=each.attribute,
                changed=each.changed,
                claim_ids=[side.lead.id for side in each.sides],
            )
            for each in conflicts[:_MOST_CONFLICTS]
        ],
        next_cursor=cursor + k if cursor + k < len(found) else None,
    )


def compare(kb: KnowledgeBase, entities: list[str], attribute: str | None, k: int) -> ComparisonFound:
    """Raises NotFound, FilterError."""
    within("k", k, 1, MOST_IN_CELL)
    if len(entities) > MOST_IN_CELL:
        raise FilterError(f"{len(entities)} entities are given; 2 to 4 can be compared.")
    wanted = read_claim_filter(kb.ledger.attributes(), attribute=[attribute or ""])
    keys = list(dict.fromkeys(kb.resolve_entity(each[:200]) for each in entities))
    rows = kb.ledger.compare(keys, wanted)
    names, name_of = kb.ledger.attributes(), kb.reading.catalogue.name_of
    return ComparisonFound(
        entities=keys,
        rows=[
            RowFound(
                attribute=row.attribute,
                name=names.get(row.attribute, (row.attribute, ""))[0],
                cells=[
                    CellFound(
                        entity=cell.entity_id,
                        total=len(cell.entries),
                        claims=[_claim(entry, name_of) for entry in cell.entries[:k]],
                        contradicting=[[side.lead.id for side in each.sides] for each in cell.conflicts],
                    )
                    for cell in row.cells
                ],
            )
            for row in rows[:MOST_ROWS]
        ],
        left_out=max(0, len(rows) - MOST_ROWS),
    )


def _claim(entry: Entry, name_of: NameOf) -> ClaimFound:
    lead = entry.lead
    quotation = ClaimQuotation(
        title=lead.title[:_TITLE], text=lead.quote[:_SENTENCE], value=value_words(lead, name_of)[:_WORDS]
    )
    if conditions := condition_words(lead, name_of):
        quotation["conditions"] = conditions[:_WORDS]
    return ClaimFound(
        claim_id=lead.id,
        entity=lead.entity_id,
        attribute=lead.attribute,
        low=lead.low,
        high=lead.high,
        unit=lead.unit,
        qualifier=lead.qualifier,
        status=lead.status,
        expected=lead.expected,
        origins=len(entry.origins),
        articles=entry.articles,
        citation=Citation(
            article_id=lead.article_id, url=lead.url, source=lead.source, published=iso(lead.published), lang=lead.lang
        ),
        untrusted_quotation=quotation,
    )
