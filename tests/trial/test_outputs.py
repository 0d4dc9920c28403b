"""Numbers are found in what a run prints and writes."""

from pathlib import Path

import numpy as np
import pytest

from pdeperf.trial.outputs import printed, written


def columns(text: str) -> dict[str, list[float]]:
    return {item.name: item.values.tolist() for item in printed(text)}


def test_lines_that_read_alike_make_columns() -> None:
    found = columns("step 1 t=0.5\nstep 2 t=1.0\ndone\n")
    assert found == {"stdout 'step # t=#'[0]": [1.0, 2.0], "stdout 'step # t=#'[1]": [0.5, 1.0]}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("-1.5e-07", [-1.5e-07]),
        ("[1. 2.5 -.5]", [1.0, 2.5, -0.5]),
        ("1.0D+03", [1000.0]),
        ("0.5s", [0.5]),
        ("(3,4)", [3.0, 4.0]),
        ("L2: 3.1%", [3.1]),
        ("t=-2", [-2.0]),
        ("-inf inf", [-np.inf, np.inf]),
        ("u2 v1.5 x_3", []),
    ],
)
def test_numbers_are_read_in_every_notation(text: str, values: list[float]) -> None:
    assert [value for column in columns(text).values() for value in column] == values


def test_not_a_number_is_a_number_to_compare() -> None:
    assert np.isnan(columns("norm nan")["stdout 'norm #'[0]"][0])
    assert columns("banana info nano") == {}


def test_a_long_line_keeps_a_name_of_its_own() -> None:
    first, second = "a" * 200 + " 1\n", "a" * 201 + " 1\n"
    assert len(columns(first + second)) == 2
    one, other = f"{'a' * 40} u-velocity {'b' * 40} 1\n", f"{'a' * 40} v-velocity {'b' * 40} 1\n"
    assert len(columns(one + other)) == 2


def test_a_progress_bar_is_read_line_by_line() -> None:
    assert columns("10%\r20%\r") == {"stdout '#%'[0]": [10.0, 20.0]}


def test_files_are_read_by_what_they_hold(tmp_path: Path) -> None:
    np.save(tmp_path / "u.npy", np.arange(3))
    np.savez(tmp_path / "all.npz", a=np.ones(2))
    (tmp_path / "u.vtk").write_text("POINTS 2 float\n0 1.5\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG 12 13")
    (tmp_path / "fake.npy").write_text("1 2 3")
    (tmp_path / "raw.dat").write_bytes(b"\xff\x00\x01")
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    found = {
        item.name: item.values.tolist()
        for path in sorted(tmp_path.iterdir())
        for item in written(path, path.name)
    }
    assert found == {"all.npz[a]": [1.0, 1.0], "u.npy": [0, 1, 2], "u.vtk": [2.0, 0.0, 1.5]}


def raw(tmp_path, values, name="u.bin"):
    path = tmp_path / name
    np.asarray(values).tofile(path)
    return {item.name: item for item in written(path, name)}


def test_numbers_that_are_written_as_they_are_in_memory_are_read(tmp_path):
    values = np.sin(np.arange(90.0))
    assert np.array_equal(raw(tmp_path, values)["u.bin"].values, values)
    assert np.array_equal(raw(tmp_path, values, "u.dat")["u.dat"].values, values)
    assert "u.bin as float32" not in raw(tmp_path, values)
    single = values.astype(np.float32)
    assert np.array_equal(raw(tmp_path, single)["u.bin as float32"].values, single)
    whole = np.arange(1, 90)
    assert list(raw(tmp_path, whole)) == ["u.bin as int64", "u.bin as int32"]


def test_other_bytes_are_no_numbers(tmp_path):
    draw = np.random.default_rng(3)
    assert raw(tmp_path, draw.integers(0, 256, 800, dtype=np.uint8)) == {}
    assert raw(tmp_path, np.zeros(3)) == {}
    assert raw(tmp_path, np.sin(np.arange(90.0)), "u.png") == {}


def test_a_table_is_read_column_by_column(tmp_path):
    rows = [(0.5 * k, 1e-9 * k * k) for k in range(6)]
    path = tmp_path / "history.csv"
    path.write_text("t [s],error\n" + "".join(f"{t},{error}\n" for t, error in rows))
    found = {item.name: item.values.tolist() for item in written(path, path.name)}
    assert found == {f"history.csv[:, {at}]": [row[at] for row in rows] for at in (0, 1)}


def test_the_numbers_above_a_table_are_kept_too(tmp_path):
    path = tmp_path / "u.dat"
    path.write_text("# n = 40\n" + "".join(f"{k} {k / 8}\n" for k in range(9)))
    found = {item.name: item.values.tolist() for item in written(path, path.name)}
    assert found["u.dat[head]"] == [40.0]
    assert found["u.dat[:, 1]"] == [k / 8 for k in range(9)]


def test_a_grid_is_no_table(tmp_path):
    path = tmp_path / "u.txt"
    np.savetxt(path, np.eye(5))
    assert [item.shape for item in written(path, path.name)] == [(25,)]


def test_the_longest_number_of_a_column_tells_where_it_was_rounded():
    found = {item.name: item.quantum for item in printed("m 0.5 n 2\nm 0.499999999997 n 3\n")}
    assert found == {"stdout 'm # n #'[0]": pytest.approx(1e-12), "stdout 'm # n #'[1]": 0.0}
