"""Random array programs whose steps stand elsewhere: in methods, closures, callbacks, attributes, dicts.

What the loop does is what ``tests.arrays.programs`` and ``stepping_programs`` do; where its arrays live,
who calls the step and what sort of arrays are seen first is drawn here.
"""

import ast
import random
from collections.abc import Iterable

from tests.arrays import programs
from tests.arrays.given import CASES, KINDS, NUMBERS, ODD_CASES, ODD_KINDS, whole
from tests.arrays.stepping_programs import SteppingWriter

STYLES = ("method", "step", "dict", "namespace", "closure", "function", "globals", "callback")
EXTRA = (
    "{u} = {u} + {kept}",
    "{kept} = {u}",
    "{v}[...] = {kept} * 0.5",
    "{kept} = {u}.copy()",
    "{u}, {kept} = {kept}, {u}",
    "{kept} += {w}",
    "{w}[...] = {half}",
    "{u} = {half} + {w}",
    "{log}.append({u}.copy())",
    "{log}.append({u})",
    "{log}.append(float(np.sum({v})))",
    "{d} = {d} * 0.5",
    "was = {u}\nif t % 2:\n    {u} = was + 0.1 * {w}\nelse:\n    {v} += 0.1 * was",
    "was = {u}\n{u} = 0.5 * was\nif t == 1:\n    {w} += was",
    "if t == 2:\n    {kept} = None\nelif t > 2:\n    {kept} = 0.5 * {u}",
    "if {kept} is not None:\n    {u} = {u} + 0.1 * {kept}",
)
"""What programs do with what they keep: arrays with second names, in lists, behind properties."""


class _Renamed(ast.NodeTransformer):
    def __init__(self, places: dict[str, str]) -> None:
        self.places = places

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self.places:
            return node
        place = ast.parse(self.places[node.id], mode="eval").body
        if isinstance(place, ast.Attribute | ast.Subscript | ast.Name):
            place.ctx = node.ctx
        return place


def renamed(lines: Iterable[str], places: dict[str, str]) -> list[str]:
    """Statements whose names are other places."""
    tree = _Renamed(places).visit(ast.parse("\n".join(lines)))
    return ast.unparse(ast.fix_missing_locations(tree)).splitlines()


