"""Short loops of one range become one loop; everything else stays in its order."""

import random

import numpy as np
import pytest

from pdeperf.arrays.loops import edge_loops
from pdeperf.arrays.loops.edge_loops import with_edges_together

SEEN = {"n": 40, "m": 50, "u.shape[0]": 40, "u.shape[1]": 50}
NEST = """\
for i in range(1, n - 1):
    for j in range(m):
        w[i, j] = v[i, j]
"""


def together(text: str, seen: dict[str, int] | None = None) -> str:
    """The text with its edges together."""
    lines = with_edges_together(text.splitlines(), frozenset("ij"), SEEN if seen is None else seen, "np")
    return "\n".join(lines) + "\n"


TOP = "for i in range(m):\n    u[0, i] = 0.0\n"
BOTTOM = "for i in range(m):\n    u[n - 1, i] = u[n - 2, i]\n"


def test_edges_of_one_range_become_one_loop_beyond_what_touches_neither() -> None:
    joined = "for i in range(m):\n    u[0, i] = 0.0\n    u[n - 1, i] = u[n - 2, i]\n"
    assert together(TOP + NEST + BOTTOM) == NEST + joined
    assert together(f"if n > 1:\n{indented(TOP + NEST + BOTTOM)}else:\n    x = 1\n") == (
        f"if n > 1:\n{indented(NEST + joined)}else:\n    x = 1\n"
    )


def test_an_edge_moves_over_a_nest_that_fills_the_other_rows() -> None:
    nest = NEST.replace("w[i, j]", "u[i, j]")
    assert together(TOP + nest + BOTTOM.replace("= u[n - 2, i]", "= 1.0")).count("range(m)") == 2


def test_comments_go_with_their_loops() -> None:
    text = together(f"# top\n{TOP}{NEST}# bottom\n{BOTTOM}")
    assert text.index("w[i, j]") < text.index("# top") < text.index("# bottom") < text.index("u[0, i]")


def test_a_value_that_is_overwritten_unread_is_not_stored() -> None:
    assert "0.0" not in together(TOP + "for i in range(m):\n    u[0, i] = v[1, i]\n" + NEST)
    kept = TOP + "for i in range(m):\n    u[0, i] = u[0, i] + v[1, i]\n" + NEST
    assert "0.0" in together(kept)


def indented(text: str) -> str:
    """One step to the right."""
    return "".join(f"    {row}\n" for row in text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        TOP + NEST.replace("v[i, j]", "u[i - 1, j]") + BOTTOM.replace("u[n - 2, i]", "w[1, i]"),
        TOP + "for i in range(m):\n    v[1, i] = u[0, i + 1]\n" + NEST,
        TOP + "for i in range(m):\n    v[i, 1] = u[i, 0]\n" + NEST,
        TOP + "print(u)\n" + NEST + BOTTOM,
        TOP + "u = v\n" + NEST + BOTTOM,
        TOP + "m = m - 1\n" + NEST + BOTTOM,
        TOP + "u[0, 0] = 1.0\n" + NEST + BOTTOM,
        TOP + "total = np.sum(u)\n" + NEST + BOTTOM,
        TOP + "for i in range(m):\n    if u[n - 1, i] > most:\n        most = u[n - 1, i]\n" + NEST,
        TOP + "x = u[0, 3]\n" + NEST + BOTTOM.replace("u[n - 2, i]", "x"),
        TOP + NEST + BOTTOM.replace("range(m)", "range(1, m)"),
    ],
)
def test_what_another_order_would_show_stays(text: str) -> None:
    assert together(text) == text


def test_where_all_loops_are_as_long_none_is_short() -> None:
    line = "for i in range(1, n - 1):\n    v[i] = u[i + 1] - u[i - 1]\n"
    other = line.replace("v", "w")
    assert together(line + other) == line + other
    long = TOP + NEST + BOTTOM
    assert together(long, {"n": 4, "m": 50}) == long, "four rows"


def drawn(random_: random.Random) -> str:
    """Loops over rows, columns and cells of three arrays, and what stands between them."""

    def place(counters: str) -> str:
        fixed = random_.choice(["0", "1", "n - 1", "n - 2", "2"])
        near = random_.choice(["i", "i", "i", "i - 1", "i + 1"])
        if counters == "ij":
            return random_.choice(["i, j", "i, j", "i - 1, j", "i + 1, j", f"{fixed}, j", f"i, {fixed}"])
        return random_.choice([f"{fixed}, {near}", f"{near}, {fixed}", f"{fixed}, i", f"{fixed}, i", "i, i"])

    def cell(counters: str, depth: str) -> str:
        target = f"{random_.choice('abc')}[{place(counters)}]"
        value = " + ".join(
            random_.choice(
                [f"{random_.choice('abc')}[{place(counters)}]", f"{random_.choice('abc')}[0, 1]", "s", "2.0"]
            )
            for _ in range(random_.randint(1, 2))
        )
        return f"{depth}{target} = 0.5 * ({value})\n"

    parts = []
    for _ in range(random_.randint(3, 7)):
        kind = random_.randint(0, 9)
        if kind < 6:
            head = random_.choice(["range(1, n - 1)", "range(1, n - 1)", "range(n - 2)", "range(2, n - 1)"])
            body = "".join(cell("i", "    ") for _ in range(random_.randint(1, 2)))
            parts.append(f"for i in {head}:\n{body}")
        elif kind < 8:
            parts.append(f"for i in range(1, n - 1):\n    for j in range(n):\n{cell('ij', ' ' * 8)}")
        else:
            swap = ["a, b = b, a\n", "c = np.empty_like(a)\nc[:] = 1.0\n", "s = s + 1.0\n", "s = a[1, 1]\n"]
            parts.append(random_.choice(swap))
    return "".join(parts)


def test_drawn_loops_compute_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_loops, "_SHORT", 0)
    changed = 0
    for seed in range(14200000, 14200150):
        text = drawn(random.Random(seed))
        new = together(text)
        changed += new != text
        for n in (3, 4, 6):
            results = []
            for each in (text, new):
                values = np.random.default_rng(seed)
                scope = {name: values.random((n, n)) for name in "abc"} | {"n": n, "s": 0.5, "np": np}
                exec(each, scope)
                results.append([scope[name] for name in "abcs"])
            for one, other in zip(*results, strict=True):
                assert np.array_equal(one, other), f"{text}\n{new}"
    assert changed > 40
