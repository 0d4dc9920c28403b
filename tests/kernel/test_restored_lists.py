"""Lists that a kernel has changed are as Python leaves them, also when it raises what is caught later."""

import pytest

CAUGHT = """
import contextlib
import math
(START,) = map(float, [0])
class Rod:
    def __init__(self, n):
        self.v = [START] * n
        self.f = [math.sin(i) * 1e-3 for i in range(n)]
    def settle(self, tol):
        turns = 0
        while turns >= 0:  # hot
            error = 0.0
            for i in range(1, len(self.v) - 1):
                new = 0.5 * (self.v[i - 1] + self.v[i + 1] - self.f[i])
                error += (new - self.v[i]) ** 2
                self.v[i] = new
            turns += 1
            if error < tol:
                break
            if turns > 30:
                raise RuntimeError("does not converge")
        return turns
rod = Rod(50)
for tol in (1e-3, 1e-30, 1e-30):
    {caught}
    print(sum(rod.v))
"""


@pytest.mark.parametrize(
    "caught",
    [
        "try: print(rod.settle(tol))\n    except RuntimeError: print('stopped')",
        "with contextlib.suppress(RuntimeError): print(rod.settle(tol))",
    ],
)
def test_a_list_changed_before_an_exception_stays_changed(same_output, caught):
    done = same_output(CAUGHT.format(caught=caught))
    assert "finally:\n" in done.text


def test_nothing_is_restored_where_nobody_catches(rewrite):
    done = rewrite(CAUGHT.format(caught="print(rod.settle(max(tol, 1e-7)))"))
    assert done.candidates
    assert "finally:" not in done.text


def test_names_of_the_call_site_are_not_the_script_s_own(same_steps):
    same_steps(
        """
row, values, new_array = [1.0], 3.0, 4.0
old = [[float(i + j) for j in range(6)] for i in range(6)]
new = [each[:] for each in old]
for s in range(3):
    for i in range(1, 5):  # hot
        for j in range(1, 5):
            new[i][j] = 0.25 * (old[i - 1][j] + old[i + 1][j] + old[i][j - 1] + old[i][j + 1])
    old, new = new, old
    if s == 1:
        new = old
print(old, row, values, new_array)
"""
    )
