"""LAPACK is asked in functions that are the Thomas algorithm, and nowhere else."""

import numpy as np
import pytest
from rewriting import candidates, run

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Kind, Span
from pdeperf.pipeline.bundle import moved
from pdeperf.source import Project
from pdeperf.sparse.elimination import eliminations

WIKI = """
    n = len(d)
    ac, bc, cc, dc = map(np.array, (a, b, c, d))
    for i in range(1, n):
        w = ac[i - 1] / bc[i - 1]
        bc[i] = bc[i] - w * cc[i - 1]
        dc[i] = dc[i] - w * dc[i - 1]
    x = bc
    x[-1] = dc[-1] / bc[-1]
    for i in reversed(range(n - 1)):
        x[i] = (dc[i] - cc[i] * x[i + 1]) / bc[i]
    return x
"""
PLAIN = """
    n = d.size
    p, q = np.zeros(n), np.zeros(n, dtype=float)
    x = np.empty_like(d)
    p[0] = c[0] / b[0]
    q[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * p[i - 1]
        if m == 0:
            raise ZeroDivisionError("singular")
        p[i] = c[i] / m
        q[i] = (d[i] - a[i] * q[i - 1]) / m
    x[n - 1] = q[n - 1]
    for i in range(n - 2, -1, -1):
        x[i] = q[i] - p[i] * x[i + 1]
    return x
"""
COMPLEX = PLAIN.replace("np.zeros(n), np.zeros(n, dtype=float)", "np.zeros(n, complex), d.copy()")


def found(body, parameters="a, b, c, d"):
    text = f"import numpy as np\ndef solve({parameters}):{body}"
    project = Project.from_texts({"script.py": text})
    return [(one.texts, one.kinds) for one in eliminations(Meaning(project), project["script.py"])]


def test_what_the_parameters_are_is_found_by_evaluating():
    assert found(WIKI) == [(("a[: len(b) - 1]", "b", "c[: len(b) - 1]", "d"), "dD")]
    assert found(PLAIN) == [(("a[1:]", "b", "c[:-1]", "d"), "d")]
    assert found(COMPLEX) == [(("a[1:]", "b", "c[:-1]", "d"), "D")]
    assert found(PLAIN, "d, c, a, b") == found(PLAIN)


def test_methods_are_found_that_do_not_use_their_object():
    for head, is_found in (
        ("def solve(self, a, b, c, d):", True),
        ("@staticmethod\n    def solve(a, b, c, d):", True),
        ("@cached\n    def solve(a, b, c, d):", False),
        ("def solve(a, b, c, d):", False),
    ):
        for body, is_own in ((PLAIN, False), (PLAIN.replace("d.size", "self.n"), True)):
            text = "import numpy as np\nclass Rod:\n    " + head + body.replace("\n", "\n    ")
            module = Project.from_texts({"script.py": text})["script.py"]
            got = list(eliminations(Meaning(Project.from_texts({"script.py": text})), module))
            assert bool(got) is (is_found and not is_own)


OTHERS = {
    "stores into an argument": WIKI.replace("map(np.array, (a, b, c, d))", "a, b, c, d"),
    "changes an argument": PLAIN.replace("q[0] = d", "d[0] = d[0]\n    q[0] = d"),
    "another sign": WIKI.replace("(dc[i] - cc", "(dc[i] + cc"),
    "another factor": WIKI.replace("w * cc[i - 1]", "w * 0.999 * cc[i - 1]"),
    "ends early": WIKI.replace("reversed(range(n - 1))", "reversed(range(1, n - 1))"),
    "prints": WIKI.replace("    return x", "    print(x)\n    return x"),
    "asks for the size of a pivot": WIKI.replace(
        "        w =", "        if bc[i - 1] < 1e-9:\n            return d\n        w ="
    ),
    "reads a global": WIKI.replace("n = len(d)", "n = N"),
    "returns a list": PLAIN.replace("np.empty_like(d)", "[0.0] * n"),
    "returns its argument": WIKI.replace("return x", "return d"),
    "does more for long ones": WIKI.replace(
        "    return x", "    if n > 100:\n        x[0] = 0.0\n    return x"
    ),
    "turns of a number": WIKI.replace("range(1, n)", "range(1, 6)"),
}


@pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS)
def test_what_does_anything_else_is_left_alone(body):
    assert not found(body)


SYSTEMS = """
rng = np.random.default_rng(4)
found, to_the_bit = [], []
for n in (1, 2, 3, 4, 7, 30):
    for size in (n, n - 1):
        a, c, d = rng.standard_normal(size), rng.standard_normal(size), rng.standard_normal(n)
        large = 9 + rng.random(n)
        for b in (large, -large, large * np.where(np.arange(n) == 2, np.nan, 1)):
            before = [one.copy() for one in (a, b, c, d)]
            found.append(thomas(a, b, c, d))
            assert all(np.array_equal(one, other, True) for one, other in zip(before, (a, b, c, d)))
        others = (d, 0 * d, np.arange(5, n + 5), 1j * large, large.astype("float32"), [*large], abs(d) + 1e-9)
        for b in others:
            with np.errstate(all="ignore"):
                to_the_bit.append(thomas(a, b, c, d))
        found.append(thomas(a + 0j, large + 0j, c * 1j, d + 0j))
        to_the_bit.append(thomas(a, large, c, np.full(n, np.inf)))
"""


def test_the_answer_is_that_of_the_users_lines(tmp_path):
    """Those very lines run where the diagonal does not dominate, or the types are others."""
    body = WIKI.replace("    x = bc", "#\n\n    x = bc  # the same")
    text = f"import numpy as np\ndef thomas(a, b, c, d):{body}{SYSTEMS}"
    after = candidates(text, tmp_path, "tridiagonal-solver")[0].patches[0].after
    with np.errstate(all="ignore"):
        new, old = (run(each, tmp_path)[0] for each in (after, text))
    for x, y in zip(new["found"], old["found"], strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-13 * abs(np.nan_to_num(y)).max())
    for x, y in zip(new["to_the_bit"], old["to_the_bit"], strict=True):
        assert x.dtype == y.dtype
        assert np.array_equal(x, y, equal_nan=True)


def test_arrays_of_floats_take_no_complex_numbers(tmp_path):
    """The user's lines say what they say to them."""
    text = (
        f"import numpy as np\ndef thomas(a, b, c, d):{PLAIN}"
        + """
a = np.full(5, -1.0)
try:
    found = thomas(a + 0j, a * 3j, a + 0j, a + 1j)
except TypeError as error:
    found = str(error)
for k in range(5):
    x = thomas(a, 3 - a, a, a)
"""
    )
    after = candidates(text, tmp_path, "tridiagonal-solver")[0].patches[0].after
    new, old = (run(each, tmp_path)[0]["found"] for each in (after, text))
    assert repr(new) == repr(old)


def test_it_goes_together_with_the_rewrites_of_other_places(tmp_path):
    """The lines of the place move, so that several rewrites in one step see that it is dealt with."""
    text = "import numpy as np\ndef thomas(a, b, c, d):" + WIKI + SYSTEMS
    after = candidates(text, tmp_path, "tridiagonal-solver")[0].patches[0].after
    line = next(k for k, one in enumerate(text.splitlines(), start=1) if "w = ac" in one)
    where = Span(file="script.py", first=line, last=line)
    place = Diagnosis(rule="scalar-loop", kind=Kind.LOOP, where=where, message="", share=0.5, headroom=9.0)
    assert moved(place, {"script.py": text}, {"script.py": after}) is None
