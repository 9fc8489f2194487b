"""What a person decides about names and claims, as fields that can be kept: carried out at once, or by whoever writes next."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from index.errors import ChipwireError, NotFound, UsageError, WriterBusy
from index.knowledge.corrections import ON_CATALOGUE
from index.knowledge.curation import Curation
from index.knowledge.ledger.ledger import Ledger
from index.store.database import Store
from index.store.decisions import Decision
from index.store.inbox import judgements, settle

logger = logging.getLogger(__name__)

_KEPT = timedelta(days=7)
"""How long it is told that a judgement could not be carried out."""


def judge(curation: Curation, ledger: Ledger, what: Mapping[str, str], now: datetime) -> Decision:
    """Carry out what `what` says: its ``what`` is a kind, its other fields are those that the kind needs.

    ``link`` and ``unlink``: ``article``, ``name``, ``entity``, and ``at``, a place of the text, where only the sentence there
    is meant; ``refuse``: ``name``, which is not to be proposed again; ``wrong``: ``claim``; ``change``: ``claim`` and ``to``,
    an object in JSON; ``undo``: ``decision``, of either kind. All but the last may have a ``note``.

    Raises:
        UsageError: a field is missing or no number. NotFound: what it is about is not there.
    """
    kind, note = what.get("what", ""), what.get("note")
    if kind in ("link", "unlink"):
        article, name, at = _number(what, "article"), what.get("name", ""), _place(what)
        if kind == "link":
            return curation.link(article, name, what.get("entity", ""), now, note, at=at)
        return curation.unlink(article, name, what.get("entity"), now, note, at=at)
    if kind == "refuse":
        return curation.refuse(what.get("name", ""), now, note)
    if kind == "wrong":
        return ledger.mark_wrong(_number(what, "claim"), now, note)
    if kind == "change":
        return ledger.change(_number(what, "claim"), json.loads(what.get("to", "{}")), now, note)
    if kind == "undo":
        number = _number(what, "decision")
        if any(each.id == number for each in curation.decided()):
            return curation.undo(number, now)
        _holding(curation, ledger, number)
        return ledger.undo(number, now)
    raise UsageError("That is nothing that can be decided here.")


def check(curation: Curation, ledger: Ledger, what: Mapping[str, str]) -> None:
    """Look for what a judgement is about, as far as that can be done without writing.

    Raises:
        UsageError, NotFound: as `judge`. WriterBusy: it concerns the catalogue, and cannot wait.
    """
    kind = what.get("what", "")
    if kind in ("link", "unlink"):
        curation.place(_number(what, "article"), what.get("name", ""), _place(what))
        if kind == "link" or "entity" in what:
            curation.entity(what.get("entity", ""))
    elif kind in ("wrong", "change"):
        ledger.claim(_number(what, "claim"))
    elif kind == "undo":
        if _holding(curation, ledger, _number(what, "decision")).kind in ON_CATALOGUE:
            # Whoever is writing goes on with the catalogue that it began with.
            raise WriterBusy("Another process is writing, with the catalogue as it is.", hint="Stop it, and try again.")


def carry_out(store: Store, curation: Curation, ledger: Ledger, now: datetime) -> None:
    """Carry out what waits, as of when it was decided. What cannot be is kept with the reason for a week, and warned of."""
    for each in judgements(store):
        if each.why is not None:
            if now - each.made > _KEPT:
                settle(store, each.number, None)
            continue
        try:
            judge(curation, ledger, each.what, each.made)
        except ChipwireError as error:
            logger.warning("A decision could not be carried out: %s", error.message)
            settle(store, each.number, error.message)
        else:
            settle(store, each.number, None)


def _holding(curation: Curation, ledger: Ledger, number: int) -> Decision:
    decision = next((each for each in (*curation.decided(), *ledger.corrections()) if each.id == number), None)
    if decision is None:
        raise NotFound(
            f"There is no decision {number} that holds.", hint="See chipwire correct list and chipwire ledger corrections."
        )
    return decision


def _place(what: Mapping[str, str]) -> int | None:
    return _number(what, "at") if "at" in what else None


def _number(what: Mapping[str, str], name: str) -> int:
    text = what.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise UsageError(f"{name} must be a number.")
    return int(text)
