"""Decisions of people from the command line: carried out at once, or left for the process that is writing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from api.clock import utc_now
from api.commands.options import settings_of, writing
from api.console import note, print_json
from index.errors import WriterBusy

if TYPE_CHECKING:
    from index.knowledge_base import KnowledgeBase
    from index.store.decisions import Decision

Tell = Callable[["KnowledgeBase", "Decision"], None]


def decide(home: Path | None, what: Mapping[str, object], tell: Tell, *, json: bool, refresh: bool = False) -> None:
    """Carry out a judgement (`index.knowledge.judging`, None for fields that are not given), and `tell` what came of it.

    While another process writes, as the watch always does, the judgement is left in its inbox.

    Raises:
        UsageError, NotFound: as `judge`. WriterBusy: this one cannot wait, or too many do.
    """
    from index.knowledge.judging import judge

    fields = {name: str(value) for name, value in what.items() if value is not None}
    now = utc_now()
    try:
        with writing(settings_of(home)) as (kb, progress):
            tell(kb, judge(kb.curation, kb.ledger, fields, now))
            if refresh:
                kb.refresh(utc_now(), progress)
    except WriterBusy:
        _leave(home, fields, now, json=json)


def _leave(home: Path | None, fields: Mapping[str, str], now: datetime, *, json: bool) -> None:
    from index.knowledge.judging import check
    from index.knowledge_base import KnowledgeBase
    from index.store.inbox import leave_judgement

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        check(kb.curation, kb.ledger, fields)
        leave_judgement(kb.store, fields, now)
    if json:
        print_json({"waiting": True, **fields})
    else:
        note("Another process is writing: it carries this out with what it stores next. chipwire correct list tells.")
