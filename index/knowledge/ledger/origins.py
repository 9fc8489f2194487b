"""Where a claim comes from, so that repeats of one origin count once: twelve articles may have two origins.

The origin of a claim is whom its sentence cites; the company itself, where that says it; or else the outlet, which for a
copy or a repost is the outlet that is repeated.
"""

from collections.abc import Iterable

from index.store.claims import StoredClaim
from index.text.fold import fold

COMPANY = "company:"
"""Prefix of an origin that is the company itself."""
_UNNAMED = "unnamed sources"


def origin_of(claim: StoredClaim) -> str:
    """The origin of one claim: an entity id, ``company:`` with the id of the company that says so, or an outlet's name."""
    cited = [each for each in claim.cited if each != _UNNAMED]
    if cited and claim.status == "announced":
        return COMPANY + cited[0]
    if cited and claim.status != "denied":
        return fold(cited[0])
    if claim.status == "denied" and cited:
        return COMPANY + cited[0]
    return outlet_of(claim)


def outlet_of(claim: StoredClaim) -> str:
    """The outlet that wrote it: of a copy the one that is copied, of a repost the one that it names."""
    return fold(claim.copy_source or claim.origin or claim.source)


def origins_of(claims: Iterable[StoredClaim]) -> tuple[str, ...]:
    """The different origins of claims that say the same, in order of their first appearance.

    An article without anybody cited is no origin of its own where one with somebody cited is in the same story: it tells the
    same, and only leaves out whose news it is.
    """
    known = list(claims)
    cited_in = {claim.story_id for claim in known if claim.cited and claim.story_id is not None}
    found: dict[str, None] = {}
    for claim in sorted(known, key=_time):
        if not claim.cited and claim.story_id in cited_in:
            continue
        found[origin_of(claim)] = None
    return tuple(found) or tuple(dict.fromkeys(origin_of(claim) for claim in known))


def _time(claim: StoredClaim) -> tuple[float, int]:
    moment = claim.published or claim.first_seen
    return (moment.timestamp() if moment is not None else 0.0, claim.id)
