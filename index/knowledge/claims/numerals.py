"""Numbers in words, English and Chinese, and the words for fractions and multiples."""

from collections.abc import Mapping

ENGLISH: Mapping[str, int] = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split()
    )
} | {word: 10 * tens for tens, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}

HAN: Mapping[str, int] = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}

FRACTIONS: Mapping[str, int] = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
}
"""Names of parts with how many of them make one."""

TOPS: Mapping[str, int] = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "nine": 9}
"""How many parts: a third, two thirds. Without one, "third" is an ordinal."""

MULTIPLES: Mapping[str, float] = {
    "twice": 2,
    "double": 2,
    "doubled": 2,
    "doubles": 2,
    "doubling": 2,
    "triple": 3,
    "tripled": 3,
    "triples": 3,
    "tripling": 3,
    "quadruple": 4,
    "quadrupled": 4,
    "quadruples": 4,
    "twofold": 2,
    "threefold": 3,
    "fourfold": 4,
    "fivefold": 5,
    "sixfold": 6,
    "sevenfold": 7,
    "eightfold": 8,
    "ninefold": 9,
    "tenfold": 10,
    "翻倍": 2,
    "翻番": 2,
    "翻了一番": 2,
    "翻一番": 2,
}


def english_number(words: str) -> int:
    """``five hundred`` is 500, ``twenty-five`` 25, ``a dozen`` 12."""
    total = 0
    for piece in words.replace("-", " ").split():
        if piece == "hundred":
            total = max(total, 1) * 100
        elif piece == "dozen":
            total = max(total, 1) * 12
        else:
            total += ENGLISH.get(piece, 0)
    return total


def han_number(written: str) -> int:
    """Up to hundreds: 五百 is 500, 三十五 is 35, 十二 is 12."""
    total, digit = 0, 0
    for char in written:
        if char in HAN:
            digit = HAN[char]
        else:
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
    return total + digit
