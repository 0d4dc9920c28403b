"""Long lines are broken where they may be, and nowhere else."""

import ast

import pytest

from pdeperf.arrays.wrap import long_lines, wrapped

ROWS = [
    "u[1:-1, 1:-1] = first_of_all * (u[2:, 1:-1] - u[:-2, 1:-1]) + second * (u[1:-1, 2:] - u[1:-1, :-2])",
    'print(f"step {it}, mean {mean}, largest {largest} - and more - than that, or less", u, v, file=out)',
    'label = "one - two - three - four - five" + f"{six} - seven - eight" + name + " - nine - ten - eleven"',
    "total = one + two + three + four  # as in the paper - equation 4 - with (more, or less, terms",
    "for index, velocity_x, velocity_y, weight in zip(indices, velocities_x, velocities_y, weights): pass",
    "u[i, k] += dt * ((first(u, 1, n - 1) + 2 * second(v, 1, n - 1)) * dvx + first(w, 0, n - 2) * dvz)",
    "if first_condition and second_condition or third_condition and fourth_condition and fifth: pass",
    "stores.append((place(i, j), dt * np.exp(-(x[np.where(here, i, 0)] - 0.5) ** 2 / 0.02), [1, 2], here))",
    "return stored(size, row_stores, (1, 2))[0], stored(size, column_stores, 1)[0], largest",
    'stores.append((names["one, (two"], rows[i, j] + columns[k], -(first + second) * third, "a, b", all))',
]


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("width", [20, 40, 60, 80])
@pytest.mark.parametrize("broken", [wrapped, long_lines])
def test_a_broken_line_means_what_it_meant(row, width, broken):
    assert ast.dump(ast.parse("\n".join(broken(row, width)))) == ast.dump(ast.parse(row))


@pytest.mark.parametrize("broken", [wrapped, long_lines])
def test_a_part_of_a_statement_stays_on_its_line(broken):
    rows = ["u[1:-1, 1:-1] = 0.25 * (first + second + third) - (", "    fourth * fifth - sixth", ")"]
    assert [part for row in rows for part in broken(row, 30)] == rows


def test_what_is_appended_together_has_a_line_for_each_part():
    row = "    stores.append((place(i, j), dt * 10, True, here))"
    parts = [
        "    stores.append((",
        "        place(i, j),",
        "        dt * 10,",
        "        True,",
        "        here,",
        "    ))",
    ]
    assert wrapped(row, 40) == parts
