"""The key figures of a story, from the ledger: each with its sentence's place and the outlet that says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.knowledge.ledger.entries import entries
from index.knowledge.reading import Reading
from index.store.claims import StoredClaim

MOST = 4
_RELATIVE = ("growth", "margin", "revenue-share", "market-share", "cost-saving", "supply", "capacity")
"""What is a share or a change by itself; of anything else, "76 %" says nothing without what it is compared with."""
_ABOUT = 0.25
"""Salience in the story that an entity needs for its figures to be the story's."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A claim in words: ``entity`` and ``attribute`` as named, ``value`` as the article writes it, with who says it.

    ``origins`` counts those who say it on their own; the claim holds sentence and article.
    """

    entity: str
    attribute: str
    value: str
    status: str
    origins: int
    claim: StoredClaim


def figures(claims: Sequence[StoredClaim], saliences: Mapping[str, float], reading: Reading) -> list[Figure]:
    """The figures and dates among `claims`, at most `MOST`: of what the story is about first, then those that more say."""
    found = []
    for entry in entries(claim for claim in claims if claim.low is not None or claim.when is not None):
        lead = entry.lead
        about = saliences.get(entry.entity_id, 0.0)
        alone = lead.unit in ("%", "x") and lead.attribute not in _RELATIVE and not lead.compared
        if about >= _ABOUT and not alone:
            found.append((-(about + 0.3 * len(entry.origins)), lead.article_id, lead.start, entry))
    found.sort(key=lambda item: item[:3])
    names = reading.claims.attributes.names()
    shown: list[Figure] = []
    said: set[object] = set()
    for _, _, _, entry in found:
        lead = entry.lead
        # One number of one sentence is shown once, whatever it is claimed of; and one number for each thing that is told.
        if (lead.article_id, lead.written) in said or (lead.entity_id, lead.attribute) in said:
            continue
        said |= {(lead.article_id, lead.written), (lead.entity_id, lead.attribute)}
        value = " ".join(part for part in (lead.qualifier, lead.written) if part)
        if lead.compared:
            value += f", against {reading.catalogue.name_of(lead.compared)}"
        shown.append(
            Figure(
                reading.catalogue.name_of(lead.entity_id),
                names.get(lead.attribute, (lead.attribute, ""))[0],
                value,
                lead.status,
                len(entry.origins),
                lead,
            )
        )
        if len(shown) == MOST:
            break
    return shown
