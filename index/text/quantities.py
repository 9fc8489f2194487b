"""Quantities: a number with its unit, however it is written, as one term.

``37000美元``, ``$37,000`` and ``37 thousand dollars`` give the terms ``37000usd`` and ``37000``; ``35兆瓦`` and ``35 MW``
give ``35000000w``; ``4万`` and ``40,000`` give ``40000``. Units of one kind are brought to one scale.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from index.text.fold import fold

_CURRENCIES = {
    "usd": ("us$", "$", "usd", "dollar", "dollars", "us dollar", "us dollars", "美元", "美金", "美刀"),
    "cny": ("¥", "￥", "rmb", "cny", "yuan", "元", "块钱", "人民币", "元人民币"),
    "eur": ("€", "eur", "euro", "euros", "欧元"),
    "gbp": ("£", "gbp", "pound", "pounds", "英镑"),
    "jpy": ("jpy", "yen", "日元", "日圆"),
    "krw": ("krw", "won", "韩元", "韩圆"),
    "twd": ("nt$", "twd", "新台币", "台币", "元新台币"),
    "hkd": ("hk$", "hkd", "港元", "港币"),
}
_SCALED: dict[str, dict[str, str]] = {
    "w": {
        "w": "1",
        "watt": "1",
        "watts": "1",
        "瓦": "1",
        "瓦特": "1",
        "kw": "1e3",
        "kilowatt": "1e3",
        "kilowatts": "1e3",
        "千瓦": "1e3",
        "mw": "1e6",
        "megawatt": "1e6",
        "megawatts": "1e6",
        "兆瓦": "1e6",
        "gw": "1e9",
        "gigawatt": "1e9",
        "gigawatts": "1e9",
        "吉瓦": "1e9",
    },
    "b": {
        "kb": "1e3",
        "mb": "1e6",
        "gb": "1e9",
        "tb": "1e12",
        "pb": "1e15",
        "gigabyte": "1e9",
        "gigabytes": "1e9",
        "terabyte": "1e12",
        "terabytes": "1e12",
        "gib": "1e9",
        "tib": "1e12",
        "吉字节": "1e9",
    },
    "b/s": {"mb/s": "1e6", "gb/s": "1e9", "tb/s": "1e12", "gbps": "1.25e8", "tbps": "1.25e11", "gb/秒": "1e9", "tb/秒": "1e12"},
    "hz": {"mhz": "1e6", "ghz": "1e9", "兆赫": "1e6", "吉赫": "1e9"},
    "flops": {
        "gflops": "1e9",
        "tflops": "1e12",
        "pflops": "1e15",
        "eflops": "1e18",
        "teraflops": "1e12",
        "petaflops": "1e15",
        "exaflops": "1e18",
        "teraflop": "1e12",
        "petaflop": "1e15",
        "exaflop": "1e18",
    },
    "ops": {"tops": "1e12", "pops": "1e15"},
    "m": {
        "nm": "1e-9",
        "nanometer": "1e-9",
        "nanometers": "1e-9",
        "nanometre": "1e-9",
        "nanometres": "1e-9",
        "纳米": "1e-9",
        "奈米": "1e-9",
        "mm": "1e-3",
        "毫米": "1e-3",
        "micron": "1e-6",
        "microns": "1e-6",
        "微米": "1e-6",
    },
    "mm2": {"mm2": "1", "mm²": "1", "平方毫米": "1", "square millimeters": "1", "square millimetres": "1", "sq mm": "1"},
    "inch": {"inch": "1", "inches": "1", "英寸": "1", "寸": "1", "吋": "1"},
    "%": {"%": "1", "percent": "1", "per cent": "1", "个百分点": "1", "percentage points": "1"},
    "x": {"x": "1", "times": "1", "倍": "1"},
}
_MULTIPLIERS = {
    "thousand": "1e3",
    "million": "1e6",
    "billion": "1e9",
    "trillion": "1e12",
    "bn": "1e9",
    "mn": "1e6",
    "tn": "1e12",
    "k": "1e3",
    "千": "1e3",
    "万": "1e4",
    "十万": "1e5",
    "百万": "1e6",
    "千万": "1e7",
    "亿": "1e8",
    "十亿": "1e9",
    "百亿": "1e10",
    "千亿": "1e11",
    "万亿": "1e12",
}
_AFTER_A_SIGN = {"m": "1e6", "b": "1e9", "t": "1e12", "k": "1e3"}
"""Letters that multiply only behind a currency sign: $3b is three billion, while 3b is anything."""

_UNITS = {name: (kind, Decimal(1)) for kind, names in _CURRENCIES.items() for name in names} | {
    name: (kind, Decimal(scale)) for kind, names in _SCALED.items() for name, scale in names.items()
}
_SIGNS = ("us$", "nt$", "hk$", "$", "¥", "￥", "€", "£")


def _alternatives(names: object) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))  # type: ignore[call-overload]


_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN_NUMBER = "[一二两三四五六七八九十百]{1,4}"
_PATTERN = re.compile(
    rf"(?P<sign>{_alternatives(_SIGNS)})?\s?"
    rf"(?:(?<![a-z0-9_.,-])(?P<percent>百分之)?(?P<number>{_NUMBER})|(?<![一二两三四五六七八九十百千万亿第])(?P<han>{_HAN_NUMBER})(?=[万亿千]))"
    rf"多?(?:[\s-]?(?P<multiplier>{_alternatives(_MULTIPLIERS)})(?![a-z])|(?P<letter>[mbtk])(?![\w]))?"
    rf"多?(?:[\s-]?(?P<unit>{_alternatives(_UNITS)})(?![a-z0-9])(?!/))?"
)
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number at characters ``start`` to ``end``, as terms: with its unit first, then (for money and mere counts) without.

    ``plain`` is true for a number in digits alone, which is a term of its text anyway.
    """

    start: int
    end: int
    terms: tuple[str, ...]
    plain: bool


