"""What a person decides about names and claims, as fields that can be kept: carried out at once, or by whoever writes next."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from index.errors import ChipwireError, UsageError
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

    ``link`` and ``unlink``: ``article``, ``name``, ``entity``; ``refuse``: ``name``, which is not to be proposed again;
    ``wrong``: ``claim``; ``undo``: ``decision``, of either kind.

    Raises:
        UsageError: a field is missing or no number. NotFound: what it is about is not there.
    """
    kind = what.get("what", "")
    if kind == "link":
        return curation.link(_number(what, "article"), what.get("name", ""), what.get("entity", ""), now)
    if kind == "unlink":
        return curation.unlink(_number(what, "article"), what.get("name", ""), what.get("entity"), now)
    if kind == "refuse":
        return curation.refuse(what.get("name", ""), now)
    if kind == "wrong":
        return ledger.mark_wrong(_number(what, "claim"), now, None)
    if kind == "undo":
        number = _number(what, "decision")
        on_entities = any(each.id == number for each in curation.decided())
        return curation.undo(number, now) if on_entities else ledger.undo(number, now)
    raise UsageError("That is nothing that can be decided here.")


def carry_out(store: Store, curation: Curation, ledger: Ledger) -> None:
    """Carry out what waits, as of when it was decided. What cannot be is kept with the reason for a week, and warned of."""
    left = judgements(store)
    newest = max((each.made for each in left), default=None)
    for each in left:
        if each.why is not None:
            if newest is not None and newest - each.made > _KEPT:
                settle(store, each.number, None)
            continue
        try:
            judge(curation, ledger, each.what, each.made)
        except ChipwireError as error:
            logger.warning("A decision could not be carried out: %s", error.message)
            settle(store, each.number, error.message)
        else:
            settle(store, each.number, None)


def _number(what: Mapping[str, str], name: str) -> int:
    text = what.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise UsageError(f"{name} must be a number.")
    return int(text)
