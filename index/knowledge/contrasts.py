"""What contradicts that two reports are on one event: the marks that the title or the first lines of each are about.

Another product, company, quarter, round, year or country, another step of one course (sampled, in mass production), another
version of one thing (with Turbo behind its name and without). A mark that the other report names, too, wherever it does,
contradicts less.
"""

from collections.abc import Iterable

from index.knowledge.circumstances import AGAIN, STEP
from index.knowledge.entities import Catalogue
from index.knowledge.sketch import PLACE, PLAIN, VERSION, YEAR, Sketch

_STEP, _VERSION, _ONCE_MORE = 0.85, 0.8, 0.2
"""What another step, another version and a word like "again" are worth beside another product."""


class Contrasts:
    """Finds contradictions, each from 0 to 1. It remembers what the catalogue's entities are part of."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._above: dict[str, frozenset[str]] = {}

    def _ancestors(self, entity_id: str) -> frozenset[str]:
        known = self._above.get(entity_id)
        if known is None:
            chain, entity = {entity_id}, self._catalogue.get(entity_id)
            while entity is not None and entity.parent and entity.parent not in chain and len(chain) < 4:
                chain.add(entity.parent)
                entity = self._catalogue.get(entity.parent)
            known = self._above[entity_id] = frozenset(chain)
        return known

    def _kin(self, a: str, b: str) -> bool:
        """Whether two products or companies are one, or one is part of the other."""
        if a == b:
            return True
        if a[0] == ":" and b[0] == ":":
            a, b = a[1:], b[1:]
        elif a[0] == ":" or b[0] == ":":
            return False
        return a in self._ancestors(b) or b in self._ancestors(a)

    def _line(self, product: str) -> str:
        """What a product belongs with: its maker, or the letters that its name starts with."""
        if product[0] == ":":
            entity = self._catalogue.get(product[1:])
            return f":{entity.maker or '' if entity else ''}"
        return product[: next(i for i, char in enumerate(product) if char.isdigit())]

    def _specific(self, products: Iterable[str]) -> set[str]:
        """Without what others among them are part of: a report on the H100 names Hopper, too."""
        listed = set(products)
        above = {f":{up}" for each in listed if each[0] == ":" for up in self._ancestors(each[1:]) if f":{up}" != each}
        return listed - above

    def other_thing(self, a: Sketch, b: Sketch) -> float:
        """How plainly the two are about another product or another of a row of alike events."""
        worst = 0.0
        mine, yours = self._specific(a.focus.get("product", ())), self._specific(b.focus.get("product", ()))
        if mine and yours and not mine & yours and not any(self._kin(x, y) for x in mine for y in yours):
            strange = self._unnamed(mine, b, "product") + self._unnamed(yours, a, "product")
            alike = {self._line(x) for x in mine} & {self._line(y) for y in yours}
            worst = (0.4, 0.7, 1.0)[strange] * (1.0 if alike else 0.6)
        for kind in (a.focus.keys() & b.focus.keys()) - {"product", "company"}:
            if not a.focus[kind] & b.focus[kind]:
                worst = max(worst, _of_a_row(kind, a, b))
        return max(worst, _ONCE_MORE if _once_more(a, b) or _once_more(b, a) else 0.0)

    def other_company(self, a: Sketch, b: Sketch) -> float:
        """How plainly the two are about another company, or about one company and others beside it."""
        mine, yours = a.focus.get("company"), b.focus.get("company")
        if not mine or not yours:
            return 0.0
        if not any(self._kin(x, y) for x in mine for y in yours):
            return (0.25, 0.5, 1.0)[self._unnamed(mine, b, "company") + self._unnamed(yours, a, "company")]
        if self._more(mine, b) and self._more(yours, a):
            return (0.4, 0.7, 1.0)[_titled("company", a, b)]
        return 0.0

    def _more(self, companies: Iterable[str], other: Sketch) -> bool:
        """Whether one of `companies` is named nowhere in the other article."""
        return any(self._unnamed((each,), other, "company") for each in companies)

    def _unnamed(self, things: Iterable[str], other: Sketch, kind: str) -> bool:
        """Whether none of `things` is named anywhere in the other article."""
        named = other.marks.get(kind, frozenset())
        return not any(self._kin(x, y) for x in things for y in named)


def _of_a_row(kind: str, a: Sketch, b: Sketch) -> float:
    """How plainly two reports that differ in the marks of a kind are about two of a row of alike events."""
    mine, yours = a.focus[kind], b.focus[kind]
    strange = (not mine & b.marks[kind]) + (not yours & a.marks[kind])
    titled = _titled(kind, a, b)
    if kind.startswith(STEP):
        # What a headline says is reached counts even where the other report looks ahead to it.
        return ((0.4, 0.7, 1.0) if titled < 2 else (0.7, 0.85, 1.0))[strange] * (0.2, 0.5, 1.0)[titled] * _STEP
    if kind.startswith(VERSION):
        # A report on the version names the plain thing, too; one on the plain thing does not name the version.
        return _VERSION if not (mine - {PLAIN}) & b.marks[kind] and not (yours - {PLAIN}) & a.marks[kind] else 0.0
    if kind in (PLACE, YEAR):
        return (0.0, 0.3, 1.0)[strange] if titled == 2 else 0.0
    if kind.startswith("series "):
        return (0.5, 0.8, 1.0)[strange] * (0.6, 0.8, 1.0)[titled]
    return (0.6, 0.8, 1.0)[strange]


def _titled(kind: str, a: Sketch, b: Sketch) -> int:
    """In how many of the two titles marks of a kind stand."""
    return (kind in a.titled) + (kind in b.titled)


def _once_more(a: Sketch, b: Sketch) -> bool:
    """Whether the title of `a` says that it happened again, of which `b` says nothing."""
    return AGAIN in a.titled and AGAIN not in b.marks
