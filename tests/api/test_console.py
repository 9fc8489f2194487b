import io
import sys

import pytest

from api import console
from api.console import ProgressLine, highlighted, printable


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def work(progress: ProgressLine) -> None:
    with progress:
        for done in range(101):
            progress("embedding passages", done, 100)


def test_a_terminal_gets_one_line_that_is_cleared_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(console, "_QUIET_SECONDS", 0)
    work(ProgressLine())
    assert "embedding passages" in terminal.getvalue()
    assert "100/100" in terminal.getvalue()
    assert "\n" not in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")


def test_piped_there_is_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(console, "_QUIET_SECONDS", 0)
    work(ProgressLine())
    assert sys.stderr.getvalue() == ""  # type: ignore[attr-defined]


def test_quick_work_shows_nothing_even_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    work(ProgressLine())
    assert terminal.getvalue() == ""


def test_crawled_text_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in printable("title \x1b[2J\x07 end")
    assert highlighted("a &lt;b&gt; <mark>chip</mark>") == "a <b> *chip*"
