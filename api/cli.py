"""The command line. Each command maps onto one function of the library; heavy imports happen where they are needed."""

import os
import sys
from typing import NoReturn

import typer

from api.commands import collecting, curating, issues, keys, ledger, model, reading, running, searches, sources, stories
from api.commands.options import Home, home_before_the_command
from api.console import note, printable
from api.errors import FAILED, exit_code
from index.errors import ChipwireError

app = typer.Typer(
    name="chipwire",
    help="The AI-chip newswire you can search: English and Chinese, with sources.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def everything(home: Home = None) -> None:
    """``--home`` may stand before the command as well as behind it."""
    home_before_the_command.set(home)


for _name, _command in (
    ("crawl", collecting.crawl),
    ("import", collecting.import_),
    ("extract", collecting.extract),
    ("reextract", collecting.reextract),
    ("refresh", collecting.refresh),
    ("reprocess", ledger.reprocess),
    ("search", reading.search),
    ("entities", reading.entities),
    ("claims", ledger.claims),
    ("timeline", ledger.timeline),
    ("compare", ledger.compare),
    ("stories", stories.stories),
    ("status", running.status),
    ("serve", running.serve),
    ("mcp", running.mcp),
    ("demo", running.demo),
    ("eval", running.evaluate),
):
    app.command(_name)(_command)
app.add_typer(issues.app, name="digest")
app.add_typer(ledger.app, name="ledger")
app.add_typer(sources.app, name="sources")
app.add_typer(searches.app, name="searches")
app.add_typer(model.app, name="model")
app.add_typer(keys.app, name="keys")
app.add_typer(curating.review_app, name="review")
app.add_typer(curating.proposals_app, name="proposals")
app.add_typer(curating.correct_app, name="correct")
app.add_typer(curating.catalogue_app, name="catalogue")


def main() -> NoReturn:
    """Run the command line; every `ChipwireError` becomes one line on stderr and its exit code."""
    try:
        app(prog_name="chipwire")
    except ChipwireError as error:
        note(f"chipwire: {printable(str(error))}")
        sys.exit(exit_code(error))
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    sys.exit(0)
