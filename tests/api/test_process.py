import os
import subprocess
import sys

import pytest

from api.process import process_memory


@pytest.mark.skipif(not hasattr(os, "nice"), reason="this system has no niceness")
def test_a_process_that_indexes_gives_way_to_others() -> None:
    code = "import os; from api.process import give_way; before = os.nice(0); give_way(); print(os.nice(0) - before)"
    assert int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) > 0


def test_the_memory_of_a_process_is_at_least_that_of_an_interpreter() -> None:
    memory = process_memory()
    assert memory is None or memory > 5_000_000
