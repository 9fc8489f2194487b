"""Which model a data folder uses: kept in its store, so that every command and server of that folder agrees."""

import json
from dataclasses import asdict, dataclass, replace

from index.settings import Settings
from index.store.database import Store

_KEY, _BEFORE = "model", "model_before"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model with how it is used; see `index.settings.Settings`. An empty name stands for the default model."""

    model: str = ""
    multilingual: bool = False
    query_prompt: str = ""
    document_prompt: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """What a switch replaced: the choice, and the name of the generation that was current."""

    choice: ModelChoice
    generation: str | None


def read_choice(store: Store) -> ModelChoice:
    """The choice of a data folder; the default one where none was ever made."""
    stored = store.meta(_KEY)
    return ModelChoice(**json.loads(stored)) if stored else ModelChoice()


def read_before(store: Store) -> Before | None:
    """What the last switch replaced, None where there is nothing to undo."""
    stored = store.meta(_BEFORE)
    if not stored:
        return None
    values = json.loads(stored)
    return Before(ModelChoice(**values["choice"]), values["generation"])


def save_choice(store: Store, choice: ModelChoice, before: Before | None) -> None:
    """Make `choice` the data folder's, and `before` what an undo goes back to; inside the caller's transaction."""
    store.set_meta(_KEY, json.dumps(asdict(choice)))
    store.set_meta(_BEFORE, json.dumps({"choice": asdict(before.choice), "generation": before.generation}) if before else "")


def with_model(settings: Settings, choice: ModelChoice) -> Settings:
    """`settings` with the model of `choice`; what the environment says of prompts and languages goes before it."""
    return replace(
        settings,
        model=choice.model,
        multilingual=settings.multilingual or choice.multilingual,
        query_prompt=settings.query_prompt or choice.query_prompt,
        document_prompt=settings.document_prompt or choice.document_prompt,
    )
