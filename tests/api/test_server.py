from dataclasses import replace

import pytest

from api.clock import utc_now
from api.server import check_access
from index.errors import SettingsError
from index.settings import Settings
from index.store.database import Store
from index.store.keys import create_key, revoke_key


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])
def test_an_address_that_other_machines_reach_needs_a_key_that_is_active(settings: Settings, host: str) -> None:
    settings = replace(settings, host=host)
    with pytest.raises(SettingsError, match="needs access keys, and there is none"):
        check_access(settings)
    with Store.open_reader(settings.home) as store:
        _, key = create_key(store, "tool", "read", utc_now(), None)
        check_access(settings)
        revoke_key(store, key.id, utc_now())
    with pytest.raises(SettingsError, match="there is none"):
        check_access(settings)


def test_this_machine_alone_needs_none_unless_told_so(settings: Settings) -> None:
    check_access(settings)
    with pytest.raises(SettingsError, match="there is none"):
        check_access(replace(settings, require_keys=True))
