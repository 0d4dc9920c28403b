"""Random scripts with short arrays, and with branches that are taken once in a while."""

import random

HEAD = """import sys
import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 7
kind = sys.argv[2] if len(sys.argv) > 2 else "float64"
number = int if len(sys.argv) > 3 and sys.argv[3] == "int" else float
d = 3 if n == 3 else 2
y = (np.arange(d) * 0.5 + 0.25).astype(kind)
z = np.cos(np.arange(d))
pos = np.sin(np.arange(n * d)).reshape(n, d).astype(kind)
vel = np.zeros((n, d))
path = np.zeros((9, d))
c, s, t = number(1), 0.5, 0.0
log = []
if n == 12:
    z = y
if n == 1:
    y = path[2]
"""
SHOWN = [
    "print(y.tolist(), z.tolist(), [float(one) for one in (c, s, t)])",
    "print(pos.tolist(), vel.tolist(), path.tolist(), log)",
]


class Writer:
    """Writes one script; its expressions are finite wherever they are computed."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.vectors = ["y", "z"]
        self.functions: list[str] = []
        self.temps = 0

    def number(self, depth: int = 1) -> str:
        r, one = self.r, self.r.choice(self.vectors)
        return r.choice(
            [
                "c", "s", "0.5", "2", f"{one}[0]", f"{one}[1]", f"{one}[-1]", "0.1 * k",
                f"np.dot({self.vector(depth - 1)}, {one})" if depth > 0 else "t",
                f"np.sum({self.vector(depth - 1)})" if depth > 0 else "t",
                f"({self.vector(depth - 1)})[1]" if depth > 0 else "s",
                f"np.sqrt(np.abs({one}[0]))",
            ]
        )  # fmt: skip

    def vector(self, depth: int = 2) -> str:
        r = self.r
        if depth <= 0:
            return r.choice([*self.vectors, "pos[j]", "vel[i]", "pos[i]"])
        one, other = self.vector(depth - 1), self.vector(depth - 1)
        made = [
            f"({one} {r.choice('+-')} {other})",
            f"{self.number(depth - 1)} * {one}",
            f"{one} / (1.5 + abs({self.number(0)}))",
            f"-{one}",
            f"np.abs({one})",
            f"({one}) ** 2",
            f"0.5 * {one} + {self.number(depth - 1)}",
            f"({one}).copy()",
        ]
        if self.functions:
            made += [f"{r.choice(self.functions)}({one}, {self.number(0)})"] * 3
        return r.choice(made)

    def statement(self, indent: str) -> list[str]:
        r, target = self.r, self.r.choice(["y", "z"])
        kind = r.randrange(11)
        if kind == 0:
            self.temps += 1
            name = f"w{self.temps}"
            rows = [f"{indent}{name} = 0.5 * {self.vector()}"]
            self.vectors.append(name)
            if r.random() < 0.4:
                rows.append(f"{indent}{name} {r.choice('+-')}= {self.vector()}")
            return rows
        if kind == 1:
            return [f"{indent}{target} = np.tanh({self.vector()})"]
        if kind == 2:
            return [f"{indent}{target} {r.choice('+-')}= 0.1 * {self.vector()}"]
        if kind == 3:
            return [f"{indent}vel[i] {r.choice('+-')}= 0.1 * {self.vector()}"]
        if kind == 4:
            return [f"{indent}vel[i] = 0.5 * {self.vector()}"]
        if kind == 5:
            return [f"{indent}{r.choice(['s', 't'])} = 0.5 * np.tanh({self.number()})"]
        if kind == 6:
            return [f"{indent}vel[j] {r.choice('+-')}= {r.choice([*self.vectors, 'vel[i]', 'pos[i]'])}"]
        if kind == 7:
            return [f"{indent}if {self.number(0)} > {self.number(0)}:", *self.statement(indent + "    ")]
        if kind == 8:
            self.temps += 1
            name = f"q{self.temps}"
            self.vectors.append(name)
            return [
                f"{indent}{name} = np.zeros(2)",
                f"{indent}{name}[0] = 0.5 * {self.number(0)}",
                f"{indent}{name}[1] += np.tanh({self.number(0)})",
            ]
        if kind == 9:
            return [f"{indent}path[k % 9] = {target}"]
        return [f"{indent}vel[i] = np.tanh(vel[i])"]

    def function(self, name: str) -> list[str]:
        r = self.r
        kept, self.vectors = self.vectors, ["p"]
        body = r.choice(
            [
                ["    return np.array([np.tanh(p[1]), -a * p[0]])"],
                ["    return np.tanh(p) * a"],
                ["    if a > 0.5:", "        return np.array([a, p[0]])", "    return 0.5 * p"],
                ["    r = np.zeros(2)", "    r[0] = p[1]", "    r[1] = 0.5 * a", "    return r"],
                ["    p = 0.5 * p + 0.25", "    p += np.array([a, 1.0])", "    return np.tanh(p)"],
                ["    return p"],
            ]
        )
        self.vectors = kept
        self.functions.append(name)
        return [f"def {name}(p, a):", *body]

    def rare(self, indent: str) -> list[str]:
        r = self.r
        test = r.choice(
            ["k % 3 == 0", "k % 4 == 3 or k == n", "np.dot(y, y) > 1.2", "t > 0.25", "c and k % 2 == 1"]
        )
        said = r.choice(
            ['print(f"{k} {y[0]:.6f} {s:.3f}")', "log.append((k, float(y[1])))", 'print("%d" % k)']
        )
        rows = [f"{indent}if {test}:", f"{indent}    {said}"]
        if r.random() < 0.3:
            rows.append(f"{indent}    {r.choice(['break', 'y[0] = 0.5', 's = 0.25'])}")
        return rows


def script(seed: int) -> str:
    """The text of one script."""
    writer = Writer(seed)
    r = writer.r
    rows = HEAD.splitlines()
    for name in r.sample(["f", "g"], r.randrange(3)):
        rows += writer.function(name)
    in_function = r.random() < 0.4
    lead = "    " if in_function else ""
    names = "y, z, pos, vel, path, c, s, t"
    if in_function:
        rows.append(f"def run({names}):")
    loop = r.choice(["for k in range(n):", "for k in range(1, n + 2):", "k = 0", "for k in range(2 * n):"])
    is_while = loop == "k = 0"
    if is_while:
        rows += [f"{lead}k = 0", f"{lead}while k < n + 3:"]
    else:
        rows.append(f"{lead}{loop}")
    inner = lead + "    "
    places = [r.random() < 0.4, r.random() < 0.2, r.random() < 0.6]
    if places[0]:
        rows += writer.rare(inner)
    for index in range(r.randrange(1, 3)):
        rows += [f"{inner}for i in range(n):  # hot" if index == 0 else f"{inner}for i in range(n):"]
        rows += [f"{inner}    j = (i + k) % n"]
        kept = list(writer.vectors)
        for _ in range(r.randrange(1, 5)):
            rows += writer.statement(inner + "    ")
        writer.vectors = kept
    if places[1]:
        rows += writer.rare(inner)
        rows.append(f"{inner}s = 0.5 * s + 0.1")
    if is_while:
        rows.append(f"{inner}k += 1")
    rows.append(f"{inner}t = 0.9 * t + 0.01 * k")
    if places[2]:
        rows += writer.rare(inner)
    if in_function:
        rows += [f"    return {names}", f"{names} = run({names})"]
    return "\n".join([*rows, *SHOWN]) + "\n"
