"""Random small scripts with a hot loop: module level, functions, methods, closures; as people write them.

Each takes its size, the type of its arrays and that of its numbers from the command line, so that
what one run shows is not all that can come.
"""

import random

from tests.kernel import loop_checks, loop_objects, loop_states, loop_things

SIZES = ("1", "2", "3", "7", "12")
TYPES = ("float64", "float32", "int64")
NUMBERS = ("float", "int")

HEAD = """import math
import sys
import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 7
kind = sys.argv[2] if len(sys.argv) > 2 else "float64"
number = int if len(sys.argv) > 3 and sys.argv[3] == "int" else float
"""

HELPERS = """
def limit(a, b):
    if a * b <= 0:
        return 0.0
    return a if abs(a) < abs(b) else b

def blend(a, b=0.5):
    return 0.25 * a + b

def wrap(i, size):
    return i % size

def both(a, b):
    d = a - b
    return d, a + b

def first_above(values, bound):
    for k in range(len(values)):
        if values[k] > bound:
            return k
    return -1
"""


class Writer:
    """Writes one script.

    Parameters
    ----------
    seed
        Decides everything.
    """

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.floats = ["c", "s", "t"]
        self.ints = ["m", "k"]
        self.counters: list[str] = []
        self.arrays = ["u", "v"]
        self.lists: list[str] = []
        self.grids = ["w"] if self.r.random() < 0.5 else []
        self.whole = ["g"] if self.r.random() < 0.4 else []
        self.prefix = {}
        self.fresh = 0
        self.in_function = False
        self.loop_kinds: list[str] = []
        self.temps: list[str] = []
        self.has_history = self.r.random() < 0.4
        self.has_helpers = self.r.random() < 0.5
        if self.r.random() < 0.35:
            self.lists.append("a")
        self.has_objects = seed % 3 == 2
        self.has_checks = seed % 5 == 4
        self.has_things = seed % 7 == 6

    def name(self, plain: str) -> str:
        return self.prefix.get(plain, plain)

    def index(self, size: str = "n") -> str:
        r = self.r
        i = r.choice(self.counters or ["m"])
        return r.choice(
            [
                i,
                i,
                f"({i} + {r.randint(1, 3)}) % {size}",
                f"{i} - 1",
                f"({i} - {r.randint(1, 3)}) % {size}",
                f"{size} - 1 - {i}",
                f"{i} // 2",
                "-1",
                "0",
                f"-{i}",
                f"(2 * {i} + 1) % {size}",
                f"min({i} + 1, {size} - 1)",
                f"max({i} - 1, 0)",
            ]
        )

    def element(self) -> str:
        r = self.r
        choices = [f"{self.name(r.choice(self.arrays))}[{self.index('n')}]"]
        if self.lists:
            choices.append(f"{self.name(r.choice(self.lists))}[{self.index('n')}]")
        if self.grids:
            choices.append(f"{self.name('w')}[{self.index('n')}, {self.index('n')}]")
        return r.choice(choices)

    def real(self, depth: int = 2) -> str:
        r = self.r
        if depth <= 0 or r.random() < 0.25:
            return r.choice(
                [
                    self.element(),
                    self.element(),
                    self.name(r.choice(self.floats + self.temps)),
                    str(round(r.uniform(-2, 2), 2)),
                    self.whole_number(0),
                    str(r.randint(-3, 3)),
                ]
            )
        one, other = self.real(depth - 1), self.real(depth - 1)
        choices = [
            f"({one} {r.choice('+-*')} {other})",
            f"({one} {r.choice('+-*')} {other})",
            f"({one} {r.choice('+-*')} {other})",
            f"{one} / {r.choice(['2.0', '3', 'n', '7.5'])}",
            f"abs({one})",
            f"max({one}, {other})",
            f"min({one}, {other}, 1.5)",
            f"math.sqrt(abs({one}))",
            f"np.sqrt(np.abs({one}))",
            f"({one} if {self.condition(depth - 1)} else {other})",
            f"{one} / (abs({other}) + 1.0)",
            f"({one}) ** 2",
            f"-({one})",
            f"math.floor({one})",
            f"({one}) % 3.0",
            f"({one}) // 2",
            f"np.float64({one})",
            f"float({one})",
        ]
        if self.has_objects and r.random() < 0.3:
            return loop_objects.value(r, one, self.index(), self.index())
        if self.has_checks and r.random() < 0.3:
            return loop_checks.value(r, one, self.index())
        if self.has_things and r.random() < 0.3:
            return self.named([loop_things.value(r, one, self.index())])[0]
        if self.has_helpers:
            choices += [f"limit({one}, {other})", f"blend({one})", f"blend({one}, b={other})"] * 2
        return r.choice(choices)

    def whole_number(self, depth: int = 1) -> str:
        r = self.r
        names = [*self.ints, *self.counters, *self.counters, "n"]
        if depth <= 0 or r.random() < 0.4:
            picked = r.choice(names)
            if self.whole and r.random() < 0.3:
                return f"{self.name('g')}[{self.index('n')}]"
            return self.name(picked) if picked != "n" else "n"
        one, other = self.whole_number(depth - 1), self.whole_number(depth - 1)
        return r.choice(
            [
                f"({one} + {other})",
                f"({one} - {other})",
                f"({one}) // {r.choice(['2', '3', '-2'])}",
                f"({one}) % {r.choice(['2', '3', '-3', 'n'])}",
                f"abs({one})",
                f"({one}) * {r.randint(-2, 3)}",
                f"({one}) ** 2",
                f"int({self.real(depth - 1)})",
                f"wrap({one}, n)" if self.has_helpers else one,
                f"-({one})",
            ]
        )

    def condition(self, depth: int = 1) -> str:
        r = self.r
        choices = [
            f"{self.real(depth)} > {self.real(0)}",
            f"{self.whole_number(depth)} < {self.whole_number(0)}",
            f"{self.whole_number(depth)} % 2 == 0",
            f"{self.real(0)} != 0",
            f"0 < {self.whole_number(0)} <= 4",
        ]
        one = r.choice(choices)
        if r.random() < 0.25:
            return f"{one} {r.choice(['and', 'or'])} {r.choice(choices)}"
        return f"not {one}" if r.random() < 0.1 else one

    def named(self, rows: list[str]) -> list[str]:
        """Rows in which ``U`` and ``V`` are two of the script's arrays."""
        return [row.replace("U[", f"{self.name('u')}[").replace("V[", f"{self.name('v')}[") for row in rows]

    def new(self, stem: str) -> str:
        self.fresh += 1
        return f"{stem}{self.fresh}"

    def block(self, depth: int, indent: str, *, count: int | None = None) -> list[str]:
        rows: list[str] = []
        temps = list(self.temps)
        for _ in range(count or self.r.randint(1, 3)):
            rows += self.statement(depth, indent)
        self.temps = temps if self.r.random() < 0.8 else self.temps
        return rows or [f"{indent}pass"]

    def statement(self, depth: int, indent: str) -> list[str]:
        r = self.r
        roll = r.random()
        if depth > 0 and roll < 0.25:
            return self.loop(depth, indent)
        if depth > 0 and roll < 0.42:
            rows = [f"{indent}if {self.condition()}:", *self.block(depth - 1, indent + "    ", count=1)]
            if r.random() < 0.3:
                rows += [f"{indent}elif {self.condition()}:", *self.block(0, indent + "    ", count=1)]
            if r.random() < 0.4:
                rows += [f"{indent}else:", *self.block(depth - 1, indent + "    ", count=1)]
            return rows
        if self.loop_kinds and roll < 0.47:
            jump = r.choice(["break", "continue"])
            if self.in_function and r.random() < 0.3:
                jump = f"return {self.name('s')}"
            return [f"{indent}if {self.condition()}:", f"{indent}    {jump}"]
        return self.simple(indent)

    def simple(self, indent: str) -> list[str]:
        r = self.r
        if self.has_objects and r.random() < 0.25:
            one, at, other = self.real(1), self.index(), self.index()
            return loop_objects.rows(r, self.new("o"), one, at, other, indent)
        if self.has_checks and r.random() < 0.3:
            one, at, other = self.real(1), self.index(), self.index()
            return loop_checks.rows(r, self.new("e"), one, at, other, indent)
        if self.has_things and r.random() < 0.4:
            found = loop_things.rows(r, self.new("e"), self.real(1), self.index(), self.index())
            return [indent + row for row in self.named(found)]
        target = self.name(r.choice(self.floats[1:]))
        whole = self.name("k")
        choices = [
            f"{self.name(r.choice(self.arrays))}[{self.index('n')}] = {self.real()}",
            f"{self.name(r.choice(self.arrays))}[{self.index('n')}] {r.choice('+-*')}= {self.real(1)}",
            f"{self.name(r.choice(self.arrays))}[{self.index('n')}] = {self.real()}",
            f"{target} = {self.real()}",
            f"{target} {r.choice('+-')}= {self.real(1)}",
            f"{target} = max({target}, abs({self.real(1)}))",
            f"{whole} += {r.choice(['1', '2', '-1', 'm'])}",
            f"{whole} = {self.whole_number()}",
        ]
        if self.grids:
            choices.append(f"{self.name('w')}[{self.index('n')}, {self.index('n')}] = {self.real()}")
        if self.lists:
            choices += [f"{self.name('a')}[{self.index('n')}] = {self.real()}"] * 2
        if self.whole:
            choices.append(f"{self.name('g')}[{self.index('n')}] = {self.whole_number()}")
        if self.has_helpers and r.random() < 0.3:
            return [f"{indent}{target}, {self.name('t')} = both({self.real(1)}, {self.real(0)})"]
        if r.random() < 0.25:
            value = self.real()
            fresh = self.new("x")
            self.temps.append(fresh)
            return [f"{indent}{fresh} = {value}"]
        if r.random() < 0.06:
            one, other = self.name("u"), self.name("v")
            return [f"{indent}{one}, {other} = {other}, {one}"]
        if r.random() < 0.05:
            return [f"{indent}{self.name('v')} = {self.name('u')}.copy()"]
        if self.has_history and r.random() < 0.12:
            return [f"{indent}history.append({r.choice([target, whole])})"]
        if r.random() < 0.05:
            return [f"{indent}print({r.choice([target, whole])})"]
        return [indent + r.choice(choices)]

    def loop(self, depth: int, indent: str) -> list[str]:
        r = self.r
        i = r.choice([name for name in "ijlpq" if name not in self.counters])
        roll = r.random()
        inner = indent + "    "
        if roll < 0.12:
            count = self.new("z")
            self.loop_kinds.append("while")
            self.counters.append(count)
            more = r.choice(["", f" and ({self.condition()})"])
            rows = [
                f"{indent}{count} = 0",
                f"{indent}while {count} < {r.choice(['n', '3', 'm'])}{more}:",
                f"{inner}{count} += 1",
            ]
            at = self.counters.pop()
            self.ints.append(at)
            rows += self.block(depth - 1, inner)
            self.ints.remove(at)
            self.loop_kinds.pop()
            return rows
        value = ""
        if roll < 0.18:
            value = self.new("y")
            head = f"for {i}, {value} in enumerate({self.name(r.choice(self.arrays))}):"
        elif roll < 0.22:
            value = self.new("y")
            head = f"for {i}, ({value}, {value}b) in enumerate(zip({self.name('u')}, {self.name('v')})):"
        else:
            span = r.choice(
                [
                    "n",
                    "n",
                    "n",
                    "1, n",
                    "1, n - 1",
                    "n - 1, -1, -1",
                    "0, n, 2",
                    "n - 2, 0, -1",
                    "m",
                    f"1, {self.name('m')} + 1",
                ]
            )
            head = f"for {i} in {r.choice(['range({})'] * 6 + ['reversed(range({}))'])}:".format(span)
            if "reversed" in head and span.count(",") > 1:
                head = f"for {i} in range(n):"
        self.counters.append(i)
        self.loop_kinds.append("for")
        temps = list(self.temps)
        if value:
            self.temps.append(value)
        rows = [indent + head, *self.block(depth - 1, inner)]
        self.temps = temps
        self.loop_kinds.pop()
        self.counters.pop()
        if r.random() < 0.12:
            self.ints.append(i) if i not in self.ints else None
        return rows


