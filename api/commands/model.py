"""The commands of ``chipwire model``."""

from pathlib import Path
from typing import Annotated

import typer

from api.clock import utc_now
from api.commands.options import Home, Json, settings_of, writing
from api.console import print_json, printable, say
from index.errors import UsageError

app = typer.Typer(help="Show or change the embedding model of the data folder.", no_args_is_help=True)


@app.command("show")
def model_show(home: Home = None, json: Json = False) -> None:
    """Show the model in use, and the one that an undo goes back to."""
    from index.knowledge_base import KnowledgeBase
    from index.retrieval.model_choice import read_before
    from index.settings import DEFAULT_MODEL

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        before = read_before(kb.store)
        model = kb.encoder.model_id if kb.encoder else "none"
    previous = None if before is None else before.choice.model or DEFAULT_MODEL
    if json:
        print_json({"model": model, "before": previous})
    else:
        say(model if previous is None else f"{model} (before: {previous}, see chipwire model undo)")


@app.command("use")
def model_use(
    name: Annotated[str, typer.Argument(help="A sentence-transformers model: a name or a local folder.")],
    multilingual: Annotated[bool, typer.Option("--multilingual", help="It reads Chinese itself.")] = False,
    query_prompt: Annotated[str, typer.Option(help="What it wants before a query.")] = "",
    document_prompt: Annotated[str, typer.Option(help="What it wants before a document.")] = "",
    judged: Annotated[Path | None, typer.Option(help="Judged queries to rehearse, as for chipwire eval.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Build and rehearse, but do not change.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Build the index with another model beside the current one, compare the two, and change over."""
    from dataclasses import asdict

    from index.evaluation import read_judgements
    from index.model_change import use_model
    from index.retrieval.model_choice import ModelChoice

    settings = settings_of(home)
    if settings.model:
        raise UsageError("CHIPWIRE_MODEL decides the model.", hint="Unset it to let the data folder decide.")
    queries = read_judgements(judged) if judged else []
    choice = ModelChoice(name, multilingual, query_prompt, document_prompt)
    with writing(settings) as (kb, progress):
        rehearsal = use_model(kb, choice, queries, utc_now(), progress, dry_run=dry_run)
    if json:
        print_json(asdict(rehearsal))
        return
    for each in rehearsal.comparisons:
        scores = "" if each.ndcg_after is None else f"  nDCG@10 {each.ndcg_before:.3f} → {each.ndcg_after:.3f}"
        say(f"{each.shared:4.0%} same{scores}  {printable(each.query)}")
    ndcg = rehearsal.ndcg()
    mean = f", nDCG@10 {ndcg[0]:.3f} → {ndcg[1]:.3f}" if ndcg else ""
    say(f"{rehearsal.before} → {rehearsal.after}: {rehearsal.shared:.0%} of the first ten results stay{mean}")
    say("Changed; chipwire model undo goes back. Restart what serves." if rehearsal.swapped else "Nothing was changed.")


@app.command("undo")
def model_undo(home: Home = None) -> None:
    """Go back to the model before the last change."""
    from index.knowledge_base import KnowledgeBase
    from index.model_change import undo_model
    from index.settings import DEFAULT_MODEL

    with KnowledgeBase.open(settings_of(home), writer=True) as kb:
        choice = undo_model(kb, utc_now())
    say(f"Back to {choice.model or DEFAULT_MODEL}; chipwire refresh brings its index up to date. Restart what serves.")
