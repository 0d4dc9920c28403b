"""Lists of triplets that grow by rows, by ``+=`` and by arrays, with all turns of the loop at once."""

import numpy as np
import pytest
from rewriting import at_once, run
from test_batched_loops import HEAD

from pdeperf.sparse.batched_values import NotAtOnce

HEAD += """
def local(e):
    return np.array([[2.0, -1, 0.5], [-1, 3, 0.25], [0.5, 0.25, 4]]) * (1 + points[e[0], 0])
rows, columns, values = [], [], []
"""
END = """
A = coo_matrix((np.array(values), (rows, columns)), shape=(N, N)).tocsr()
"""
JOINED = """
A = coo_matrix((np.concatenate(values), (np.hstack(rows), np.concatenate(columns))), shape=(N, N)).tocsr()
"""

SAME = {
    "sums of lists": """
for e in triangles:  # LOOP
    ke = local(e)
    for a in range(3):
        for b in range(3):
            rows += [e[a]]
            columns += [e[b]]
            values += [ke[a, b]]
""",
    "rows, repeated numbers and lists": """
for e in triangles:  # LOOP
    ke = local(e)
    dofs = [e[0], e[1], e[2]]
    for a in range(3):
        rows.extend([dofs[a]] * 3)
        columns += dofs
        values.extend(ke[a])
""",
    "rows that change afterwards": """
for e in triangles:  # LOOP
    row = np.zeros(3)
    for a in range(3):
        row[0] += points[e[a], 0]
        row[a] += 1.0
        values.extend(row)
        rows += [e[a], e[a], e[a]]
        columns.extend(e)
""",
    "repeated and tiled indices": """
for e in triangles:  # LOOP
    rows.extend(np.repeat(e, 3))
    columns += np.tile(e, 3).tolist()
    values += local(e).flatten().tolist()
""",
    "comprehensions": """
for e in triangles:  # LOOP
    ke = local(e)
    rows.extend(e[a] for a in range(3) for b in range(3))
    columns.extend([e[b] for a in range(3) for b in range(3)])
    values += [ke[a, b] for a in range(3) for b in range(3)]
""",
    "on a condition": """
for k, e in enumerate(triangles):  # LOOP
    ke = local(e)
    if k % 2 == 0:
        rows.extend(e)
        columns += [e[1], e[2], e[0]]
        values.extend(ke[1])
    else:
        rows += [e[0]]
        columns.append(e[0])
        values += [ke[0, 0]]
""",
    "a list of rows by turns of a list": """
cells = [tuple(e) for e in triangles.tolist()]
for e in cells:  # LOOP
    ke = local(e)
    for a in range(3):
        rows += [e[a]] * 3
        columns += list(e)
        values.extend(ke[a, :])
""",
}
PIECES = {
    "arrays in lists": """
for e in triangles:  # LOOP
    rows.append(np.repeat(e, 3))
    columns.append(np.tile(e, 3))
    values.append(local(e).ravel())
""",
    "grids": """
for e in triangles:  # LOOP
    i, j = np.meshgrid(e, e, indexing="ij")
    rows.append(i.ravel())
    columns.append(j.ravel())
    values.append(local(e).flatten())
""",
    "grids of other order": """
for e in triangles:  # LOOP
    i, j = np.meshgrid(e, e[:2])
    rows.append(i.ravel())
    columns.append(j.ravel())
    values.append(local(e)[:2].ravel())
""",
}
REFUSED = {
    "an array is added to a list": """
rows = [0, 0, 0]
for e in triangles:  # LOOP
    rows += e
""",
    "a list of numbers and arrays": """
rows = []
for e in triangles:  # LOOP
    rows.append(e)
    rows.append(e[0])
""",
    "arrays in a list that lives on": """
rows = []
for e in triangles:  # LOOP
    rows.append(e * 2)
print(len(rows))
""",
    "arrays that are stacked": """
rows = []
for e in triangles:  # LOOP
    rows.append(e * 2)
rows = np.array(rows)
""",
    "a list that is bound anew": """
for e in triangles:  # LOOP
    rows += [e[0]]
    rows = rows + [1]
""",
}


def check(text, folder):
    after = at_once(text, folder)
    (old, out), (new, out_now) = run(text, folder), run(after, folder)
    assert out == out_now
    for one in ("rows", "columns", "values"):
        if isinstance(new[one], list) and not isinstance(new[one][0], np.ndarray):
            np.testing.assert_allclose(old[one], new[one], rtol=1e-13)
    np.testing.assert_allclose(old["A"].toarray(), new["A"].toarray(), rtol=1e-13)
    assert (old["A"].indices.dtype, old["A"].dtype) == (new["A"].indices.dtype, new["A"].dtype)
    return after


@pytest.mark.parametrize("name", SAME)
def test_lists_grow_by_the_same(name, tmp_path):
    check(HEAD + SAME[name] + END, tmp_path)
    check(HEAD + SAME[name] + END + "print(sum(rows + columns), round(sum(values), 9))\n", tmp_path)


@pytest.mark.parametrize("name", PIECES)
def test_lists_of_arrays_become_one_array(name, tmp_path):
    after = check(HEAD + PIECES[name] + JOINED, tmp_path)
    assert "tolist" not in after.partition("# LOOP")[0].partition("stored_in_order")[2]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_growth_of_a_list_of_numbers_stays(name, tmp_path):
    with pytest.raises(NotAtOnce):
        at_once(HEAD + REFUSED[name], tmp_path)


def test_lists_in_a_dict_have_names_of_their_own(tmp_path):
    text = HEAD + (
        'held = {"r": [], "v": []}\nfor e in triangles:  # LOOP\n    held["r"].append(e[0])\n'
        '    held["v"].append(2.0 * points[e[0], 0])\nprint(sum(held["r"]), round(sum(held["v"]), 9))\n'
    )
    after = at_once(text, tmp_path)
    assert "held_r_stores = []" in after
    assert run(text, tmp_path)[1] == run(after, tmp_path)[1]