SETUP = {
    "u": ["(np.arange(n) * 0.37 - 1).astype(kind)", "np.linspace(-1, 1, n)", "np.zeros(n) + 0.5"],
    "v": [
        "(np.arange(n)[::-1] * 0.21 + 0.1).astype(kind)",
        "np.ones(n)",
        "np.sin(np.arange(n))",
        "np.zeros(n)",
    ],
    "w": ["np.outer(np.arange(n), np.ones(n)).astype(kind)", "np.zeros((n, n))", "np.ones((n, n)) * 0.3"],
    "g": ["np.arange(n) % 3", "np.zeros(n, dtype=int)"],
    "a": ["[0.5 * i for i in range(n)]", "[number(i) for i in range(n)]", "[0.0] * n", "[0] * n"],
    "c": ["number(2)", "0.3", "number('3')"],
    "s": ["0.0", "number(0)", "0", "1.5"],
    "t": ["0.0", "0.1", "number(1)"],
    "m": ["n // 2", "2", "n - 1"],
    "k": ["0", "1"],
}


def script(seed: int) -> str:
    """A script whose loop in question is marked ``# hot``."""
    if seed % 11 == 10:
        return loop_states.script(seed)
    writer = Writer(seed)
    r = writer.r
    names = ["u", "v", *writer.grids, *writer.whole, *writer.lists, "c", "s", "t", "m", "k"]
    made = {name: r.choice(SETUP[name]) for name in names}
    style = r.choice(["module", "module", "function", "method", "closure", "global"])
    rows = [HEAD]
    if writer.has_helpers:
        rows.append(HELPERS)
    if writer.has_objects:
        rows.append(loop_objects.OBJECTS)
    if writer.has_checks:
        rows.append(loop_checks.SETUP)
    if writer.has_things:
        rows.append(loop_things.SETUP)
    if writer.has_history:
        rows.append("history = []")

    def shown(name: str, text: str) -> str:
        if name in ("u", "v", "w", "g"):
            return f"print({name!r}, {text}.dtype, {text}.tolist())"
        if name == "a":
            return f"print({name!r}, [float(x) for x in {text}])"
        return f"print({name!r}, {text})"

    def hot(indent: str) -> list[str]:
        depth = r.randint(1, 3)
        before = [row for _ in range(r.randint(0, 2)) for row in writer.simple(indent)]
        loop = writer.loop(depth, indent)
        at = next(index for index, row in enumerate(loop) if row.lstrip().startswith(("for", "while")))
        loop[at] += "  # hot"
        after = [row for _ in range(r.randint(0, 2)) for row in writer.simple(indent)]
        outer = r.random()
        if outer < 0.4:
            steps = [f"{indent}for step in range({r.choice(['3', 'm', 'n', '2'])}):"]
            return steps + ["    " + row for row in before + loop + after]
        return before + loop + after

    if style == "module":
        rows += [f"{name} = {value}" for name, value in made.items()]
        rows += hot("")
        rows += [shown(name, name) for name in names]
    elif style == "global":
        rows += [f"{name} = {value}" for name, value in made.items()]
        shared = [name for name in names if r.random() < 0.6]
        own = [name for name in names if name not in shared]
        writer.in_function = True
        body = hot("    ")
        rows += [
            f"def run({', '.join(own)}):",
            *([f"    global {', '.join(shared)}"] if shared else []),
            *body,
            f"    return {', '.join(own) or 'None'}",
            *[f"for again in range({r.choice(['1', '2'])}):", f"    print(run({', '.join(own)}))"],
            *[shown(name, name) for name in shared],
        ]
    elif style == "function":
        writer.in_function = True
        params = [name for name in names if r.random() < 0.6]
        local = [name for name in names if name not in params]
        body = hot("    ")
        rows += [
            f"def run({', '.join(params)}):",
            *[f"    {name} = {made[name]}" for name in local],
            *body,
            *["    " + shown(name, name) for name in names],
            "    return s",
            *[f"{name} = {made[name]}" for name in params],
            f"print(run({', '.join(params)}))",
        ]
        if r.random() < 0.5:
            rows.append(f"print(run({', '.join(params)}))")
        rows += [shown(name, name) for name in params]
    elif style == "closure":
        body_names = [name for name in names if r.random() < 0.5]
        writer.in_function = True
        body = hot("        ")
        outer = [name for name in names if name not in body_names]
        rows += [
            "def solve():",
            *[f"    {name} = {made[name]}" for name in outer],
            f"    def run({', '.join(body_names)}):",
            *([f"        nonlocal {', '.join(outer)}"] if outer else []),
            *body,
            *["        " + shown(name, name) for name in body_names],
            "        return s",
            *[f"    {name} = {made[name]}" for name in body_names],
            f"    print(run({', '.join(body_names)}))",
            *["    " + shown(name, name) for name in outer],
            "solve()",
        ]
    else:
        fields = [name for name in names if r.random() < 0.6]
        writer.prefix = {name: f"self.{name}" for name in fields}
        writer.in_function = True
        body = hot("        ")
        local = [name for name in names if name not in fields]
        rows += [
            "class Solver:",
            "    def __init__(self):",
            *[f"        self.{name} = {made[name]}" for name in fields],
            "        self.size = n",
            f"    def run(self, {', '.join(local)}):" if local else "    def run(self):",
            *body,
            *["        " + shown(name, name) for name in local],
            f"        return {writer.name('s')}",
            "solver = Solver()",
            *[f"{name} = {made[name]}" for name in local],
            f"for again in range({r.choice(['1', '2'])}):",
            f"    print(solver.run({', '.join(local)}))",
            *[shown(name, f"solver.{name}") for name in fields],
        ]
    if writer.has_objects:
        rows += loop_objects.SHOWN
    if writer.has_checks:
        rows += loop_checks.SHOWN
    if writer.has_things:
        rows += loop_things.SHOWN
    if writer.has_history:
        rows.append("print([float(x) for x in history])")
    return "\n".join(rows) + "\n"


def inputs(seed: int) -> list[tuple[str, ...]]:
    """Command lines to try a script with, beside the empty one that it is observed with."""
    r = random.Random(seed)
    return [
        ("1",),
        ("2", r.choice(TYPES)),
        ("3", "float64", "int"),
        (r.choice(SIZES), "float32", r.choice(NUMBERS)),
        (r.choice(SIZES), "int64", r.choice(NUMBERS)),
        ("12",),
    ]
