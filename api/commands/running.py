"""Commands that run, show and measure the whole."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.clock import utc_now
from api.commands.options import Home, Json, settings_of
from api.console import ProgressLine, print_json, printable, say


def status(home: Home = None, json: Json = False) -> None:
    """Show the state of the data folder."""
    from api.documents import status_document
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        state = kb.status()
    if json:
        print_json(status_document(state))
        return
    for label, value in (
        ("data folder", str(state.home)),
        ("articles", f"{state.articles:,}"),
        ("passages", f"{state.passages:,} stored, {state.indexed_passages:,} indexed"),
        ("pending changes", f"{state.pending:,}"),
        ("index generation", f"{state.generation} of {state.generation_created}" if state.generation else "none yet"),
        ("index", state.index_kind),
        ("index size", ", ".join(f"{name} {size / 1e6:,.1f} MB" for name, size in state.index_bytes.items()) or "none"),
        ("model", state.model),
        ("entities, lexicon", f"{state.entities:,}, {state.lexicon:,}"),
    ):
        say(f"{label:18} {value}")
    if state.trouble:
        say(f"{'trouble':18} {state.trouble}")
    if state.sifted_out:
        say(f"{'sifted out':18} {state.sifted_out:,} of imported files, as off topic")
    if not state.sources:
        return
    left_out = sum(view.left_out for view in state.sources)
    if left_out:
        say(f"{'left out':18} {left_out:,} as off topic (chipwire sources show ID says which and why)")
    health = Counter(view.record.health for view in state.sources if view.record.health)
    if health:
        say(f"{'sources':18} {', '.join(f'{count} {name}' for name, count in health.most_common())}")
    say()
    columns = f"{'health':8} {'since':10}  {'last good':16} {'articles':>8} {'left out':>8}"
    say(f"{'source':28} {columns}  what came of the last crawl")
    for view in sorted(state.sources, key=lambda view: view.record.health in (None, "ok")):
        record = view.record
        since = record.health_since.strftime("%Y-%m-%d") if record.health_since else ""
        good = record.last_success.strftime("%Y-%m-%d %H:%M") if record.last_success else "never" if record.last_crawl else ""
        row = f"{printable(record.id):28} {record.health or '-':8} {since:10}  {good:16} {view.articles:8,} {view.left_out:8,}"
        say(f"{row}  {printable(record.words)}")


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
    home: Home = None,
) -> None:
    """Serve the API and the web pages."""
    from api.server import serve as run

    settings = settings_of(home)
    run(replace(settings, host=host or settings.host, port=settings.port if port is None else port))


def mcp(home: Home = None) -> None:
    """Serve an agent over MCP on stdin and stdout; chipwire serve does so over HTTP under /mcp."""
    from api.mcp_server import run_stdio
    from api.openapi import VERSION
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home)) as kb:
        run_stdio(kb, utc_now, VERSION)


def demo(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of the web pages.")] = None,
    home: Home = None,
) -> None:
    """Crawl a bilingual demo newsroom on this machine, index it, and serve it."""
    from api.demo import run_demo

    settings = settings_of(home)
    run_demo(replace(settings, port=settings.port if port is None else port))


def evaluate(
    file: Annotated[Path, typer.Argument(help="JSONL of judged queries: {query, relevant: {url or article id: grade}}.")],
    topics: Annotated[Path | None, typer.Option(help="The queries, where FILE is TREC qrels: topic, tab, query.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="Depth of the ranking.")] = 10,
    lexical: Annotated[bool, typer.Option("--lexical", help="By words only.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Measure the ranking against judged queries: nDCG, recall, MRR, with 95 % intervals."""
    from dataclasses import asdict

    from index.evaluation import evaluate as measure
    from index.evaluation import read_judgements
    from index.knowledge_base import KnowledgeBase

    judged = read_judgements(file, topics)
    with KnowledgeBase.open(settings_of(home), lexical_only=lexical) as kb, ProgressLine() as progress:
        scores = measure(kb, judged, k, utc_now(), progress, mode="lexical" if lexical else "hybrid")
    if json:
        print_json(asdict(scores))
        return
    say(f"{scores.queries} answerable queries, {scores.lost:.1%} got no answer")
    for name, mean in (
        (f"nDCG@{k}", scores.ndcg),
        (f"recall@{k}", scores.recall),
        ("recall@100", scores.deep_recall),
        (f"MRR@{k}", scores.mrr),
    ):
        say(f"{name:11} {mean.value:.3f}  (95 % interval {mean.low:.3f} to {mean.high:.3f})")
    if scores.unanswerable:
        say(f"{scores.unanswerable} unanswerable queries, {scores.refused:.1%} got no answer, as they should")
