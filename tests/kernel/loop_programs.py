"""Random small loops: drawn, run in order, out of order and interleaved."""

import ast
import itertools
import random
import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

HELPERS = """
def clip(a, b):
    if a > b:
        return b
    return a

def take(a, k):
    return a[k] * 0.5

def put(a, k, x):
    a[k] = x

def before(k, n):
    if k == 0:
        return n - 1
    return k - 1
"""

SCALARS = ("p", "q")
AXES = ("i", "j", "l")


@dataclass(frozen=True)
class Program:
    """A function whose loop over ``i`` is in question."""

    header: str
    prelude: tuple[str, ...]
    body: str
    result: str

    @property
    def text(self) -> str:
        lines = [
            "def f(u, v, w, ind, n, m):",
            *(f"    {line}" for line in self.prelude),
            f"    for i in {self.header}:",
        ]
        return "\n".join([*lines, textwrap.indent(self.body, " " * 8), f"    return {self.result}", ""])


@st.composite
def index(draw: st.DrawFn, axes: tuple[str, ...], scalars: tuple[str, ...]) -> str:
    axis = draw(st.sampled_from(axes))
    shift = draw(st.integers(0, 3))
    forms = [
        axis,
        axis,
        axis,
        f"{axis} + {shift}",
        f"{axis} - {shift}",
        f"{shift}",
        f"-{shift + 1}",
        f"2 * {axis}",
        f"2 * {axis} + 1",
        f"{axis} // 2",
        f"({axis} + {shift}) % n",
        f"({axis} - 1) % n",
        f"n - 1 - {axis}",
        f"{axis} - n",
        f"{axis} + n",
        f"min({axis} + 1, n - 1)",
        f"max({axis} - 1, 0)",
        f"{axis} % 2",
        f"({axis} + 1 if {axis} < n - 1 else 0)",
        f"before({axis}, n)",
        f"abs({axis} - {shift})",
        f"ind[{axis}]",
        "n1",
        "n",
        f"-{axis}",
        f"{axis} - m",
        f"3 - {axis}",
    ]
    if len(axes) > 1:
        forms += [
            f"{axes[0]} + {axes[1]}",
            f"{axes[0]} - {axes[1]}",
            f"{axes[0]} * {axes[1]}",
            f"3 * {axes[1]} + {axes[0]}",
        ]
    forms += [*scalars, *(f"{name} + 1" for name in scalars)]
    return draw(st.sampled_from(forms))


@st.composite
def element(draw: st.DrawFn, axes: tuple[str, ...], scalars: tuple[str, ...]) -> str:
    one, other = draw(index(axes, scalars)), draw(index(axes, scalars))
    return draw(
        st.sampled_from([f"u[{one}]", f"v[{one}, {other}]", f"v[{one}][{other}]", f"w[{one}]", f"u[{other}]"])
    )


@st.composite
def value(draw: st.DrawFn, axes: tuple[str, ...], scalars: tuple[str, ...]) -> str:
    one, other = draw(element(axes, scalars)), draw(element(axes, scalars))
    forms = [
        f"{one} + 1.0",
        f"{one} - 0.5 * {other}",
        f"clip({one}, {other})",
        "7.0",
        f"1.0 * {axes[0]}",
        f"take(u, {draw(index(axes, scalars))})",
    ]
    return draw(st.sampled_from(forms))


@st.composite
def condition(draw: st.DrawFn, axes: tuple[str, ...], scalars: tuple[str, ...]) -> str:
    axis, shift = draw(st.sampled_from(axes)), draw(st.integers(0, 3))
    forms = [
        f"{axis} == {shift}",
        f"{axis} > {shift}",
        f"{axis} < n - 1",
        f"{axis} % 2 == {shift % 2}",
        f"{axis} != 0",
        f"{axis} >= 1 and {axis} < n - 1",
        f"not {axis} == 0",
        f"0 < {axis} <= 3",
        f"{draw(element(axes, scalars))} > 0.0",
        f"({axes[0]} + {axes[-1]}) % 2 == 0",
        f"{axis} == 0 or u[{axis} - 1] > 0.0",
    ]
    return draw(st.sampled_from(forms))


