"""Everything that reads text for meaning, built once from the catalogue and the lexicon and passed down together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from index.knowledge.corrections import catalogue_decisions, corrected
from index.knowledge.entities import Catalogue, Entity, load_catalogue
from index.knowledge.gloss import Glosser, load_lexicon
from index.knowledge.linker import ACCEPTED, Linker, Mention
from index.knowledge.names import is_han
from index.knowledge.new_names import NewName, new_names
from index.knowledge.spelling import NameSpeller, misspelt_names
from index.store.articles import MentionRow
from index.store.database import FILE_NAME, Store
from index.store.decisions import Decision
from index.text.fold import fold

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Linked:
    """What was read in an article: every name with its confidence, however low, and names that the catalogue lacks."""

    weighed: list[MentionRow]
    new_names: list[NewName]


@dataclass(frozen=True)
class Reading:
    """The catalogue with its linker, and the lexicon with its glosser and segmenter."""

    catalogue: Catalogue
    linker: Linker
    glosser: Glosser
    _prefixes: dict[tuple[str, str], int] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def speller(self) -> NameSpeller:
        """Made when the first unknown word is met."""
        return NameSpeller(self.catalogue)

    @classmethod
    def build(cls, made: Sequence[Decision] = ()) -> "Reading":
        """Read the data files that Chipwire ships (a few tens of milliseconds), with the decisions `made` on the catalogue."""
        catalogue, lexicon = corrected(load_catalogue(), made), load_lexicon()
        linker = Linker(catalogue, lexicon.entries)
        return cls(catalogue, linker, Glosser(lexicon, catalogue, linker))

    @classmethod
    def of_folder(cls, home: Path) -> "Reading":
        """How texts are read in the data folder `home`, with what people corrected there; it need not exist."""
        if not (home / FILE_NAME).exists():
            return cls.build()
        with Store.open_reader(home) as store:
            return cls.build(catalogue_decisions(store))

    def warm(self) -> None:
        """Load what is otherwise loaded at the first text: the segmenter's dictionary, and the lexicon from English."""
        self.glosser.words("芯片 chip")
        self.glosser.chinese_for("chip")

    @property
    def linked_with(self) -> str:
        """The version of everything by which mentions are linked."""
        return self.linker.version

    def mentions(self, text: str) -> list[Mention]:
        """Who and what `text` names, in order. "NVIDIA H100" names the company and the chip: two mentions side by side."""
        return [mention for mention in self._weighed(text) if mention.confidence >= ACCEPTED]

    def read(self, title: str, text: str) -> "Linked":
        """What an article names. The title is read together with the first lines, which give it context."""
        whole, offset = f"{title}\n{text}", len(title) + 1
        weighed = self._weighed(whole)
        rows = [
            _row("title", mention, 0) if mention.end <= len(title) else _row("text", mention, offset)
            for mention in weighed
            if mention.end <= len(title) or mention.start >= offset
        ]
        sure = [mention for mention in weighed if mention.confidence >= ACCEPTED]
        return Linked(rows, new_names(whole, sure, self.catalogue, self.linker.spellings))

    def link(self, title: str, text: str) -> list[MentionRow]:
        """The mentions of an article, as they are without what people decided."""
        return [row for row in self.read(title, text).weighed if row.confidence >= ACCEPTED]

    def _weighed(self, text: str) -> list[Mention]:
        weighed = self._apart(self.linker.weigh(text))
        misspelt = misspelt_names(text, weighed, self.catalogue)
        return sorted([*weighed, *misspelt], key=lambda mention: mention.start) if misspelt else weighed

    def _apart(self, mentions: Sequence[Mention]) -> list[Mention]:
        apart: list[Mention] = []
        for mention in mentions:
            entity = self.catalogue.get(mention.id)
            maker = self.catalogue.get(entity.maker) if entity is not None and entity.maker else None
            before = self._maker_in(mention.surface, entity, maker) if entity is not None and maker is not None else 0
            if maker is not None and before:
                start = mention.start + before
                apart.append(replace(mention, id=maker.id, surface=mention.surface[:before], end=start))
                rest = mention.surface[before:]
                blank = len(rest) - len(rest.lstrip(" -·"))
                mention = replace(mention, surface=rest[blank:], start=start + blank)
            apart.append(mention)
        return apart

    def _maker_in(self, surface: str, product: Entity, maker: Entity) -> int:
        known = self._prefixes.get((surface, product.id))
        if known is None:
            known = _length_of_maker(surface, product, maker)
            if len(self._prefixes) < _REMEMBERED:
                self._prefixes[surface, product.id] = known
        return known


def _length_of_maker(surface: str, product: Entity, maker: Entity) -> int:
    """How many characters at the beginning of a product's name are its maker's: 6 of "NVIDIA H100"."""
    folded = fold(surface)
    name = max((fold(each) for each in maker.surfaces if folded.startswith(fold(each))), key=len, default="")
    rest = folded[len(name) :]
    # Where no space or script parts the two (华为昇腾, but 昆仑芯片), what is left must be a name of the product by itself.
    parted = rest[:1] in (" ", "-", "·") or is_han(name[-1:]) > is_han(rest[:1]) or rest in map(fold, product.surfaces)
    return len(name) if name and rest and parted else 0


def _row(field: str, mention: Mention, offset: int) -> MentionRow:
    return MentionRow(
        field, mention.start - offset, mention.end - offset, mention.id, mention.surface, round(mention.confidence, 3)
    )
