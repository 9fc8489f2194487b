"""Everything that reads text for meaning, built once from the catalogue and the lexicon and passed down together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from index.knowledge.claims.extract import ClaimReader
from index.knowledge.entities import Catalogue, load_catalogue
from index.knowledge.gloss import Glosser, load_lexicon
from index.knowledge.linker import Linker, Mention
from index.knowledge.spelling import NameSpeller
from index.store.articles import MentionRow
from index.text.fold import fold


@dataclass(frozen=True)
class Reading:
    """The catalogue with its linker, and the lexicon with its glosser and segmenter."""

    catalogue: Catalogue
    linker: Linker
    glosser: Glosser

    @cached_property
    def speller(self) -> NameSpeller:
        """Made when the first unknown word is met."""
        return NameSpeller(self.catalogue)

    @cached_property
    def claims(self) -> ClaimReader:
        """Made when the first article is read for claims."""
        return ClaimReader(self.catalogue)

    @classmethod
    def build(cls) -> "Reading":
        """Read the data files that Chipwire ships (a few tens of milliseconds)."""
        catalogue = load_catalogue()
        linker = Linker(catalogue)
        return cls(catalogue, linker, Glosser(load_lexicon(), catalogue, linker))

    def warm(self) -> None:
        """Load what is otherwise loaded at the first text: the segmenter's dictionary, and the lexicon from English."""
        self.glosser.words("芯片 chip")
        self.glosser.chinese_for("chip")

    def link(self, title: str, text: str) -> list[MentionRow]:
        """Mentions in an article. The title is read together with the first lines, which give it context."""
        rows: list[MentionRow] = []
        joined = f"{title}\n{text}"
        offset = len(title) + 1
        for mention in self._with_makers(self.linker.find(joined)):
            if mention.end <= len(title):
                rows.append(_row("title", mention, 0))
            elif mention.start >= offset:
                rows.append(_row("text", mention, offset))
        return rows

    def _with_makers(self, mentions: Sequence[Mention]) -> Iterator[Mention]:
        """ "NVIDIA H100" names the company too, though the longest match is the chip."""
        for mention in mentions:
            yield mention
            entity = self.catalogue.get(mention.id)
            maker = self.catalogue.get(entity.maker) if entity is not None and entity.maker else None
            if maker is None:
                continue
            folded = fold(mention.surface)
            name = max((fold(each) for each in maker.surfaces if folded.startswith(fold(each))), key=len, default="")
            if name and len(name) < len(folded):
                end = mention.start + len(name)
                yield Mention(maker.id, mention.surface[: len(name)], mention.start, end, mention.confidence)


def _row(field: str, mention: Mention, offset: int) -> MentionRow:
    return MentionRow(
        field, mention.start - offset, mention.end - offset, mention.id, mention.surface, round(mention.confidence, 3)
    )
