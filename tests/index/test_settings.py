from pathlib import Path

import pytest

from index.errors import SettingsError
from index.settings import Settings


def test_settings_come_from_the_environment_and_home_from_the_command_line_wins() -> None:
    settings = Settings.from_env({"CHIPWIRE_HOME": "a", "CHIPWIRE_PORT": "9", "CHIPWIRE_TIMEZONE": "Asia/Taipei", "PATH": "x"})
    assert (settings.home, settings.port, settings.zone.key) == (Path("a"), 9, "Asia/Taipei")
    assert Settings.from_env({"CHIPWIRE_HOME": "a"}, Path("b")).home == Path("b")


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "x"), ("PORT", "70000"), ("TIMEZONE", "Mars/Base"), ("DEVICE", "tpu"), ("MULTILINGUAL", "maybe"),
     ("LOOPBACK_PORTS", "80,x"), ("CONTACT", "a\nb"), ("HOEM", "a")],
)  # fmt: skip
def test_an_unreadable_or_misspelt_setting_is_one_clear_error(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"CHIPWIRE_{name}"):
        Settings.from_env({f"CHIPWIRE_{name}": value})
