"""How the index of a data folder stands, told without loading the model or FAISS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import IndexUnavailable
from index.knowledge.reading import Reading
from index.retrieval import generation
from index.retrieval.encoder import Encoder
from index.retrieval.refresh import recipe_of


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest generation: ``number`` None where there is none; ``trouble`` is why it does not serve as it should."""

    number: int | None = None
    created: str | None = None
    passages: int = 0
    sequence: int = 0
    kind: str = "none"
    trouble: str | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)


def standing(home: Path, reading: Reading, encoder: Encoder | None) -> Standing:
    """The index of the data folder `home` for those that read and encode like this."""
    folders = generation.candidates(home)[:1]
    if not folders:
        return Standing()
    [folder] = folders
    sizes = generation.sizes(folder)
    try:
        manifest = generation.read_manifest(folder)
        generation.verify(folder, manifest)
    except IndexUnavailable as error:
        return Standing(trouble=str(error), sizes=sizes)
    model = encoder.model_id if encoder is not None else ""
    fits = manifest.model == model and manifest.recipe == recipe_of(reading, encoder)
    return Standing(
        manifest.number,
        manifest.created,
        manifest.passages,
        manifest.sequence,
        f"{manifest.model}, {manifest.dimension}-d" if manifest.model else "lexical only",
        None if fits else "The index was built with another model, lexicon or catalogue. Run chipwire refresh.",
        sizes,
    )
