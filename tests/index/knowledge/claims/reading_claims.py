"""Reading the claims of a few sentences, for the tests of this folder."""

from collections.abc import Callable
from datetime import UTC, datetime

from index.knowledge.claims.claim import Claim
from index.knowledge.reading import Reading

PUBLISHED = datetime(2023, 5, 10, 9, tzinfo=UTC)

Read = Callable[..., list[Claim]]


def claims_in(
    reading: Reading, text: str, *, title: str = "", published: datetime | None = PUBLISHED, seen: datetime = PUBLISHED
) -> list[Claim]:
    """The claims of a text; its language is told by whether it has Chinese characters."""
    lang = "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"
    return reading.claims.read(title, text, reading.link(title, text), published=published, seen=seen, lang=lang)


def told(claims: list[Claim]) -> set[tuple[str, str, str]]:
    """(entity, attribute, value) of every claim."""
    return {(claim.entity, claim.attribute, value_of(claim)) for claim in claims}


def value_of(claim: Claim) -> str:
    if claim.value_entity is not None or claim.value_text is not None:
        return claim.value_entity or claim.value_text or ""
    if claim.when is not None:
        return claim.when.label
    number = f"{claim.low:g}" if claim.low == claim.high else f"{claim.low:g}-{claim.high:g}"
    return f"{number} {claim.unit}".strip()


def one(claims: list[Claim], attribute: str) -> Claim:
    """The only claim of an attribute."""
    [claim] = [claim for claim in claims if claim.attribute == attribute]
    return claim
