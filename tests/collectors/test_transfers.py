"""Copies between host and device are seen on the line that asks for them."""

from pathlib import Path

import pytest

from pdeperf.collectors import transfers

SCRIPT = """
import numpy as np
import cupy as cp
from cupy import asnumpy

source = np.ones((50, 40))
u = cp.zeros((50, 40))
for step in range(6):
    u = u + 0.1 * cp.asarray(source)
    shown = asnumpy(u)
    if float(u.max()) > 1e9:
        break
    u[0, :] = 0.0
same = cp.asarray(u)
"""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def shim(tmp_path, monkeypatch):
    shim = tmp_path / "shim"
    shim.mkdir()
    (shim / "cupy.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from tests.gpu.strict_cupy import _module\nsys.modules['cupy'] = _module()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(shim))


@pytest.fixture
def rows(watch, shim):
    run, rows = watch(transfers.COLLECTOR, main=SCRIPT)
    assert run.complete
    return rows


def line(text):
    return next(number for number, row in enumerate(SCRIPT.splitlines(), 1) if text in row)


def test_copies_to_the_device_are_counted_with_their_bytes(rows):
    at = line("cp.asarray(source)")
    assert rows.values("to_device_count", line=at) == {6.0}
    assert rows.values("to_device_bytes", line=at) == {6 * 50 * 40 * 8.0}


def test_copies_to_the_host_are_counted_with_their_bytes(rows):
    at = line("asnumpy(u)")
    assert rows.values("to_host_count", line=at) == {6.0}
    assert rows.values("to_host_bytes", line=at) == {6 * 50 * 40 * 8.0}


def test_a_number_that_is_read_counts_once(rows):
    at = line("float(u.max())")
    assert rows.values("scalar_read_count", line=at) == {6.0}
    assert not rows.values("to_host_count", line=at)


def test_launches_are_counted(rows):
    assert rows.values("launches_count", line=line("u[0, :]")) == {6.0}
    assert rows.values("launches_count", line=line("cp.asarray(source)")) == {12.0}


def test_what_is_on_the_device_already_is_no_copy(rows):
    assert not rows.values("to_device_count", line=line("same = "))


SHOWING = """
import numpy as np
import cupy as cp

u = cp.zeros((50, 40))
host = np.ones((50, 40))
for step in range(4):
    print("mass", u.sum())
    u[:] = host
    shown = f"{u}"
"""


def test_what_is_printed_and_what_is_stored_is_counted(watch, shim):
    run, rows = watch(transfers.COLLECTOR, main=SHOWING)
    assert run.complete
    lines = SHOWING.splitlines()
    printed, stored, formatted = (
        next(number for number, row in enumerate(lines, 1) if text in row)
        for text in ("print(", "u[:] = host", "shown")
    )
    assert rows.values("scalar_read_count", line=printed) == {4.0}
    assert rows.values("to_device_bytes", line=stored) == {4 * 50 * 40 * 8.0}
    assert rows.values("to_host_count", line=formatted) == {4.0}


WAITING = """
import cupy as cp

u = cp.zeros((50, 40))
for step in range(4):
    u = u + 1.0
cp.cuda.Device().synchronize()
"""


def test_the_time_that_the_device_takes_counts_for_the_lines_that_launched_it(watch, shim):
    _, rows = watch(transfers.COLLECTOR, main=WAITING)
    (spent_s,) = rows.values("device_time_s", line=6)
    assert spent_s > 0
