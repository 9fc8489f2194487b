"""Summaries by an OpenAI-compatible endpoint: asked for over HTTP, held against their sources, kept as edits of the draft."""

import json
import secrets
import urllib.request
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from index.digest.bound import bound_summary, request_for
from index.digest.compose import longer_extract
from index.errors import SettingsError, UnreachableError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings

TIMEOUT = 120.0
_MOST_BYTES = 1_000_000
_MOST_STORIES = 40
_EDITOR = "summaries"


def ask(settings: Settings, body: dict[str, object]) -> str:
    """The answer's text. Raises UnreachableError: there is none that can be read."""
    request = urllib.request.Request(
        f"{settings.summary_url}/chat/completions",
        json.dumps(body).encode(),
        {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {settings.summary_key}"} if settings.summary_key else {}),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            document: Any = json.loads(answer.read(_MOST_BYTES))
        text = document["choices"][0]["message"]["content"]
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise UnreachableError(f"{settings.summary_url} gave no summary: {type(error).__name__} {str(error)[:100]}.") from None
    if not isinstance(text, str) or not text.strip():
        raise UnreachableError(f"{settings.summary_url} gave an empty summary.")
    return text


def summarise(
    kb: KnowledgeBase, settings: Settings, week: str, clock: Callable[[], datetime], log: Callable[[str], None]
) -> Counter[str]:
    """Have the summaries of a week's first stories written that no editor wrote, and keep them as edits.

    Every sentence that says more than the source sentences it names gives way to the first of these; each refusal is logged.

    Returns:
        How many summaries were ``written`` or ``failed``, and sentences ``refused``.

    Raises:
        SettingsError: no endpoint is set. UnreachableError: somebody is editing the issue.
    """
    if not settings.summary_url or not settings.summary_model:
        raise SettingsError("No endpoint writes summaries.", hint="Set CHIPWIRE_SUMMARY_URL and CHIPWIRE_SUMMARY_MODEL.")
    fared: Counter[str] = Counter(written=0, refused=0, failed=0)
    token = secrets.token_hex(16)
    hold = kb.issues.hold(week, _EDITOR, token, clock())
    if hold.token != token:
        raise UnreachableError(
            f"{hold.holder} is editing the issue of {week}.", hint="Have the summaries written when they are done."
        )
    draft = kb.issues.draft(week)
    edits = draft.edits
    try:
        for entry in draft.digest.entries[:_MOST_STORIES]:
            spans = longer_extract(entry, kb.reading)
            if edits.of(entry.story_id).summary or not spans:
                continue
            try:
                answer = ask(settings, request_for(entry, spans, settings.summary_model))
            except UnreachableError as error:
                log(f"story {entry.story_id}: {error}")
                fared["failed"] += 1
                continue
            names = {c.article.id: c.source_name for c in entry.coverage}
            bound = bound_summary(answer, spans, names, kb.reading)
            for each in bound:
                if each.refused:
                    log(f"story {entry.story_id}: refused ({each.refused}): {each.written}")
                    fared["refused"] += 1
            # Where nothing of it may stand, the extract says it better.
            if any(not each.refused for each in bound):
                text = " ".join(each.text for each in bound if each.text)
                edits = edits.with_entry(entry.story_id, summary=text)
                fared["written"] += 1
            if kb.issues.save(week, edits, token, clock()) is None:
                raise UnreachableError(f"Somebody took over the issue of {week}; the summaries so far are kept.")
    finally:
        kb.issues.leave(week, token)
    return fared
