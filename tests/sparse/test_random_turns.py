"""Random loops over cells leave the same when all their turns are computed at once."""

import ast
import random
import warnings

import numpy as np
import pytest
from rewriting import observed, run

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source.edits import apply
from pdeperf.sparse.at_once import turns_at_once
from pdeperf.sparse.batched_values import NotAtOnce
from pdeperf.sparse.written import Additions

HEAD = """
import numpy as np
n, m = {n}, {m}
rng = np.random.default_rng({seed})
u = rng.standard_normal((n + 2, m + 2))
v = rng.standard_normal((n + 2, m + 2))
z = u{alias}
w = rng.standard_normal((n + 2) * (m + 2))
b = rng.standard_normal((n + 2) * (m + 2))
q = rng.integers(0, n + 2, 400)
s, t, big, low = 0.5, 1.0, 0.25, 3
items = []

def idx(i, j):
    return i * (m + 2) + j

def f(x, y):
    return x * y + 1.0
"""
RESULTS = ("u", "v", "z", "w", "b", "s", "t", "big", "low", "items")


class Loop:
    """Draws a loop over one counter, or two."""

    def __init__(self, draw: random.Random) -> None:
        self.draw, self.names, self.two = draw, list[str](), draw.random() < 0.7

    def text(self) -> str:
        text = f"for i in range({self.draw.randrange(3)}, n):  # LOOP\n"
        if not self.two:
            return text + "\n".join(self.block(0, "    ")) + "\n"
        return (
            text
            + f"    for j in range({self.draw.choice('01')}, m):\n"
            + "\n".join(self.block(0, " " * 8))
            + "\n"
        )

    def element(self, array: str) -> str:
        first, second = self.draw.choices(["", "", " + 1", " - 1"], k=2)
        if array in "uvz":
            ways = [f"[i{first}, 1]", f"[0, i{first}]"]
            if self.two:
                ways = [f"[i{first}, j{second}]"] * 9 + [f"[j{first}, i{second}]"]
        elif self.two:
            ways = ["[idx(i, j)]", f"[i * (m + 2) + j{first}]", f"[i{first}]", "[q[i + j]]"]
        else:
            ways = [f"[i{first}]", "[q[i]]", "[2 * i]", "[n - i]"]
        return array + self.draw.choice(ways)

    def value(self, depth: int = 0) -> str:
        kind = self.draw.random()
        if depth > 2 or kind < 0.2:
            return self.draw.choice(["1.5", "0.25", "i * 0.1", "2", *self.names])
        if kind < 0.55:
            return self.element(self.draw.choice("uvwbz" if self.draw.random() < 0.35 else "vw"))
        if kind < 0.8:
            return f"{self.draw.choice(['f', 'max'])}({self.value(depth + 1)}, {self.value(depth + 1)})"
        return f"({self.value(depth + 1)} {self.draw.choice('+-*')} abs({self.value(depth + 1)}))"

    def condition(self) -> str:
        ways = [f"{self.value()} > {self.value()}", "i == 1", "i % 3 == 0", "i > 2 and i < n - 1"]
        ways += [f"not {self.value()} > 0.2", *(["j == 0", "i == j", "j > i or j == 2"] if self.two else [])]
        return self.draw.choice(ways)

    def block(self, depth: int, lead: str) -> list[str]:
        lines: list[str] = []
        for _ in range(self.draw.randint(1, 3)):
            kind = self.draw.random()
            if kind < 0.2:
                name = f"x{self.draw.randrange(3)}"
                lines.append(f"{lead}{name} = {self.value()}")
                if depth == 0:
                    self.names.append(name)
            elif kind < 0.5:
                store = self.element(self.draw.choice("ubububvw"))
                lines.append(f"{lead}{store} {self.draw.choice(['=', '=', '+=', '-='])} {self.value()}")
            elif kind < 0.56:
                lines.append(f"{lead}{self.element('u')} = {self.element('b')} = 1.5")
            elif kind < 0.66:
                total = self.draw.choice(["s += ", "s -= ", "s = s + ", "t += "])
                lines.append(f"{lead}{total}{self.value()}")
            elif kind < 0.76:
                name, way = self.draw.choice([("big", "max"), ("low", "min")])
                lines.append(f"{lead}{name} = {way}({name}, {self.value()})")
            elif kind < 0.8:
                lines.append(f"{lead}items.append({self.value()})")
            elif depth < 2:
                lines += [f"{lead}if {self.condition()}:", *self.block(depth + 1, lead + "    ")]
                if self.draw.random() < 0.1:
                    lines.append(f"{lead}    continue")
                if self.draw.random() < 0.5:
                    lines += [f"{lead}else:", *self.block(depth + 1, lead + "    ")]
        return lines or [f"{lead}pass"]


def script(seed: int) -> str:
    draw = random.Random(seed)
    sizes = {"n": draw.choice([3, 14, 20]), "m": draw.choice([3, 14, 17])}
    alias = draw.choice([".copy()", ".copy()", "", "[::-1]"])
    return HEAD.format(seed=seed, alias=alias, **sizes) + Loop(draw).text()


@pytest.mark.parametrize("seed", range(4_200_000, 4_200_030))
def test_turns_at_once_leave_what_the_loop_leaves(seed, tmp_path):
    text = script(seed)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            before = run(text, tmp_path)[0]
        except (IndexError, NameError):
            pytest.skip("the loop itself fails")
        project = observed(text, tmp_path)
        module = project["script.py"]
        loops = [node for node in ast.walk(module.tree) if isinstance(node, ast.For)]
        loop = next(node for node in loops if "# LOOP" in module.lines[node.lineno - 1])
        added = Additions(module)
        try:
            edits, _ = turns_at_once(Meaning(project), module, loop, added)
        except NotAtOnce:
            pytest.skip("the loop stays as it is")
        then = run(apply(text, [*added.edits(), *edits]), tmp_path)[0]
    for name in RESULTS:
        np.testing.assert_allclose(then[name], before[name], rtol=1e-9, atol=1e-9, err_msg=name)
