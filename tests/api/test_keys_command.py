"""``chipwire keys`` as a user types it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.commands.keys import expiry
from index.errors import UsageError
from index.store.database import Store
from tests.api.test_cli import run
from tests.conftest import NOW


def test_a_key_is_made_shown_once_listed_and_revoked(tmp_path: Path) -> None:
    made = run("keys", "create", "newsroom tool", "--scope", "write", "--expires", "90d", home=tmp_path)
    token = made.stdout.strip()
    assert token.startswith("chipwire_")
    assert "shown this once" in made.stderr
    with Store.open_writer(tmp_path):  # while something else writes
        (listed,) = json.loads(run("keys", "list", "--json", home=tmp_path).stdout)["keys"]
        assert (listed["name"], listed["scope"], listed["state"], listed["last_used"]) == (
            "newsroom tool",
            "write",
            "active",
            None,
        )
        assert token not in json.dumps(listed)
        assert run("keys", "revoke", str(listed["id"]), home=tmp_path).returncode == 0
    assert "revoked" in run("keys", "list", home=tmp_path).stdout
    assert run("keys", "revoke", "7", home=tmp_path).returncode == 1
    assert run("keys", "create", "x", "--scope", "all", home=tmp_path).returncode == 2


def test_a_key_ends_after_days_on_a_day_or_never() -> None:
    assert expiry("never", NOW, UTC) is None
    assert expiry("90d", NOW, UTC) == datetime(2024, 8, 30, 12, tzinfo=UTC)
    assert expiry("2027-06-30", NOW, UTC) == datetime(2027, 6, 30, tzinfo=UTC)
    for wrong in ("2020-01-01", "0d", "999999d", "soon"):
        with pytest.raises(UsageError):
            expiry(wrong, NOW, UTC)
