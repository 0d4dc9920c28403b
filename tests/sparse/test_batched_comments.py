"""Comments stay with their statements when a loop is computed at once."""

from rewriting import candidates

TEXT = """
import numpy as np
from scipy.sparse import lil_matrix
n = 6
b = np.zeros(n)
A = lil_matrix((n, n))
for i in range(n):  # the unknowns
    k = i  # their number
    # at the ends
    if i == 0 or i == n - 1:
        A[k, k] = 1.0
    else:
        # three points
        # in a row
        A[k, k - 1] = -1.0  # west
        A[k, k] = 2.0
        A[k, k + 1] = -1.0
        for m in range(2):
            b[k] += 0.5 * m  # load
"""


def test_comments_stay_with_their_statements(tmp_path):
    after = candidates(TEXT, tmp_path, "coo-assembly")[0].patches[0].after
    lines = [line.strip() for line in after.splitlines()]
    assert "k = i  # their number" in lines
    assert lines[lines.index("# at the ends") + 1].startswith("here = ")
    at = lines.index("# three points")
    assert lines[at + 1] == "# in a row" and lines[at + 2].endswith("# west")
    assert lines[lines.index("# the unknowns") + 1].startswith("A_stores = entries_of_A(")
    assert sum("# load" in line for line in lines) == 1
    for comment in ("their number", "at the ends", "three points", "in a row", "west", "the unknowns"):
        assert after.count(comment) == 1