def quantities(text: str) -> Iterator[Quantity]:
    """The quantities in `text`, in order.

    A bare number is one too, for the sake of what it is compared with: "40,000" here and "4万" there.
    """
    yield from quantities_folded(fold(text))


def quantities_folded(folded: str) -> Iterator[Quantity]:
    """`quantities` of a text that is folded already."""
    for match in _PATTERN.finditer(folded):
        value = _value(match)
        if value is None:
            continue
        start, end = match.span()
        start += len(match.group()) - len(match.group().lstrip())
        name = "%" if match["percent"] else match["unit"] or match["sign"]
        if end < len(folded) and _goes_on(folded, end) and not match["unit"] and not match["multiplier"]:
            continue  # 910b and 7nm+ are identifiers
        if match["letter"] and not match["sign"]:
            continue
        kind, scale = _UNITS[name] if name else ("", Decimal(1))
        number = f"{(value * scale).normalize():f}"
        terms = (number,) if not kind else (number + kind, number) if kind in _CURRENCIES else (number + kind,)
        yield Quantity(start, end, terms, not (name or match["multiplier"] or match["letter"] or match["han"]))


def _goes_on(folded: str, end: int) -> bool:
    char = folded[end]
    return char.isascii() and (char.isalnum() or char == "_")


def _value(match: re.Match[str]) -> Decimal | None:
    try:
        value = Decimal(match["number"].replace(",", "")) if match["number"] else Decimal(_han_value(match["han"]))
    except InvalidOperation:
        return None
    if len(match.group()) > 60:
        return None
    if match["multiplier"]:
        value *= Decimal(_MULTIPLIERS[match["multiplier"]])
    elif match["letter"]:
        value *= Decimal(_AFTER_A_SIGN[match["letter"]])
    return value


def _han_value(written: str) -> int:
    total, digit = 0, 0
    for char in written:
        if char in _DIGITS:
            digit = _DIGITS[char]
        else:
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
    return total + digit
