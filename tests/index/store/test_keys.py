import hashlib
from datetime import timedelta

import pytest

from index.errors import StoreError
from index.settings import Settings
from index.store.database import Store
from index.store.keys import PREFIX, all_keys, allows, create_key, has_active_key, key_of, note_use, revoke_key
from tests.conftest import NOW


def test_a_key_opens_what_it_was_made_for_and_its_token_is_nowhere_kept(settings: Settings) -> None:
    with Store.open_reader(settings.home) as store:
        token, key = create_key(store, "dashboard", "read", NOW, None)
        assert token.startswith(PREFIX)
        assert len(token) >= len(PREFIX) + 43, "256 bits"
        assert key_of(store, token, NOW) == key
        assert key_of(store, token + "x", NOW) is None
        assert key_of(store, hashlib.sha256(token.encode()).hexdigest(), NOW) is None
    for path in settings.home.glob("chipwire.db*"):
        assert token.encode() not in path.read_bytes()


def test_an_expired_key_opens_nothing(settings: Settings) -> None:
    with Store.open_reader(settings.home) as store:
        token, _ = create_key(store, "trial", "read", NOW, NOW + timedelta(days=1))
        assert key_of(store, token, NOW + timedelta(hours=23)) is not None
        assert key_of(store, token, NOW + timedelta(days=1)) is None
        assert not has_active_key(store, NOW + timedelta(days=2))


def test_a_key_is_revoked_at_once_while_another_process_writes(settings: Settings) -> None:
    with Store.open_writer(settings.home), Store.open_reader(settings.home) as store:
        token, key = create_key(store, "lost laptop", "write", NOW, None)
        assert revoke_key(store, key.id, NOW)
        assert key_of(store, token, NOW) is None
        assert revoke_key(store, key.id, NOW + timedelta(days=1)), "again is no error"
        assert all_keys(store)[0].revoked == NOW
        assert not revoke_key(store, 99, NOW)


def test_a_transaction_that_has_read_goes_on_after_a_key_was_made(settings: Settings) -> None:
    with Store.open_writer(settings.home) as writer, Store.open_reader(settings.home) as reader:
        with writer.atomic():
            writer.meta("database_id")
            with pytest.raises(StoreError):
                note_use(reader, 1, NOW)  # waits for nobody
            writer.set_meta("example", "written")
        create_key(reader, "later", "read", NOW, None)
        assert writer.meta("example") == "written"


def test_the_last_use_is_kept(settings: Settings) -> None:
    with Store.open_reader(settings.home) as store:
        _, key = create_key(store, "tool", "read", NOW, None)
        note_use(store, key.id, NOW + timedelta(hours=1))
        assert all_keys(store)[0].last_used == NOW + timedelta(hours=1)


def test_scopes_include_the_ones_before_them() -> None:
    assert [allows("write", needed) for needed in ("read", "write", "admin")] == [True, True, False]