@st.composite
def block(draw: st.DrawFn, axes: tuple[str, ...], scalars: tuple[str, ...], depth: int) -> list[str]:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(
            st.sampled_from(
                ["store"] * 6
                + [
                    "add",
                    "scalar",
                    "scalar",
                    "point",
                    "if",
                    "if",
                    "for",
                    "for",
                    "while",
                    "continue",
                    "sum",
                    "row",
                    "put",
                    "local",
                    "slice",
                    "rowcopy",
                    "max",
                    "break",
                ]
            )
        )
        at = draw(index(axes, scalars))
        match kind:
            case "store":
                lines.append(f"{draw(element(axes, scalars))} = {draw(value(axes, scalars))}")
            case "add":
                lines.append(f"{draw(element(axes, scalars))} += {draw(value(axes, scalars))}")
            case "scalar":
                lines.append(f"x = {draw(value(axes, scalars))}")
                lines.append(f"{draw(element(axes, scalars))} = x * 2.0")
            case "point":
                name = draw(st.sampled_from(SCALARS))
                lines.append(f"{name} = {at}")
                scalars = tuple(dict.fromkeys((*scalars, name)))
            case "if" if depth:
                lines.append(f"if {draw(condition(axes, scalars))}:")
                lines += [f"    {line}" for line in draw(block(axes, scalars, depth - 1))]
                if draw(st.booleans()):
                    lines.append("else:")
                    lines += [f"    {line}" for line in draw(block(axes, scalars, depth - 1))]
            case "for" if depth and len(axes) < 3:
                axis = AXES[len(axes)]
                header = draw(
                    st.sampled_from(
                        [
                            "range(n)",
                            "range(1, n)",
                            "range(i)",
                            "range(i + 1, n)",
                            "range(n - 1, -1, -1)",
                            "range(0, n, 2)",
                            "range(3)",
                            "range(-2, 2)",
                            "range(m)",
                        ]
                    )
                )
                lines.append(f"for {axis} in {header}:")
                lines += [f"    {line}" for line in draw(block((*axes, axis), scalars, depth - 1))]
            case "while" if depth:
                lines += ["c = 0", "while c < 3:"]
                lines.append("    c += 1")
                lines += [f"    {line}" for line in draw(block(axes, (*scalars, "c"), 0))]
            case "continue":
                lines += [f"if {draw(condition(axes, scalars))}:", "    continue"]
            case "break" if len(axes) > 1:
                lines += [f"if {draw(condition(axes, scalars))}:", "    break"]
            case "sum":
                lines.append(f"s += {draw(element(axes, scalars))}")
            case "max":
                lines.append(f"big = max(big, {draw(element(axes, scalars))})")
            case "row":
                lines.append(f"row = v[{at}]")
                lines.append(f"row[{draw(index(axes, scalars))}] = {draw(value(axes, scalars))}")
            case "put":
                lines.append(
                    f"put({draw(st.sampled_from(['u', 'w', 'v[i]']))}, {at}, {draw(value(axes, scalars))})"
                )
            case "local":
                lines += [
                    "tmp = np.zeros(4)",
                    f"tmp[{draw(st.integers(0, 3))}] = {draw(value(axes, scalars))}",
                    f"u[{at}] = tmp[1] + tmp[2]",
                ]
            case "slice":
                lines.append(f"v[{at}, :] = {draw(value(axes, scalars))}")
            case "rowcopy":
                lines.append(f"v[{at}] = v[{draw(index(axes, scalars))}] * 0.5")
            case _:
                lines.append(f"{draw(element(axes, scalars))} = {draw(value(axes, scalars))}")
    return lines


