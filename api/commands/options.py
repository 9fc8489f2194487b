"""What commands share: the data folder, the form of the output, and opening the knowledge base for writing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.console import ProgressLine
from api.process import give_way
from index.settings import Settings

if TYPE_CHECKING:
    from index.knowledge_base import KnowledgeBase

Home = Annotated[Path | None, typer.Option("--home", help="The data folder (default: CHIPWIRE_HOME or ./chipwire-data).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
NoRefresh = Annotated[bool, typer.Option("--no-refresh", help="Only store; leave the indexes for chipwire refresh.")]

home_before_the_command: ContextVar[Path | None] = ContextVar("home", default=None)


def settings_of(home: Path | None) -> Settings:
    """The settings of this run; ``--home`` may stand before the command as well as behind it."""
    return Settings.from_env(os.environ, home or home_before_the_command.get())


@contextmanager
def writing(settings: Settings) -> Iterator[tuple["KnowledgeBase", ProgressLine]]:
    """The knowledge base open for writing, with a line for progress; searches of other processes go first."""
    from index.knowledge_base import KnowledgeBase

    give_way()
    with KnowledgeBase.open(settings, writer=True) as kb, ProgressLine() as progress:
        yield kb, progress
