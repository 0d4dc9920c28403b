"""What random array programs compute: subscripts, views, rolls, conditions, calls of functions."""

import random
from dataclasses import dataclass

_STEADY = ("WEIGHTS[2]", "TABLE[1]", "TABLE[-2]", "c**3", "np.exp(-c)", "0.5 * WEIGHTS[0]")
"""Numbers that a loop computes once."""


@dataclass(frozen=True)
class Axis:
    """One axis of an expression: ``size - cut`` cells, or every other one of ``size``."""

    size: str
    cut: int = 0
    step: int = 1


class Expressions:
    """Writes subscripts and expressions.

    Parameters
    ----------
    seed
        Decides everything; what decides may also come from elsewhere.
    """

    def __init__(self, seed: int | random.Random) -> None:
        self.r = seed if isinstance(seed, random.Random) else random.Random(seed)
        self.ndim = self.r.choice((1, 1, 2, 2, 2, 2, 3))
        self.sizes = {1: ("n",), 2: ("n", "m"), 3: ("2", "n", "m")}[self.ndim]
        self.whole = tuple(Axis(size) for size in self.sizes)
        self.arrays = ["u", "v", "w"]
        self.rows = ["r"]
        self.numbers = ["c", "d"]
        self.masks: list[str] = []
        self.views: dict[str, tuple[Axis, ...]] = {}
        self.fresh = 0
        self.in_function = self.r.random() < 0.65
        self.has_helpers = self.ndim < 3 and self.r.random() < 0.5
        self.calm = self.r.random() < 0.5
        """Only the commonest idioms."""

    # --- subscripts

    def slice(self, axis: Axis) -> str:
        r = self.r
        if axis.step == 2:
            return r.choice(("::2", "0::2"))
        if axis.cut == 0:
            return r.choice((":", ":", ":", f"0:{axis.size}", "::1") + (() if self.calm else ("::-1",)))
        start = r.randint(0, axis.cut)
        end = axis.cut - start
        stops = [f"-{end}", f"{axis.size} - {end}"] if end else ["", axis.size]
        starts = [str(start)] if start else ["", "0"]
        return f"{r.choice(starts)}:{r.choice(stops)}"

    def subscript(self, axes: tuple[Axis, ...]) -> str:
        parts = [self.slice(axis) for axis in axes]
        while len(parts) > 1 and parts[-1] == ":" and self.r.random() < 0.4:
            parts.pop()
        if len(parts) < len(axes) or self.r.random() > 0.1 or len(parts) < 2:
            return "[" + ", ".join(parts) + "]"
        if parts[0] == ":":
            return "[..., " + ", ".join(parts[1:]) + "]"
        return "[" + ", ".join(parts) + "]"

    def leaf(self, axes: tuple[Axis, ...]) -> str:
        """Something that gives these axes, or broadcasts to them."""
        r = self.r
        choice = r.random()
        if not axes or choice < 0.15:
            return r.choice(
                [*self.numbers, *self.numbers, "0.5", "2", "3.0", "1", "-1", "t", "0.25", *_STEADY]
            )
        if len(axes) < self.ndim:
            return self.lower(axes)
        same = [name for name, of in self.views.items() if of == axes]
        if same and r.random() < 0.5:
            return r.choice(same)
        if choice < 0.3 and self.ndim > 1 and all(a.step == 1 for a in axes):
            if r.random() < 0.5:
                return f"r[{self.slice(axes[-1])}]"
            column = f"q[{self.slice(axes[-2])}]"
            if r.random() < 0.5:
                return f"{column}[:, {r.choice(('None', 'np.newaxis'))}]"
            return f"q[{self.slice(axes[-2])}, None]"
        name = r.choice(self.arrays)
        if axes == self.whole:
            if r.random() < 0.3:
                return self.rolled(name)
            if r.random() < 0.7:
                return name
        if not self.calm and r.random() < 0.1:
            return f"{self.rolled(name)}{self.subscript(axes)}"
        return f"{name}{self.subscript(axes)}"

    def lower(self, axes: tuple[Axis, ...]) -> str:
        """Fewer axes than the arrays have: a row, a column, or a plane."""
        r = self.r
        if len(axes) == 1 and axes[0].size == self.sizes[-1] and self.ndim == 2:
            name = r.choice([*self.arrays, "r"])
            if name == "r":
                return f"r[{self.slice(axes[0])}]"
            return f"{name}[{r.choice(('0', '-1', '1 % n', 'n - 1', 'n // 2'))}, {self.slice(axes[0])}]"
        if len(axes) == 1 and axes[0].size == self.sizes[0] and self.ndim == 2:
            return f"{r.choice(self.arrays)}[{self.slice(axes[0])}, {r.choice(('0', '-1', 'm - 1'))}]"
        if len(axes) == 2 and self.ndim == 3:
            return f"{r.choice(self.arrays)}[{r.choice(('0', '1', '-1'))}, " + self.subscript(axes)[1:]
        return r.choice(self.numbers)

    def rolled(self, name: str) -> str:
        if self.r.random() < 0.25:
            return self.by_places(name)
        shift = self.r.choice((1, -1, 1, -1, 2, -3))
        if self.ndim == 1:
            return f"np.roll({name}, {shift})"
        axis = self.r.randrange(self.ndim)
        return f"np.roll({name}, {shift}, {self.r.choice(('', 'axis='))}{axis})"

    def by_places(self, name: str) -> str:
        """A shift by an array of indices."""
        axis = self.r.choice([at for at, size in enumerate(self.sizes) if size in "nm"])
        places = f"{self.r.choice(('NEXT', 'LAST'))}_{self.sizes[axis].upper()}"
        if self.r.random() < 0.2:
            return f"np.take({name}, {places}, axis={axis})"
        return f"{name}[{':, ' * axis}{places}{', :' * (self.r.random() < 0.2 and axis + 1 < self.ndim)}]"

    # --- expressions

    def condition(self, axes: tuple[Axis, ...], depth: int) -> str:
        one = self.expression(axes, depth - 1)
        other = self.r.choice([*self.numbers, "0", "0.5"])
        if self.r.random() < 0.3:
            other = self.expression(axes, depth - 1)
        test = f"{one} {self.r.choice(('>', '<', '>=', '<='))} {other}"
        if not self.calm and self.r.random() < 0.2:
            return f"(({test}) {self.r.choice('&|')} ({self.leaf(axes)} > 0))"
        return f"({test})"

    def expression(self, axes: tuple[Axis, ...], depth: int = 2) -> str:
        r = self.r
        if depth <= 0 or r.random() < 0.15:
            return self.leaf(axes)
        choice = r.random()
        one = self.expression(axes, depth - 1)
        if choice < 0.6:
            other = self.expression(axes, depth - 1)
            return f"({one} {r.choice('++--**')} {other})"
        if choice < 0.66:
            return f"({one} / {r.choice(['2', 'c', '0.3', '3', self.leaf(axes)])})"
        if choice < 0.72:
            return f"{r.choice(('np.maximum', 'np.minimum'))}({one}, {self.expression(axes, depth - 1)})"
        if choice < 0.77:
            return f"np.where({self.condition(axes, depth)}, {one}, {self.expression(axes, depth - 1)})"
        if choice < 0.82:
            return f"{r.choice(('np.abs', 'abs'))}({one})"
        if choice < 0.86:
            return f"np.sqrt(np.abs({one}))"
        if choice < 0.91:
            return f"({one})**2"
        if choice < 0.94:
            return f"-{one}" if one[0] != "-" else one
        if self.has_helpers and axes == self.whole:
            name = r.choice(self.arrays)
            return r.choice(
                [
                    f"laplacian({name})",
                    f"halved({name})",
                    f"limit({name}, {one})",
                    f"scaled({name})",
                    f"twice({r.choice(('half', 'laplacian', 'outside', 'halved'))}, {name})",
                ]
            )
        if self.has_helpers and axes == tuple(Axis(size, 2) for size in self.sizes):
            return f"inner({r.choice(self.arrays)})"
        if not self.calm and self.ndim == 1 and axes == (Axis("n", 1),):
            return f"np.diff({r.choice(self.arrays)})"
        return one

    def counted(self) -> list[str]:
        """Truth values and integers: converted, counted, listed places."""
        r = self.r
        self.fresh += 1
        name, one, other = f"k{self.fresh}", r.choice(self.arrays), r.choice(self.arrays)
        test = f"({one} > {r.choice(self.numbers)})"
        return r.choice(
            [
                [f"{name} = {test}.astype({r.choice(('int', 'float'))})", f"{other} = {other} * {name} + d"],
                [
                    f"{name} = {test}.astype(int)",
                    f"{name} -= 1",
                    f"many = {name}.sum()",
                    f"{other} += 0 * many",
                ],
                [f"many = np.sum({test})", f"{other} = {other} + 0.01 * many"],
                [f"{other}[[0, -1]] = {r.choice(('0', 'c', one + '[[0, -1]]', one + '[[-1, 0]]'))}"],
                [f"{other}[..., [0, -1]] {r.choice(('=', '+=', '*='))} {r.choice(('c', one + '[..., :1]'))}"],
            ]
        )
