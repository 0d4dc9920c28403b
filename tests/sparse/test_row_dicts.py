"""A matrix that keeps dicts of its rows answers all that a LIL matrix answers."""

import random

import numpy as np
import pytest
import scipy.sparse as sp
from rewriting import candidates, run

from pdeperf.sparse.row_dicts_text import ADD_BLOCK, ROW_DICTS

VALUES = (0, 1, 2.5, -1.0, 0.0, -0.0, float("nan"), np.float64(3.3), np.int64(4), np.float32(1.5), True)


def made(kind):
    names = {"sp": sp, "np": np}
    for text in (ROW_DICTS.replace("KIND", kind), ADD_BLOCK):
        exec(text.replace("{sparse}", "sp").replace("{numpy}", "np"), names)
    return names["RowDicts"], names["add_block"]


MADE = {kind: made(kind) for kind in ("matrix", "array")}


def did(act, matrix):
    try:
        return type(None), act(matrix)
    except Exception as error:
        return type(error), None


def draw(rng, dtype, rows, columns, add_block):
    """One thing that is done with a matrix."""
    i, j = rng.randrange(-rows, rows), rng.randrange(-columns - 1, columns + 1)
    value = rng.choice(VALUES if dtype is not complex else (*VALUES, 1j, np.complex128(2 - 1j)))
    if dtype is int:
        value = rng.randrange(-2, 3)
    some = np.array(rng.sample(range(rows), 3)), np.array(rng.choices(range(columns), k=2))
    block = np.arange(6.0).reshape(3, 2).astype(int if dtype is int else float)

    def added(matrix):
        matrix[i, j] += value

    def stored(matrix):
        matrix[i, j] = value

    def row(matrix):
        matrix[i, :] = 0

    def column(matrix):
        matrix[:, j] = 0

    def several(matrix):
        matrix[i, [0, 2]] = value

    def blocks(matrix):
        add_block(matrix, *some, block)

    def numpys(matrix):
        matrix[np.int64(i), np.int32(j)] = value

    def read(matrix):
        return matrix[i, j]

    def read_row(matrix):
        return matrix[i, :].toarray()

    def multiplied(matrix):
        return matrix @ np.ones(columns)

    def transposed(matrix):
        return matrix.T.toarray()

    known = (added, stored, row, column, several, blocks, numpys, read, read_row, multiplied, transposed)
    return rng.choice((added, stored, *known))


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("dtype", [float, complex, int, np.float32])
@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_in_whatever_order_gives_the_same(kind, dtype, seed):
    rng = random.Random(f"{kind}{dtype}{seed}")
    lists, (dicts, add_block) = getattr(sp, f"lil_{kind}"), MADE[kind]
    one, other = lists((5, 6), dtype=dtype), dicts((5, 6), dtype=dtype)
    for _ in range(60):
        act = draw(rng, dtype, 5, 6, add_block)
        (error, found), (also, again) = did(act, one), did(act, other)
        assert error is also, act.__name__
        assert type(found) is type(again)
        np.testing.assert_array_equal(found, again)
    for way in ("tocsr", "tocsc", "tocoo", "copy", "transpose"):
        there, here = getattr(one, way)(), getattr(other, way)()
        np.testing.assert_array_equal(there.toarray(), here.toarray())
        assert (there.nnz, there.dtype) == (here.nnz, here.dtype)
    assert one.nnz == other.nnz


def test_a_matrix_that_is_written_and_multiplied_in_turn_keeps_its_lists(tmp_path):
    dicts, _ = MADE["matrix"]
    matrix = dicts((4, 4))
    for step in range(40):
        matrix[step % 4, 1] = step
        assert matrix.rows[step % 4] == ([1] if step else [])


SCRIPT = """
import numpy as np
import scipy.sparse as sp
class Grid:
    def __init__(self, n):
        self.K = sp.FORM_matrix((n, n))
    def fill(self, n):
        for i in range(n):
            self.K[i, i] += 2.0
            if i: self.K[i, i - 1] = self.K[i - 1, i] = -1.0
    def blocks(self, n):
        for i in range(n - 1):
            d = [i, i + 1]
            self.K[np.ix_(d, d)] -= np.eye(2)
g = Grid(60)
g.fill(60)
g.blocks(60)
u = g.K.tocsr() @ np.arange(60.0)
MORE
"""


def stored(text, folder, **more):
    from rewriting import observed

    from pdeperf.model import Hotspot, Measurement, Span
    from pdeperf.plugins import backends, detectors

    project = observed(text, folder)
    line = next(k for k, row in enumerate(text.splitlines(), start=1) if "+= 2.0" in row)
    where = Span(file="script.py", first=line, last=line)
    fact = Measurement(
        where=where, metric="inserts_count", value=1e4, collector="sparse", subject=more["form"]
    )
    hotspot = Hotspot(where=where, share=0.9, facts=(*project.observed, fact))
    detector = next(one for one in detectors() if one.rule == "incremental-sparse-assembly")
    backend = next(one for one in backends() if one.name == "row-dicts")
    return [a for d in detector.detect(hotspot, project) for a in backend.propose(d, project)]


@pytest.mark.parametrize("form", ["lil", "dok"])
def test_a_matrix_of_an_object_is_filled_in_its_methods(form, tmp_path):
    text = SCRIPT.replace("FORM", form).replace("MORE", "")
    (found,) = stored(text, tmp_path, form=form)
    after = found.patches[0].after
    assert "self.K = RowDicts((n, n))" in after and "add_block(self.K, d, d, -(np.eye(2)))" in after
    np.testing.assert_array_equal(run(text, tmp_path)[0]["u"], run(after, tmp_path)[0]["u"])


def test_a_matrix_whose_entries_are_asked_for_as_a_dict_keeps_its_format(tmp_path):
    text = SCRIPT.replace("FORM", "dok").replace("MORE", "n = sum(v > 0 for v in g.K.values())")
    assert not stored(text, tmp_path, form="dok")


def test_nothing_is_proposed_where_nothing_was_stored(tmp_path):
    assert not candidates("import scipy.sparse as sp\nA = sp.lil_matrix((3, 3))\n", tmp_path, "row-dicts")
