"""Lists of tuples, ``for left, right, area in faces``: an array for each place."""

MESH = """
import sys
import numpy as np

class Mesh:
    def __init__(self, n):
        self.n = n
        self.faces = []
        for k in range(n - 1):
            self.faces.append((k, k + 1, 0.5 + 0.1 * k))

def fluxes(mesh, T):
    q = np.zeros(mesh.n)
    for left, right, area in mesh.faces:
        one = area * (T[right] - T[left])
        q[left] += one
        q[right] -= one
    return q
"""


def test_faces_as_tuples_become_arrays(same_output):
    done = same_output(
        MESH
        + """
mesh = Mesh(9)
T = np.linspace(1.0, 0.0, 9) ** 2
for step in range(5):  # hot
    T += 0.1 * fluxes(mesh, T)
print(T.tolist())
"""
    )
    assert "in zip(faces_left, faces_right, faces_area):" in done.text
    assert "are_rows(mesh.faces, int, int, float)" in done.text


def test_other_tuples_are_left_to_python(same_for):
    done = same_for(
        """
import sys
import numpy as np

rows = [(1, 2.0), (3, 4.5), (5, 0.25)]
if len(sys.argv) > 1:
    rows = [] if sys.argv[1] == "none" else [(1, 2), (3, int(sys.argv[1]))]
u = np.zeros(8)
for k, (i, w) in enumerate(rows):  # hot
    u[i] += w / (k + 1) + 7 // 2 * w
print(u.tolist())
""",
        "4",
        "none",
    )
    assert "enumerate(zip(rows_i, rows_w))" in done.text


def test_numbers_of_numpy_beside_those_of_python_are_floats(same_for):
    done = same_for(
        """
import sys
import numpy as np

bonds = []
for i in range(6):
    r = np.hypot(i, 1.0)
    bonds.append((i, r, 1.0 if i % 2 else r / 2))
if len(sys.argv) > 1:
    kind = sys.argv[1]
    bonds = [] if kind == "none" else [(i, r, 0 if kind == "whole" else 0.0 * v) for i, r, v in bonds]
    if kind == "pairs":
        bonds[2] = (1, 2.0)
u = np.zeros(8)
for i, r, v in bonds:  # hot
    u[i] += v / r
    u[i + 1] -= 1.0 / (v + 0.5)
print(u.tolist())
""",
        "zero",
        "whole",
        "none",
        "pairs",
    )
    assert "are_rows_of(bonds, (int,), (np.float64,), (float, np.float64))" in done.text


def test_tuples_that_are_used_as_a_whole_stay(rewrite):
    done = rewrite(
        """
import numpy as np

rows = [(1, 2.0), (3, 4.5)]
u = np.zeros(8)
for i, w in rows:  # hot
    rows[0] = (2, 1.0)
    u[i] += w
print(u.tolist())
"""
    )
    assert not done.candidates