def bound(lines: Iterable[str]) -> set[str]:
    """Names that statements bind."""
    return {
        node.id
        for node in ast.walk(ast.parse("\n".join(lines)))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def indented(lines: Iterable[str], times: int = 1) -> list[str]:
    return ["    " * times + line for line in lines]


def marked(lines: list[str], r: random.Random) -> list[str]:
    """The same with one statement marked as hot."""
    starts = [at for at, line in enumerate(lines) if not line.lstrip().startswith(("if", "break", "return"))]
    at = r.choice(starts or [0])
    return [*lines[:at], lines[at] + "  # hot", *lines[at + 1 :]]


class PlacedWriter:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        r = self.r = random.Random(seed)
        self.inner = SteppingWriter(seed) if r.random() < 0.4 else programs.Writer(seed)
        self.style = r.choice(STYLES)
        self.first = self.inner.start()
        self.lines = self.inner.body()
        self.made = self.inner.made()
        for _ in range(r.choice((0, 0, 1, 1, 2))):
            half = "half" if self.style in ("method", "step", "callback") else "0.5 * u"
            names = {name: name for name in ("u", "v", "w", "d", "kept", "log")}
            extra = r.choice(EXTRA).format(**names, half=half)
            at = r.choice([0, len(self.lines)])
            self.lines[at:at] = extra.splitlines()
        self.made += ["kept, log = 1 * w, []"]
        self.names = ["u", "v", "w", "r", "q", "c", "d", "kept", "log"]
        self.names += [name for name in "QFg" if any(row.startswith(name) for row in self.made)]
        self.carried = sorted({"u", "v", "w", "kept", "a0", *(bound(self.lines) & set(self.names))})
        if not self.first:
            self.carried.remove("a0")

    def loop(self, step: list[str]) -> list[str]:
        head = self.r.choice(
            ("for t in range(steps):", "for t in range(steps):", "for t in range(1, steps + 1):")
        )
        return [head, *indented(step)]

    def shown(self, places: dict[str, str]) -> list[str]:
        """What is looked at, and whose memory it is."""
        results = [places.get(name, name) for name in self.carried]
        return [
            f"result = ({', '.join(results)},)",
            "shared = tuple(np.shares_memory(x, y) for x in result for y in (*result, u, v, w))",
            f"rows = tuple({places.get('log', 'log')})",
        ]

    def text(self) -> str:
        r, body = self.r, self.lines
        if self.style in ("method", "step", "callback"):
            lines = self.of_a_class(body)
        elif self.style in ("dict", "namespace"):
            way = "state[{0!r}]" if self.style == "dict" else "state.{0}"
            places = {name: way.format(name) for name in self.names if r.random() < 0.7}
            places |= {name: way.format(name) for name in ("a0",) if self.first}
            filled = ", ".join(f"{name}={name}" for name in self.names)
            made = [*self.made, *self.first, f"state = dict({filled})"]
            if self.style == "namespace":
                made = ["from types import SimpleNamespace", *made[:-1], f"state = SimpleNamespace({filled})"]
            if self.first:
                made.append(f"{places['a0']} = a0")
            lines = [*made, *self.loop(marked(renamed(body, places), r)), *self.shown(places)]
        elif self.style == "closure":
            own = sorted(bound(body) & {*self.names, "a0"})
            step = [*([f"nonlocal {', '.join(own)}"] if own else []), *marked(self.returning(body), r)]
            lines = [
                f"def make({', '.join(self.names)}):",
                *indented(self.first),
                *indented(["def step(t):"]),
                *indented(step, 2),
                *indented(["def parts():", f"    return {', '.join(self.carried)},", "return step, parts"]),
                *self.made,
                f"step, parts = make({', '.join(self.names)})",
                *self.loop(["step(t)"]),
                "result = parts()",
                "shared = tuple(np.shares_memory(x, y) for x in result for y in (*result, u, v, w))",
            ]
        elif self.style == "function":
            inside = sorted({*self.names, *(["a0"] if self.first else [])})
            back = [name for name in inside if name in self.carried]
            step = marked(renamed(body, {}), r)
            if any("break" in row for row in step):
                step = [row.replace("break", f"return {', '.join(back)}") for row in step]
            lines = [
                f"def step(t, {', '.join(inside)}):",
                *indented([*step, f"return {', '.join(back)}"]),
                *self.made,
                *self.first,
                *self.loop([f"{', '.join(back)} = step(t, {', '.join(inside)})"]),
                *self.shown({}),
            ]
        else:
            own = sorted(bound(body) & {*self.names, "a0"})
            step = [*([f"global {', '.join(own)}"] if own else []), *marked(self.returning(body), r)]
            lines = ["def step(t):", *indented(step), *self.made, *self.first, *self.loop(["step(t)"])]
            lines += self.shown({})
        return self.observed(whole(self.inner.head, lines))

    def returning(self, body: list[str]) -> list[str]:
        """A step that ends where the loop would have."""
        return [row.replace("break", "return") for row in body]

    def of_a_class(self, body: list[str]) -> list[str]:
        r = self.r
        way = self.style
        places = {name: f"self.{name}" for name in self.names if way != "method" or r.random() < 0.7}
        places |= {"half": "self.half", "log": "self.log", "u": "self.u"}
        if self.first:
            places["a0"] = "self.a0"
        local = [name for name in self.names if name not in places]
        body = renamed(body, places)
        seen = {name: place.replace("self", "solver") for name, place in places.items()}
        rows = [
            "class Solver:",
            f"    def __init__(self, {', '.join(self.names)}):",
            *indented((f"self.{name} = {name}" for name in self.names), 2),
            *indented(renamed(self.first, places), 2),
            "    @property",
            "    def half(self):",
            "        return 0.5 * self.u",
        ]
        if way == "method":
            back = [name for name in self.carried if name in local]
            rows += [
                f"    def run(self, steps, {', '.join(local)}):",
                *indented(self.loop(marked(body, r)), 2),
                f"        return ({''.join(name + ', ' for name in back)})",
            ]
            call = [f"{''.join(name + ', ' for name in back)}*rest, = solver.run(steps, {', '.join(local)})"]
        else:
            rows += ["    def advance(self, t):", *indented(marked(self.returning(body), r), 2)]
            call = self.loop(["solver.advance(t)"])
            if way == "callback":
                rows += ["def march(f, steps):", *indented(self.loop(["f(t)"]))]
                call = [f"march({r.choice(('solver.advance', 'lambda t: solver.advance(t)'))}, steps)"]
            elif r.random() < 0.5:
                rows += ["    def run(self, steps):", *indented(self.loop(["self.advance(t)"]), 2)]
                call = ["solver.run(steps)"]
        if r.random() < 0.3:
            call = [*call, "u[...] = u * 0.5", *call]
        return [*rows, *self.made, f"solver = Solver({', '.join(self.names)})", *call, *self.shown(seen)]

    def observed(self, text: str) -> str:
        """The same, perhaps seen with other arrays and numbers than usual."""
        r = self.r
        if r.random() < 0.15:
            text = text.replace(
                'given.get(3, "float64")', f"given.get(3, {r.choice((*KINDS, *ODD_KINDS))!r})"
            )
        if r.random() < 0.15:
            text = text.replace('given.get(4, "apart")', f"given.get(4, {r.choice((*CASES, *ODD_CASES))!r})")
        if r.random() < 0.15:
            text = text.replace('given.get(5, "float")', f"given.get(5, {r.choice(NUMBERS)!r})")
        return text


def program(seed: int) -> str:
    """The text of one program, with its hot line marked ``# hot``."""
    return PlacedWriter(seed).text()


inputs = programs.inputs
