"""Under what condition a claim holds: precision, sparsity, workload, region, segment, variant."""

from collections.abc import Mapping

from index.knowledge.claims.document import Sentence

_ROLES: Mapping[str, tuple[str, ...]] = {
    "compute": ("precision", "sparsity"),
    "performance": ("precision", "sparsity", "workload"),
    "efficiency": ("precision", "workload"),
    "cost-saving": ("workload",),
    "customer": ("workload",),
    "revenue": ("region", "segment"),
    "revenue-share": ("region", "segment"),
    "growth": ("region", "segment"),
    "margin": ("segment",),
    "profit": ("segment",),
    "market-share": ("region",),
    "market-size": ("region",),
    "revenue-impact": ("region",),
    "export-licence": ("region",),
    "availability": ("region", "variant"),
    "memory-capacity": ("variant",),
    "memory-bandwidth": ("variant",),
    "memory-type": ("variant",),
    "power": ("variant",),
    "price": ("region", "variant"),
    "sampling": ("variant",),
    "volume-production": ("variant",),
}
"""The kinds of condition that matter to an attribute."""
_NEAR, _CLAUSE = 80, 30


def scope_of(sentence: Sentence, attribute: str, place: int, until: int | None = None) -> dict[str, str]:
    """The conditions that the words around `place` (the value's; it ends at `until`) put on a claim of `attribute`."""
    roles = _ROLES.get(attribute)
    if roles is None or not sentence.conditions:
        return {}
    found: dict[str, tuple[int, str]] = {}
    for (role, key), start, end in sentence.conditions:
        if role in roles:
            far = (place - end if end <= place else max(0, start - (until or place))) + _CLAUSE * sentence.apart(start, place)
            if role == "region" and any(name.start <= start and end <= name.end for name in sentence.names):
                continue  # 中国联通
            if role == "variant" and any(end <= value.start and value.end <= place for value in sentence.values):
                continue  # of the figure before: H100 SXM 80GB和H100 NVL 188GB
            if far < found.get(role, (_NEAR, ""))[0]:
                found[role] = (far, key)
    return {role: key for role, (_, key) in found.items()}


def same_condition(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two scopes do not speak of different conditions: what only one of them says does not part them."""
    return all(other.get(name, value) == value for name, value in one.items())
