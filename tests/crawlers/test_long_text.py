"""No text takes long to read, whatever it is made of: a regular expression that backtracks would be found here."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import clean_environment

CPU_SECONDS = 90
"""For everything together, which takes a tenth of it; what grows with the square of the length takes more for one text."""


def test_twenty_thousand_characters_of_anything_are_read_in_no_time() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.crawlers.long_text", str(CPU_SECONDS)],
        capture_output=True,
        text=True,
        timeout=6 * CPU_SECONDS,
        env=clean_environment(),
        check=False,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert answer.stdout.endswith("done\n"), f"it ended in: {answer.stdout.splitlines()[-1]} {answer.stderr[-500:]}"
