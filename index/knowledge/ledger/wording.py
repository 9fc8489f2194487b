"""A claim in words: its value with its unit, hedge and condition, as a table or a terminal shows it."""

from collections.abc import Callable

from index.knowledge.ledger.origins import COMPANY
from index.store.claims import Days, StoredClaim

_SIZES = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_SIZED = {"b": "B", "b/s": "B/s", "flops": "FLOPS", "ops": "OPS", "w": "W", "hz": "Hz", "flop-days": "FLOP/s-days"}
_SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "krw": "₩"}
_CODES = {"cny": "yuan", "twd": "NT$", "hkd": "HK$"}
_COUNTED = (
    "day",
    "second",
    "chip",
    "system",
    "transistor",
    "core",
    "die",
    "stack",
    "wafer",
    "parameter",
    "token",
    "customer",
    "region",
)
_WORDS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))

NameOf = Callable[[str], str]


def value_words(claim: StoredClaim, name_of: NameOf) -> str:
    """The value: "up to 750 W", "$37,000 a month", "1.7×, against NVIDIA A100", a name, a time.

    Args:
        name_of: the display name of an entity, by id.
    """
    words = _value(claim, name_of)
    if claim.qualifier and claim.low is not None:
        words = f"{claim.qualifier} {words}"
    per = claim.scope.get("per")
    if per:
        words += f" a {per}"
    if claim.compared:
        words += f", against {name_of(claim.compared)}"
    return words


def condition_words(claim: StoredClaim, name_of: NameOf) -> str:
    """Under what condition it holds: "precision fp8, region china"; empty where nothing is said."""
    said = [f"{name} {name_of(value)}" for name, value in sorted(claim.scope.items()) if name != "per"]
    return ", ".join(said)


def status_words(claim: StoredClaim, name_of: NameOf) -> str:
    """Who stands behind it: "announced by NVIDIA", "reported by The Information", "stated"; of plans with "expected"."""
    cited = [name_of(each) for each in claim.cited]
    words = f"{claim.status} by {', '.join(cited)}" if cited else claim.status
    return f"{words}, expected" if claim.expected else words


def origin_words(origin: str, name_of: NameOf) -> str:
    """An origin as people say it: "NVIDIA itself", an entity's name, or an outlet's."""
    company = origin.removeprefix(COMPANY)
    return f"{name_of(company)} itself" if company != origin else name_of(origin)


def days_words(days: Days) -> str:
    """A period as people write it: 2023-04-19, 2023-04, 2024-Q2, 2024-H2, 2024, or its first and last day."""
    first, last, grain = days
    if grain == "day":
        return first
    if grain == "month":
        return first[:7]
    if grain == "quarter":
        return f"{first[:4]}-Q{(int(first[5:7]) + 2) // 3}"
    if grain == "half":
        return f"{first[:4]}-H{1 if int(first[5:7]) < 7 else 2}"
    return first[:4] if grain == "year" else f"{first} to {last}"


def _value(claim: StoredClaim, name_of: NameOf) -> str:
    if claim.value_entity is not None:
        return name_of(claim.value_entity)
    if claim.when is not None:
        return days_words(claim.when)
    if claim.low is None or claim.high is None:
        return claim.value_text or claim.written
    low = _number(claim.low, claim.unit)
    return low if claim.low == claim.high else f"{low} to {_number(claim.high, claim.unit)}"


def _number(number: float, unit: str) -> str:
    if unit in _SIZED:
        size, letter = next(((size, letter) for size, letter in _SIZES if abs(number) >= size), (1.0, ""))
        return f"{_plain(number / size)} {letter}{_SIZED[unit]}"
    if unit in _SIGNS:
        return f"{'-' if number < 0 else ''}{_SIGNS[unit]}{_scaled(abs(number))}"
    if unit in _CODES:
        return f"{_scaled(number)} {_CODES[unit]}"
    if unit in ("%", "pp"):
        return f"{_plain(number)} {'%' if unit == '%' else 'points'}"
    if unit == "x":
        return f"{_plain(number)}×"
    if unit in _COUNTED:
        return f"{_scaled(number)} {unit}{'' if number == 1 else 's'}"
    return f"{_scaled(number)} {unit}".rstrip()


def _scaled(number: float) -> str:
    for size, word in _WORDS:
        if abs(number) >= size:
            return f"{_plain(number / size)} {word}"
    return _plain(number)


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.4g}"
