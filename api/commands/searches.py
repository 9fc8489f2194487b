"""Commands on saved searches: saving, what they told, where it went, delivering."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.clock import utc_now
from api.commands.options import Home, Json, settings_of
from api.console import bold, dim, note, print_json, printable, say
from api.errors import FAILED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.store.outbox import Attempt, Delivery
    from index.store.searches import SavedSearch

app = typer.Typer(help="Saved searches, which tell of articles as they are indexed.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of a saved search, or its id.")]
Many = Annotated[int, typer.Option("-k", min=1, max=1000, help="How many.")]


@app.command("list")
def list_(home: Home = None, json: Json = False) -> None:
    """List the saved searches."""
    from api.alert_documents import saved_searches_document
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        found = kb.searches.all()
    if json:
        print_json(saved_searches_document(found))
        return
    for each in found:
        last = f", the last {each.last_alert:%Y-%m-%d %H:%M}" if each.last_alert else ""
        say(
            f"{each.id:5}  {bold(printable(each.name))}: {printable(each.query)}{_narrowed(each)}  {each.alerts:,} alerts{last}"
        )
        if each.trouble:
            note(f"       it cannot be asked: {printable(each.trouble)}")
    if not found:
        say('None is saved yet. chipwire searches add "Maia" "microsoft maia" saves one.')


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="A name for it.")],
    query: Annotated[str, typer.Argument(help="As for chipwire search, with all its operators.")],
    lang: Annotated[list[str] | None, typer.Option(help="en or zh.")] = None,
    entity: Annotated[list[str] | None, typer.Option(help="Only articles that name this entity.")] = None,
    about: Annotated[list[str] | None, typer.Option(help="Only articles that are about this entity.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only articles of this source.")] = None,
    new_claims: Annotated[
        bool, typer.Option("--new-claims", help="Only what claims something that nobody did before.")
    ] = False,
    webhook: Annotated[str | None, typer.Option(help="An address that gets alerts as signed JSON.")] = None,
    mail: Annotated[list[str] | None, typer.Option(help="A recipient of alerts by mail; several may be given.")] = None,
    every: Annotated[str, typer.Option(help="When alerts are mailed: once (each at once), daily or weekly.")] = "once",
    home: Home = None,
    json: Json = False,
) -> None:
    """Save a search; articles that are indexed from now on are matched with it."""
    from api.alert_documents import saved_search_document
    from api.webhooks import refusal
    from index.alerts.desk import Wanted
    from index.knowledge_base import KnowledgeBase

    settings = settings_of(home)
    with KnowledgeBase.open(settings, lexical_only=True) as kb:
        filters = {
            "lang": lang or [],
            "entity": [kb.resolve_entity(each) for each in entity or ()],
            "about": [kb.resolve_entity(each) for each in about or ()],
            "source": source or [],
        }
        wanted = Wanted(name, query, filters, new_claims, webhook, mail or (), every)
        made = kb.searches.add(wanted, utc_now(), lambda url: refusal(url, settings.loopback_ports))
    if made.mail and not settings.smtp_host:
        note("No mail is sent before CHIPWIRE_SMTP_HOST is set.")
    if json:
        print_json(saved_search_document(made, secret=True))
        return
    say(f"Saved as number {made.id}. Its feed is /api/v1/feeds/atom/searches/{made.id}, its page /searches/{made.id}.")
    if made.secret:
        say(f"What goes to the webhook is signed with {made.secret} (shown once).")


@app.command()
def show(name: Name, k: Many = 20, home: Home = None, json: Json = False) -> None:
    """Show a saved search and its alerts, newest first, each with why it matched."""
    from api.alert_documents import alerts_document
    from index.alerts.documents import why_line
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        found = kb.searches.get(name)
        alerts = kb.searches.alerts(found.id, k)
    if json:
        print_json(alerts_document(found, alerts, k))
        return
    say(f"{bold(printable(found.name))}: {printable(found.query)}{_narrowed(found)}")
    where = [*([found.webhook] if found.webhook else []), *(f"{each} ({found.mail_every})" for each in found.mail)]
    say(dim(f"{found.alerts:,} alerts since {found.created:%Y-%m-%d}; also to {printable(', '.join(where)) or 'nowhere'}"))
    for alert in alerts:
        body = alert.body
        say()
        say(f"{bold(printable(body['title']))}")
        say(
            dim(
                f"   {alert.made:%Y-%m-%d %H:%M} · {printable(body['source_name'])} · {body['lang']} · {printable(body['url'])}"
            )
        )
        say(f"   {printable(why_line(body))}")


@app.command()
def remove(name: Name, home: Home = None, json: Json = False) -> None:
    """Remove a saved search with its alerts and what waits to be delivered."""
    from api.alert_documents import saved_search_document
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        gone = kb.searches.remove(name)
    if json:
        print_json(saved_search_document(gone))
    else:
        say(f"Removed {printable(gone.name)}.")


@app.command()
def deliveries(name: Name, k: Many = 20, home: Home = None, json: Json = False) -> None:
    """Show where alerts of a saved search went, with every attempt."""
    from api.alert_documents import deliveries_document
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        found = kb.searches.deliveries(kb.searches.get(name).id, k)
    if json:
        print_json(deliveries_document(found))
    else:
        _say_deliveries(found)


@app.command("test")
def send_test(name: Name, home: Home = None, json: Json = False) -> None:
    """Send what a saved search would tell now to everywhere that its alerts go, and say what came of it."""
    from api.alert_documents import deliveries_document
    from api.alerting import put_test
    from api.delivery import deliver
    from index.knowledge_base import KnowledgeBase

    settings = settings_of(home)
    with KnowledgeBase.open(settings) as kb:
        search = kb.searches.get(name)
        keys = put_test(kb, search, utc_now())
        deliver(kb.store, settings, utc_now)
        found = [each for each in kb.searches.deliveries(search.id, 1000) if each[0].key in keys]
    if json:
        print_json(deliveries_document(found))
    else:
        _say_deliveries(found)
    if any(delivery.state != "done" for delivery, _ in found):
        raise typer.Exit(FAILED)


@app.command("deliver")
def deliver_(home: Home = None, json: Json = False) -> None:
    """Deliver what is due now, where neither serve nor crawl --watch runs."""
    from api.delivery import deliver
    from index.store.database import Store
    from index.store.outbox import count_waiting

    settings = settings_of(home)
    with Store.open_reader(settings.home) as store:
        tried = deliver(store, settings, utc_now)
        waiting = count_waiting(store)
    if json:
        print_json({"attempts": tried, "waiting": waiting})
    else:
        say(f"{tried:,} attempts; {waiting:,} deliveries wait.")


def _narrowed(search: "SavedSearch") -> str:
    parts = [f"{key} {' or '.join(values)}" for key, values in search.filters.items()]
    parts += ["new claims only"] if search.new_claims else []
    return printable(f" ({', '.join(parts)})") if parts else ""


def _say_deliveries(found: "Sequence[tuple[Delivery, Sequence[Attempt]]]") -> None:
    for delivery, attempts in found:
        due = f", again at {delivery.due:%Y-%m-%d %H:%M:%S}" if delivery.state == "waiting" and attempts else ""
        what = f"{delivery.state:8} {delivery.kind} {printable(delivery.target)}{due}"
        say(f"{delivery.id:6}  {delivery.made:%Y-%m-%d %H:%M:%S}  {what}")
        for each in attempts:
            say(dim(f"        {each.moment:%Y-%m-%d %H:%M:%S}  {printable(each.outcome)}"))
    if not found:
        say("Nothing was to be delivered.")