@st.composite
def programs(draw: st.DrawFn) -> Program:
    header = draw(
        st.sampled_from(
            ["range(n)"] * 3
            + ["range(1, n - 1)"] * 3
            + [
                "range(1, n)",
                "range(n - 1)",
                "range(n - 1, -1, -1)",
                "range(0, n, 2)",
                "range(1, n, 2)",
                "range(m, n)",
                "range(n - 2, 0, -2)",
                "range(-2, 3)",
                "range(n1)",
            ]
        )
    )
    prelude = [
        draw(st.sampled_from(["n1 = n - 1", "n1 = u.shape[0] - 1", "n1 = len(w) - 2"])),
        "s = 0.0",
        "big = 0.0",
        "x = 1.0",
        "p = 1",
        "q = 0",
    ]
    known = draw(st.sampled_from([(), (), ("p",)]))
    body = "\n".join(draw(block(("i",), known, 2)))
    result = draw(st.sampled_from(["s", "s, big", "s, big", "s, x", "s, p"]))
    return Program(header, tuple(prelude), body, result)


def arguments(seed: int, n: int) -> tuple[Any, ...]:
    """Arrays long enough for most of the subscripts, with values that tell cells apart."""
    rng = np.random.default_rng(seed)
    size = 12
    return (
        rng.standard_normal(size),
        rng.standard_normal((size, size)),
        rng.standard_normal(size + 1),
        rng.integers(0, size, size),
        n,
        int(rng.integers(0, 3)),
    )


def run(program: Program, given: tuple[Any, ...], order: Any) -> tuple[Any, ...]:
    """Arrays and result after the loop ran in an order of its iterations."""
    text = HELPERS + program.text.replace(f"for i in {program.header}:", f"for i in order({program.header}):")
    space: dict[str, Any] = {"np": np, "order": order}
    exec(compile(text, "<program>", "exec"), space)
    given = tuple(item.copy() if isinstance(item, np.ndarray) else item for item in given)
    result = space["f"](*given)
    return (*given[:3], np.asarray(result))


class _Yielding(ast.NodeTransformer):
    """Puts a ``yield`` after every statement: another iteration may run there."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse"):
            statements = getattr(node, name, None)
            if isinstance(statements, list) and statements and isinstance(statements[0], ast.stmt):
                pause = [ast.Expr(ast.Yield(None)) for _ in statements]
                mixed = [part for pair in zip(pause, statements, strict=True) for part in pair]
                setattr(node, name, mixed)
        return node


def interleave(program: Program, given: tuple[Any, ...], seed: int) -> tuple[Any, ...]:
    """Arrays after all iterations ran at once, each with scalars of its own, statement by statement."""
    body = ast.parse("for _ in (0,):\n" + textwrap.indent(program.body, "    "))
    assert isinstance(body.body[0], ast.For)
    _Yielding().visit(body)
    ast.fix_missing_locations(body)
    bound = {
        node.id for node in ast.walk(body) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    outer = [f"{name}={start}" for name, start in (("p", 1), ("q", 0), ("x", 1.0)) if name not in bound]
    names = ["u", "v", "w", "ind", "n", "m", "n1"]
    iteration = f"def iteration(i, {', '.join([*names, *outer])}):\n" + textwrap.indent(
        ast.unparse(body), "    "
    )
    axis = f"def axis({', '.join(names)}):\n    return list({program.header})"
    space: dict[str, Any] = {"np": np}
    exec(compile(HELPERS + iteration + "\n" + axis, "<iteration>", "exec"), space)
    given = tuple(item.copy() if isinstance(item, np.ndarray) else item for item in given)
    u, w, n = given[0], given[2], given[4]
    n1 = {"n1 = n - 1": n - 1, "n1 = u.shape[0] - 1": u.shape[0] - 1, "n1 = len(w) - 2": len(w) - 2}[
        program.prelude[0]
    ]
    rng = random.Random(seed)
    running = [space["iteration"](i, *given, n1) for i in space["axis"](*given, n1)]
    for _ in itertools.count():
        if not running:
            break
        turn = rng.randrange(len(running))
        try:
            next(running[turn])
        except StopIteration:
            running.pop(turn)
    return given[:3]
