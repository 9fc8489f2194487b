"""The commands of ``chipwire keys``."""

import re
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from api.clock import utc_now
from api.commands.options import Home, Json, settings_of
from api.console import dim, note, print_json, printable, say
from index.errors import NotFound, UsageError
from index.text.times import day_range, iso

if TYPE_CHECKING:
    from index.store.keys import AccessKey

app = typer.Typer(help="Make, list and revoke the keys that the server asks other machines for.", no_args_is_help=True)

_MAX_NAME = 100
_MAX_DAYS = 36_500


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whom or what the key is for.")],
    scope: Annotated[str, typer.Option(help="read, write (also adds articles) or admin.")] = "read",
    expires: Annotated[str, typer.Option(help="When it ends: 90d, a day such as 2027-06-30, or never.")] = "365d",
    home: Home = None,
    json: Json = False,
) -> None:
    """Make a key and show it, this once."""
    from index.store.database import Store
    from index.store.keys import SCOPES, create_key

    settings, now = settings_of(home), utc_now()
    if scope not in SCOPES:
        raise UsageError(f"--scope {scope!r} is none of {', '.join(SCOPES)}.")
    if not name.strip() or len(name) > _MAX_NAME or not name.isprintable():
        raise UsageError(f"A key's name has 1 to {_MAX_NAME} printable characters.")
    until = expiry(expires, now, settings.zone)
    with Store.open_reader(settings.home) as store:
        token, key = create_key(store, name.strip(), scope, now, until)
    if json:
        print_json({"key": token, **key_document(key, now)})
        return
    say(token)
    ends = f"until {iso(until)}" if until else "for ever"
    note(f"Key {key.id} ({printable(key.name)}) may {scope}, {ends}. It is shown this once: keep it like a password.")


@app.command("list")
def list_(home: Home = None, json: Json = False) -> None:
    """List the keys: what each may do, until when, when it was last used."""
    from index.store.database import Store
    from index.store.keys import all_keys

    now = utc_now()
    with Store.open_reader(settings_of(home).home) as store:
        keys = all_keys(store)
    if json:
        print_json({"keys": [key_document(key, now) for key in keys]})
        return
    say(dim(f"{'id':>4}  {'scope':5}  {'state':8} {'begins with':18} {'expires':10}  {'last used':20}  name"))
    for key in keys:
        ends = f"{key.expires:%Y-%m-%d}" if key.expires else "never"
        used = iso(key.last_used) or "never"
        say(f"{key.id:4}  {key.scope:5}  {key.state(now):8} {key.start + '…':18} {ends:10}  {used:20}  {printable(key.name)}")


@app.command()
def revoke(key: Annotated[int, typer.Argument(help="A key's id, as listed.")], home: Home = None, json: Json = False) -> None:
    """Revoke a key: from the next request on it opens nothing."""
    from index.store.database import Store
    from index.store.keys import revoke_key

    with Store.open_reader(settings_of(home).home) as store:
        if not 0 < key < 2**63 or not revoke_key(store, key, utc_now()):
            raise NotFound(f"There is no key {key}.", hint="See chipwire keys list.")
    if json:
        print_json({"revoked": key})
        return
    say(f"Key {key} is revoked.")


def expiry(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """When a key ends: ``never``, days from now (``90d``), or the beginning of a day.

    Raises:
        UsageError: none of these, or not in the future.
    """
    if text == "never":
        return None
    days = re.fullmatch(r"([0-9]{1,6})d", text)
    if days and 0 < int(days[1]) <= _MAX_DAYS:
        return now + timedelta(days=int(days[1]))
    if days is None:
        moment = day_range(text, zone)[0]
        if moment > now:
            return moment
    raise UsageError(f"--expires {text!r} is not in the future.", hint="Write 90d, a day such as 2027-06-30, or never.")


def key_document(key: "AccessKey", now: datetime) -> dict[str, object]:
    """A key as JSON, without its token."""
    return {
        "id": key.id,
        "name": key.name,
        "begins_with": key.start,
        "scope": key.scope,
        "state": key.state(now),
        "created": iso(key.created),
        "expires": iso(key.expires),
        "last_used": iso(key.last_used),
        "revoked": iso(key.revoked),
    }
