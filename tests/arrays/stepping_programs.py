"""Random time loops of several stencils that read one another's results, with edges set between them.

As people step staggered grids, predictors and correctors, half steps between two arrays: programs of
which a schedule may do several statements, or several steps, in one sweep over the rows.
"""

import random

from tests.arrays.expressions import Axis
from tests.arrays.given import CASES, HEAD, KINDS, NUMBERS, ODD_CASES, ODD_KINDS, whole
from tests.arrays.programs import SHARED, Writer


class SteppingWriter(Writer):
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.ndim = self.r.choice((1, 2, 2, 2, 2, 3))
        self.sizes = {1: ("n",), 2: ("n", "m"), 3: ("n", "m", "3")}[self.ndim]
        if self.ndim == 3 and self.r.random() < 0.5:
            self.sizes = ("3", "n", "m")  # the parts of a state first
        self.whole = tuple(Axis(size) for size in self.sizes)
        self.has_helpers = False
        self.calm = True
        self.in_function = self.r.random() < 0.8

    def axes(self) -> tuple[Axis, ...]:
        r = self.r
        cut = r.choice((0, 1, 2, 2, 2))
        if r.random() < 0.7:
            return tuple(Axis(size, cut) for size in self.sizes)
        return tuple(Axis(size, r.choice((0, 1, 2))) for size in self.sizes)

    def rolled(self, name: str) -> str:
        if self.r.random() < 0.7:
            return name
        axis = self.r.choice((self.ndim - 1, self.ndim - 1, 0))
        return f"np.roll({name}, {self.r.choice((1, -1))}, axis={axis})"

    def edge(self) -> list[str]:
        r = self.r
        name = r.choice(self.arrays)
        if self.ndim == 1:
            return super().edge()
        rest = self.whole[1:]
        other = r.choice(self.arrays)
        value = r.choice(
            [
                f"{name}[1 % n]",
                f"{name}[-1]",
                f"{other}[0]",
                f"c * {other}[-1]",
                "t",
                "g[t]",
                "0",
                self.expression(rest, 1),
            ]
        )
        if r.random() < 0.6:
            return [f"{name}[{r.choice(('0', '-1', 'n - 1'))}] = {value}"]
        column = r.choice((f"{name}[:, 1 % m]", f"{other}[:, 0]", "c", "0.5"))
        return [f"{name}[:, {r.choice(('0', '-1'))}] = {column}"]

    def copied(self) -> list[str]:
        """The old values of an array beside the new."""
        name = self.r.choice(("u", "v", "w"))
        self.fresh += 1
        old = f"{name}n"
        axes = self.axes()
        made = [f"{old} = {name}.copy()" if self.r.random() < 0.7 else f"{old}[...] = {name}"]
        if "[" in made[0] and old not in self.arrays:
            made = [f"{old} = {name}.copy()"]
        if old not in self.arrays:
            self.arrays.append(old)
        far = f"{old}{self.subscript(axes)}"
        return [*made, f"{name}{self.subscript(axes)} = {far} + c * ({self.expression(axes, 2)})"]

    def flux(self) -> list[str]:
        """An array that is made anew each step and read at two places."""
        r = self.r
        self.fresh += 1
        name = f"f{self.fresh}"
        other = r.choice(self.arrays)
        made = [f"{name} = {r.choice(('np.zeros_like', 'np.empty_like'))}({other})"]
        if "empty" in made[0]:
            made.append(f"{name}[...] = {other} * c")
        self.arrays.append(name)
        axes = self.axes()
        return [*made, f"{name}{self.subscript(axes)} = {self.expression(axes, 2)}", *self.store()]

    def number(self) -> list[str]:
        self.numbers.append("e")
        return [f"e = {self.r.choice(('0.5 * t', 'c * t', 'g[t]', 'd'))}"]

    def reduction(self) -> list[str]:
        name = self.r.choice(self.arrays)
        return [f"g[t] = {self.r.choice(('np.max', 'np.min'))}({self.r.choice((name, f'np.abs({name})'))})"]

    def statement(self) -> list[str]:
        common = [self.store] * 6 + [self.update] * 4 + [self.edge] * 4 + [self.copied, self.flux]
        rare = [self.bind, self.number, self.reduction, self.whole_update, self.branch, self.swap]
        return self.r.choice(common * 2 + rare)()

    def made(self) -> list[str]:
        r = self.r
        shape = ", ".join(self.sizes)
        return [
            f"u, v = pair({shape})",
            f"w = field(5, {shape})",
            f"r = field(6, {self.sizes[-1]})",
            f"q = field(7, {self.sizes[-2] if self.ndim > 1 else 'n'})",
            "g = field(8, 20)",
            "c, d = number(0.6), number(-1.25)",
            f"steps = {r.choice((1, 2, 3, 9, 10))}",
        ]

    def text(self) -> str:
        r = self.r
        body = self.body()
        bounds = r.choice(("steps", "steps", "steps", "1, steps", "steps - 1", "0, steps, 2"))
        loop = [f"for t in range({bounds}):  # hot", *(f"    {line}" for line in body)]
        if not self.in_function:
            return whole(HEAD, [*self.made(), *loop])
        loop.append("return u, v, w")
        arguments = "u, v, w, r, q, g, c, d, steps"
        function = [f"def solve({arguments}):", *(f"    {line}" for line in loop), "", ""]
        return whole(HEAD, [*function, *self.made(), f"result = solve({arguments})", *SHARED])

    def text_with_turns(self) -> str:
        """Two arrays that take turns."""
        body = self.store() + self.store()
        axes = self.axes()
        body.insert(self.r.randint(0, 2), f"v{self.subscript(axes)} = {self.expression(axes, 2)}")
        body += self.edge() if self.r.random() < 0.5 else []
        self.statement = lambda: [body.pop(0)] if body else self.edge()  # type: ignore[method-assign]
        lines = self.text().splitlines()
        at = max(number for number, row in enumerate(lines) if "# hot" in row) + 1
        while at < len(lines) and lines[at].startswith("    ") and "return" not in lines[at]:
            at += 1
        indent = "        " if self.in_function else "    "
        return "\n".join([*lines[:at], f"{indent}u, v = v, u", *lines[at:]]) + "\n"


def program(seed: int) -> str:
    """The text of one program, with its hot loop marked ``# hot``."""
    writer = SteppingWriter(seed)
    return writer.text_with_turns() if writer.r.random() < 0.2 else writer.text()


def inputs(seed: int) -> tuple[tuple[str, ...], ...]:
    """Command lines that nobody observed."""
    r = random.Random(seed)
    sizes = (("1", "1"), ("2", "3"), ("3", "2"), ("13", "4"), ("5", "5"), ("4", "1"), ("8", "9"), ("21", "3"))
    kinds = (*KINDS[:1] * 9, *KINDS[:2] * 3, *KINDS, r.choice(ODD_KINDS))
    cases = (*CASES[:1] * 4, *CASES, r.choice(ODD_CASES))
    found = [(*size, r.choice(kinds), r.choice(cases), r.choice(NUMBERS)) for size in r.sample(sizes, 3)]
    return (("7", "6", "float64", "special"), *found)
