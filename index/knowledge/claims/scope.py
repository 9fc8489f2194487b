"""Under what condition a claim holds: precision, sparsity, workload, region, period, segment, and what it is per."""

from collections.abc import Mapping

from index.knowledge.claims.document import Sentence

_OF_COMPUTE = ("compute", "performance", "efficiency")
_OF_PLACE = ("revenue", "revenue-share", "market-share", "market-size", "growth", "revenue-impact", "export-licence", "availability")
_OF_SEGMENT = ("revenue", "growth", "revenue-share", "margin", "profit")
_VARIANTS = ("memory-capacity", "memory-bandwidth", "power", "sampling", "volume-production", "availability", "memory-type", "price")
_NEAR = 40


def scope_of(sentence: Sentence, attribute: str, place: int) -> dict[str, str]:
    """The conditions that the words around `place` (where the value stands) put on a claim of `attribute`."""
    scope: dict[str, str] = {}
    if attribute in _OF_COMPUTE:
        _nearest(scope, sentence, "precision", place)
        _nearest(scope, sentence, "sparsity", place)
    if attribute in ("performance", "efficiency", "cost-saving", "customer"):
        _nearest(scope, sentence, "workload", place)
    if attribute in _OF_PLACE:
        _nearest(scope, sentence, "region", place)
    if attribute in _OF_SEGMENT:
        _nearest(scope, sentence, "segment", place)
    if attribute in _VARIANTS:
        _nearest(scope, sentence, "variant", place)
    return scope


def _nearest(scope: dict[str, str], sentence: Sentence, role: str, place: int) -> None:
    found: str | None = None
    least = _NEAR * 2
    for (kind, key), spans in sentence.cues.items():
        if kind != role:
            continue
        for start, end in spans:
            far = (place - end if end <= place else start - place) + 30 * sentence.apart(start, place)
            if far < least:
                found, least = key, far
    if found is not None:
        scope[role] = found


def same_condition(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two scopes do not speak of different conditions: what only one of them says does not part them."""
    return all(other.get(name, value) == value for name, value in one.items())
