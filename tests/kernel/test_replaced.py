"""Functions and globals that a program binds, or changes, by other means than by writing their names."""

import pytest

from pdeperf.kernel.replaced import is_replaced_in
from pdeperf.source import Module

START = "import sys\nimport importlib\nimport grid\ndef f(x, a=1.0):\n    return x * a\n"


@pytest.mark.parametrize(
    "text",
    [
        "grid.f = g",
        "f.__defaults__ = (3.0,)",
        "other.__code__ = f.__code__",
        'setattr(grid, "f", g)',
        'setattr(sys.modules[__name__], "f", g)',
        "setattr(grid, name, g)",
        'sys.modules["__main__"].f = g',
        'importlib.import_module("grid").f = g',
        'globals()["f"] = g',
        "globals()[name] = g",
        "globals().update(options)",
        'g.__globals__["f"] = g',
        "grid.__dict__.update(options)",
        'exec("f = g")',
        "exec(text)",
    ],
)
def test_a_function_may_be_replaced(text):
    assert is_replaced_in("f", Module("script.py", START + text + "\n"))


@pytest.mark.parametrize(
    "text",
    [
        "self.f = g",
        'setattr(self, "f", g)',
        'setattr(grid, "g", f)',
        "self.__dict__.update(options)",
        'vars(point)["f"] = 1.0',
        'globals()["g"] = f',
        'print(globals()["f"], f.__code__, f.__defaults__)',
        'exec("g = 3")',
    ],
)
def test_other_things_are_bound(text):
    assert not is_replaced_in("f", Module("script.py", START + text + "\n"))


def test_a_function_whose_defaults_change_is_not_compiled(rewrite):
    done = rewrite("""
import numpy as np
def f(x, a=1.0):
    return x * a
u = np.ones(6)
for step in range(2):
    for i in range(1, 5):  # hot
        u[i] = f(u[i-1])
    f.__defaults__ = (3.0,)
print(u.tolist())
""")
    assert not done.candidates
    assert "may be replaced" in done.reasons
