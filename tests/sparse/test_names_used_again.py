"""A counter is one index, whatever its name holds elsewhere in a script."""

from rewriting import candidates, run

TEXT = """
import numpy as np
from scipy.sparse import lil_matrix
cells = [[k, k + 1, k + 3] for k in range(6)]
A = lil_matrix((9, 9))
for t in cells:
    for a in range(3):
        if t[a] > 4:
            break
        A[t[a], a] += 1.5
a = A.tocsr() @ np.ones(9)
for step in range(3):
    a = 0.5 * a
"""


def test_a_counter_whose_name_is_an_arrays_later_is_one_index(tmp_path):
    (tmp_path / "script.py").write_text(TEXT)
    (found,) = candidates(TEXT, tmp_path, "coo-assembly")[:1]
    assert (run(TEXT, tmp_path)[0]["a"] == run(found.patches[0].after, tmp_path)[0]["a"]).all()
