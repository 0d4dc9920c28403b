"""A forked script runs as a process of its own does."""

import os
import subprocess
import sys

import pytest

from tests.forks import python

SCRIPT = """
import os, random, sys
import numpy as np
from numba import njit
import beside

@njit
def third(u):
    return u[3] if u.size < 3 else 0.0

print(__name__, __file__, sys.argv, sys.path[0], os.getcwd(), beside.x, os.environ["ASKED"], sys.stdin.read())
try:
    third(np.zeros(2))
except IndexError as error:
    print(error)
print("to the end", file=sys.stderr)
"""


@pytest.mark.parametrize("ending", ["sys.exit('no mesh')", "os.kill(os.getpid(), 9)", "1 / 0"])
def test_a_forked_script_prints_and_ends_as_a_process_does(tmp_path, ending):
    (tmp_path / "beside.py").write_text("x = 5\n")
    (tmp_path / "script.py").write_text(f"{SCRIPT}{ending}\n")
    env = dict(os.environ, ASKED="yes", NUMBA_BOUNDSCHECK="1")
    forked = python("script.py", "a", "b c", cwd=tmp_path, env=env)
    if ending == "1 / 0":  # the traceback has more lines above
        assert (forked.returncode, forked.stderr.splitlines()[-1]) == (
            1,
            "ZeroDivisionError: division by zero",
        )
        return
    command = [sys.executable, "script.py", "a", "b c"]
    alone = subprocess.run(
        command, cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert (forked.returncode, forked.stdout, forked.stderr) == (alone.returncode, alone.stdout, alone.stderr)


def test_each_script_draws_other_numbers(tmp_path):
    (tmp_path / "script.py").write_text(
        "import random, numpy as np\nprint(random.random(), np.random.rand())\n"
    )
    first, second = (python("script.py", cwd=tmp_path, env=dict(os.environ)).stdout.split() for _ in range(2))
    assert first[0] != second[0]
    assert first[1] != second[1]
