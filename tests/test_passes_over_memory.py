"""How often lines with array operations pass over memory, as counted by hand."""

import importlib

import pytest

from pdeperf.model import Hotspot, Measurement, Span
from pdeperf.source import Project

LINES = {
    "rolls, 2 each, sums of two arrays, 3 each": (
        "lap = (np.roll(u, 1, axis=0) + np.roll(u, -1, axis=0) + np.roll(u, 1, axis=1)\n"
        "    + np.roll(u, -1, axis=1) - 4.0 * u) / h**2\n",
        "10 array operations on 1 line pass over memory 24 times, where 2 would do",
    ),
    "a copy, and slices stored into a slice": (
        "v = u.copy()\nu[1:-1] = v[1:-1] + c * (v[2:] - 2 * v[1:-1] + v[:-2])\n",
        "6 array operations on 2 lines pass over memory 17 times, where 4 would do",
    ),
    "in place, and numbers made of arrays": (
        "u += dt * (v * v - u)\nm = np.max(np.abs(u))\n",
        "6 array operations on 2 lines pass over memory 14 times, where 3 would do",
    ),
    "choices, and elements": (
        "a, b = u**2 * v, np.where(u > 0, u, v)\nx = u[i, j] * 2\n",
        "4 array operations on 1 line pass over memory 11 times, where 4 would do",
    ),
    "what is given another shape": (
        "w = (u - u**3).ravel()\nz = (u + v).reshape(3, 4)\n",
        "3 array operations on 2 lines pass over memory 8 times, where 4 would do",
    ),
    "one": (
        "w = u * v\n",
        "1 array operation on 1 line passes over memory 3 times, the least that one loop needs",
    ),
    "a sum": (
        "m = u.sum()\n",
        "1 array operation on 1 line passes over memory once, the least that one loop needs",
    ),
}


@pytest.mark.parametrize(("text", "expected"), LINES.values(), ids=LINES.keys())
def test_passes_over_memory_are_counted_as_by_hand(text, expected):
    where = Span(file="s.py", first=2, last=4)
    rows = [
        Measurement(where=where, subject=name, metric=metric, value=value, collector="arguments")
        for name in "uv"
        for metric, value in (("type", "numpy.ndarray"), ("ndim", 2.0))
    ]
    project = Project.from_texts({"s.py": f"import numpy as np\n{text}"}, tuple(rows))
    detector = importlib.import_module("pdeperf.detectors.array_temporaries").DETECTOR
    (found,) = detector.detect(Hotspot(where=where, share=0.5), project)
    assert found.message == expected
