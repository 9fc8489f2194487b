"""What the store knows, as a value that changes whenever any of it does."""

from index.store.database import Store

_BESIDE = ("alerted_to", "drafted", "sifted_out")
"""Notes in ``meta`` that say nothing of articles."""
_NUMBERED = ("article", "claim", "decision", "story", "story_change")


def knowledge_state(store: Store) -> tuple[object, ...]:
    """Equal to an earlier one only where articles, mentions, claims, stories, decisions and sources are what they were then.

    What people do with issues, searches and keys leaves it as it is. Every transaction that changes the rest moves the change
    log, a number that is given once, or the note of how far a reading has come; of sources, what a reader sees is compared.
    """
    row = store.row("SELECT (SELECT coalesce(max(seq), 0) FROM change), (SELECT coalesce(sum(undone), 0) FROM decision)")
    assert row is not None
    notes = store.rows(
        f"SELECT key, value FROM meta WHERE key NOT IN ({_marks(_BESIDE)}) AND key NOT LIKE 'pushed:%' ORDER BY key", _BESIDE
    )
    numbers = store.rows(f"SELECT name, seq FROM sqlite_sequence WHERE name IN ({_marks(_NUMBERED)}) ORDER BY name", _NUMBERED)
    sources = store.rows("SELECT id, name, kind, language, health FROM source ORDER BY id")
    choices = store.rows("SELECT id, entry, disabled FROM source_choice ORDER BY id")
    return tuple(tuple(map(tuple, rows)) for rows in ([row], notes, numbers, sources, choices))


def _marks(values: tuple[str, ...]) -> str:
    return ",".join("?" * len(values))
