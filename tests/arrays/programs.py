"""Random small array programs, as people write them: functions, module level, slices, views, rolls, masks.

Each takes its sizes, the type of its arrays and how they lie in memory from the command line, so that
what one run shows is not all that can come.
"""

import random
from dataclasses import dataclass

HEAD = '''import sys
import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 7
m = int(sys.argv[2]) if len(sys.argv) > 2 else 6
kind = sys.argv[3] if len(sys.argv) > 3 else "float64"
case = sys.argv[4] if len(sys.argv) > 4 else "apart"
number = int if len(sys.argv) > 5 and sys.argv[5] == "int" else float


CX = np.array([0, 1, -2])
WEIGHTS = [0.5, 0.25, 1.5]


def field(seed, *shape, dtype=None):
    values = np.round(np.sin(np.arange(np.prod(shape)) * (1.3 + seed) + seed) * 3, 3).reshape(shape)
    if case == "special":
        flat = values.reshape(-1)
        for at, value in enumerate((np.nan, -0.0, np.inf, 0.0, -np.inf)):
            flat[(3 * at + seed) % flat.size] = value
    dtype = np.dtype(dtype or kind)
    if dtype.kind == "c":
        return (values + 1j * values[::-1]).astype(dtype)
    if dtype.kind in "iu":
        return np.nan_to_num(values, posinf=5, neginf=-5).astype(dtype)
    if dtype.kind == "b":
        return values > 0.5
    return values.astype(dtype)


def outside(z):
    """What no rewrite looks into."""
    try:
        return np.flip(z, axis=0) * 0.5
    finally:
        pass


def shortened(z):
    try:
        return z if z.shape[0] > 3 else z[:1]
    finally:
        pass


def pair(*shape):
    """Two arrays, as the case wants them."""
    u, v = field(1, *shape), field(2, *shape)
    if case == "same":
        return u, u
    if case == "overlap":
        base = field(3, shape[0] + 1, *shape[1:])
        return base[:-1], base[1:]
    if case == "reversed":
        return u, u[::-1]
    if case == "fortran":
        return np.asfortranarray(u), v
    if case == "strided":
        return field(4, *(2 * size for size in shape))[tuple(slice(None, None, 2) for _ in shape)], v
    return u, v


'''

SIZES = (("7", "6"), ("1", "1"), ("2", "3"), ("3", "2"), ("5", "5"), ("1", "4"), ("8", "9"))
KINDS = ("float64", "float32", "int64", "int32", "bool", "complex128")
CASES = ("apart", "same", "overlap", "reversed", "fortran", "strided", "special")

HELPERS = {
    1: """def laplacian(z):
    return np.roll(z, 1) + np.roll(z, -1) - 2 * z


def inner(z):
    return z[2:] - z[:-2]


def limit(a, b):
    return np.where(a * b > 0, np.where(np.abs(a) < np.abs(b), a, b), 0.0)


def clamp(z):
    z[0] = z[1 % z.shape[0]]
    z[-1] = 0


def scaled(z):
    top = np.abs(z).max()
    low, high = -1, 1
    return (z - np.roll(z, high, axis=0)) / (top + 1) + np.roll(z, low, axis=0)


half = lambda z: 0.5 * z


def twice(f, z):
    return f(z - f(z))


def moved(z):
    d = z - z.mean()
    return d, 0.5 * d * z


def halved(z, c=0.5):
    w = z.copy()
    w[1:] = c * z[:-1]
    return w


""",
    2: """def laplacian(z):
    x = np.roll(z, 1, axis=1) + np.roll(z, -1, axis=1)
    return np.roll(z, 1, axis=0) + np.roll(z, -1, axis=0) + x - 4 * z


def inner(z):
    return z[2:, 1:-1] - z[:-2, 1:-1] + z[1:-1, 2:] * 2


def limit(a, b):
    return np.where(a * b > 0, np.where(np.abs(a) < np.abs(b), a, b), 0.0)


def clamp(z):
    z[0, :] = z[-1, :]
    z[:, -1] = 0


def scaled(z):
    top = np.abs(z).max()
    low, high = -1, 1
    return (z - np.roll(z, high, axis=0)) / (top + 1) + np.roll(z, low, axis=0)


half = lambda z: 0.5 * z


def twice(f, z):
    return f(z - f(z))


def moved(z):
    d = z - z.mean()
    return d, 0.5 * d * z


def halved(z, c=0.5):
    w = z.copy()
    w[1:, :] = c * z[:-1, :]
    return w


""",
}


@dataclass(frozen=True)
class Axis:
    """One axis of an expression: ``size - cut`` cells, or every other one of ``size``."""

    size: str
    cut: int = 0
    step: int = 1


class Writer:
    """Writes one program.

    Parameters
    ----------
    seed
        Decides everything.
    """

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
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
            return r.choice([*self.numbers, *self.numbers, "0.5", "2", "3.0", "1", "-1", "t", "0.25"])
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
        shift = self.r.choice((1, -1, 1, -1, 2, -3))
        if self.ndim == 1:
            return f"np.roll({name}, {shift})"
        axis = self.r.randrange(self.ndim)
        return f"np.roll({name}, {shift}, {self.r.choice(('', 'axis='))}{axis})"

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

    # --- statements

    def axes(self) -> tuple[Axis, ...]:
        r = self.r
        if not self.calm and r.random() < 0.08:
            return tuple(Axis(size, step=2) if size != "2" else Axis(size) for size in self.sizes)
        cut = r.choice((0, 0, 1, 2, 2, 2))
        if r.random() < 0.7:
            return tuple(Axis(size, cut) if size != "2" else Axis(size) for size in self.sizes)
        return tuple(Axis(size, r.choice((0, 1, 2))) if size != "2" else Axis(size) for size in self.sizes)

    def edge(self) -> list[str]:
        r = self.r
        name = r.choice(self.arrays)
        if self.ndim == 1:
            return [
                f"{name}[{r.choice(('0', '-1'))}] = {r.choice(('0', 'c', name + '[1 % n]', name + '[-1]'))}"
            ]
        if self.ndim == 3:
            return [f"{name}[0] = {self.expression((Axis('n'), Axis('m')), 1)}"]
        if r.random() < 0.5:
            return [f"{name}[{r.choice(('0', '-1'))}, :] = {self.expression((Axis('m'),), 1)}"]
        return [f"{name}[:, {r.choice(('0', '-1'))}] = {self.expression((Axis('n'),), 1)}"]

    def store(self) -> list[str]:
        axes = self.axes()
        return [f"{self.r.choice(self.arrays)}{self.subscript(axes)} = {self.expression(axes, 3)}"]

    def update(self) -> list[str]:
        axes = self.axes()
        target = f"{self.r.choice(self.arrays)}{self.subscript(axes)}"
        return [f"{target} {self.r.choice(('+=', '-=', '*=', '+=', '-='))} {self.expression(axes, 2)}"]

    def whole_update(self) -> list[str]:
        name = self.r.choice(self.arrays)
        if self.r.random() < 0.4:
            return [f"{name}{self.r.choice(('[:]', '[...]'))} = {self.expression(self.whole, 2)}"]
        return [f"{name} {self.r.choice(('+=', '-=', '*='))} {self.expression(self.whole, 2)}"]

    def bind(self) -> list[str]:
        """A new array for a name, old or new."""
        r = self.r
        if r.random() < 0.35:
            name = r.choice(self.arrays)
            return [f"{name} = {name} + {self.expression(self.whole, 2)}"]
        self.fresh += 1
        name = f"a{self.fresh}"
        other = r.choice(self.arrays)
        made = r.choice(
            [
                f"{other}.copy()",
                f"np.copy({other})",
                f"np.zeros_like({other})",
                f"np.ones_like({other})",
                f"{other} * {self.expression(self.whole, 1)}",
                f"{other} + {self.expression(self.whole, 2)}",
            ]
        )
        self.arrays.append(name)
        return [f"{name} = {made}"]

    def view(self) -> list[str]:
        axes = self.axes()
        self.fresh += 1
        name = f"x{self.fresh}"
        source = self.r.choice(self.arrays)
        lines = [f"{name} = {source}{self.subscript(axes)}"]
        self.views[name] = axes
        if self.r.random() < 0.5:
            lines.append(f"{name}[{'...' if self.r.random() < 0.3 else ':'}] = {self.expression(axes, 2)}")
        return lines

    def put_together(self) -> list[str]:
        """New arrays made of others: padded, joined, stacked, slopes."""
        r = self.r
        one, other = r.choice(self.arrays), r.choice(self.arrays)
        self.fresh += 1
        name = f"a{self.fresh}"
        self.arrays.append(name)
        inner = ["1:-1"] * (self.ndim - 1)
        high, low = (f"p[{', '.join([part, *inner])}]" for part in ("2:", ":-2"))
        mode = r.choice(("edge", "wrap", "constant", "reflect", "symmetric"))
        both = f"{name}, other" if r.random() < 0.5 else f"other, {name}"
        choices = [
            [f"p = np.pad({one}, 1, mode='{mode}')", f"{name} = {other} + 0.5 * ({high} - {low})"],
            [f"e = np.concatenate(({one}[-1:], {one}, {one}[:1]))", f"{name} = e[2:] - c * e[:-2]"],
            [f"e = np.concatenate([{one}[:1], {one}])", f"{name} = {other} - (e[1:] - e[:-1])"],
            [f"{name} = np.gradient({one}, {r.choice(('c', '0.5', '2'))}, axis={r.randrange(self.ndim)})"],
            [f"s = np.array([{one}, {other}])", f"{name} = s[0] * c - s[1]"],
            [
                f"s = np.stack([{one}, {other} + 1], axis=0)",
                "s[1] += s[0] * c",
                "f = 0.5 * (np.roll(s, 1, axis=1) - s)",
                f"{name} = f[0] + f[1] * s[1]",
            ],
            [f"{both} = np.stack(({one}, {one} - {other}))", f"{name} = {name} + other"],
            [f"{name}, k2 = {one} - {other}, 2.5", f"{name} = {name} * k2"],
            [f"{name} = np.clip({one}, {r.choice(('None, c', 'd, None', 'd, c'))})"],
        ]
        rolled = f"np.roll({other}, CX[k], axis={r.randrange(self.ndim)})"
        total = r.choice(("s.sum(axis=0)", "np.mean(s, axis=0)", "s.max(axis=0)", "np.min(s, axis=0)"))
        many = ", ".join(r.choice(self.arrays) for _ in range(r.choice((3, 8, 9, 11))))
        choices += [
            [f"{name} = np.zeros_like({one})", "for k in range(3):", f"    {name} += WEIGHTS[k] * {rolled}"],
            [
                f"{name} = {one} * 1",
                "for x, y in zip(CX, WEIGHTS):",
                f"    {name} -= y * (np.roll({other}, -x, axis=0) + x)",
            ],
            [f"s = np.array([{one}, {other}, {one}])", f"{name} = {total} * c"],
            [
                f"s = np.stack([{many}], axis={r.choice((0, -1))})",
                f"{name} = s.sum(axis={r.choice((0, -1))})",
            ],
            [f"{name} = {one}.copy()", f"np.add({name}, {other}, out={name})"],
            [f"{name} = {one}.copy()", f"np.multiply({name}[1:], {other}[:-1], {name}[:-1])"],
            [
                f"{name} = {one}.copy()",
                "for i, j in ((0, 1), (1, 0)):",
                f"    {name}[i::2] += 0.5 * ({other}[i::2] - {name}[i::2])",
                f"    {name}[1:-1:2] -= {name}[j:-2 + j:2] * c",
            ],
        ]
        if self.ndim == 2:
            choices.append(["g, h = np.gradient(" + one + ", 0.5)", f"{name} = g * h - {other}"])
        if self.has_helpers:
            choices.append([f"{both} = moved({one})", f"{name} = {name} - other"])
        return r.choice(choices)

    def states(self) -> list[str]:
        """Arrays with a small fixed dimension: ``Q`` in front, ``F`` at the end."""
        r = self.r
        one, k, o, axis = r.choice(self.arrays), r.randrange(3), r.randrange(3), r.randrange(self.ndim)
        choices = [
            [f"Q[{k}] = {one} * c + Q[{o}]"],
            [f"Q[{k}] += d * (np.roll(Q[{o}], {r.choice((1, -1, 2))}, axis={axis}) - {one})"],
            ["h, hu, hv = Q", "speed = hu / (1 + h * h)", "Q[1] = speed - hv", f"{one} = {one} + speed"],
            [
                "G = np.zeros_like(Q)",
                "G[0] = Q[1]",
                "G[1] = Q[1] * Q[0] + c",
                f"G[2] += Q[2] * {one}",
                f"Q {r.choice('+-')}= 0.1 * (G - np.roll(G, 1, axis={axis + 1}))",
            ],
            ["for k in range(3):", f"    Q[k] = np.roll(Q[k], CX[k], axis={axis})"],
            [
                f"flag = {one} > 0",
                f"held = Q[:, flag][[{r.choice(('1, 0, 2', '2, 2, 0'))}]]",
                f"Q[{k}] = Q[{o}] * 0.5",
                "Q *= 0.5",
                "Q[:, flag] = held",
            ],
            ["Q = Q + c * np.roll(Q, 1, axis=-1)", f"Q[{k}] = Q[{o}]"],
            [f"z = Q[{k}]", "top = np.max(np.abs(z))", f"{one} = {one} + z * top", f"Q[{o}] = z - d"],
            [f"F[..., 0] = F[..., 1] + {one}", "F[..., 1] *= c", f"{one} = {one} * F[..., {k % 2}]"],
            [f"s = Q.sum(axis=0) - Q[{k}]", f"Q[{o}] = s", f"{one} = {one} + s * Q[{k}]"],
            [f"Q[{k}], Q[{o}] = Q[{o}] + 1, Q[{k}] * c", f"Q[1:] = Q[:2] * d + Q[{k}]"],
            [f"Q[{k}][0] = Q[{o}][-1]", f"Q[:, 1:-1] = 0.5 * (Q[:, 2:] - Q[:, :-2]) * Q[{k}, 1:-1]"],
        ]
        return [line for part in r.sample(choices, r.randint(1, 2)) for line in part]

    def from_outside(self) -> list[str]:
        """Arrays whose sizes come about in the loop."""
        r = self.r
        self.fresh += 1
        name, one, other = f"a{self.fresh}", r.choice(self.arrays), r.choice(self.arrays)
        made = f"{name} = {r.choice(('outside', 'outside', 'shortened'))}({one})"
        self.arrays.append(name)
        choices = [
            [made, f"{other} = {other} + c * {name}"],
            [made, f"{other}[1:-1] = {name}[1:-1] - d * {one}[1:-1]"],
            [made, f"{other} += {name}", f"top = np.abs({name}).max()", f"{other} = {other} / (1 + top)"],
            [made, f"{one} = 0.5 * ({name} + {other})", f"{other} = outside({one})"],
            [made],
        ]
        return r.choice(choices)

    def parts_at_once(self) -> list[str]:
        """Parts of arrays stored to in one assignment."""
        r = self.r
        one, other = r.choice(self.arrays), r.choice(self.arrays)
        axes, also = self.axes(), self.axes()
        targets = f"{one}{self.subscript(axes)}", f"{other}{self.subscript(also)}"
        values = self.expression(axes, 2), self.expression(also, 2)
        if r.random() < 0.3:
            return [f"{targets[0]}, {other} = {values[0]}, {other} * {one}"]
        if r.random() < 0.3:
            return [f"{one}[0], {other}[-1] = {other}[{r.choice(('1 % n', '-1'))}], {one}[0]"]
        return [f"{targets[0]}, {targets[1]} = {values[0]}, {values[1]}"]

    def masked_part(self) -> list[str]:
        name = self.r.choice(self.arrays)
        axes = self.axes()
        part = f"{name}{self.subscript(axes)}"
        lines = [f"some = {self.condition(axes, 1)}"]
        if self.r.random() < 0.5:
            return [*lines, f"{part}[some] {self.r.choice(('=', '+='))} {self.r.choice(('0', 'c', '2'))}"]
        return [*lines, f"{part}[some] = c * {part}[some]"]

    def swap(self) -> list[str]:
        r = self.r
        one, other = r.choice(self.arrays), r.choice(self.arrays)
        if one == other or r.random() < 0.3:
            return [f"{one} = {other}"]
        return [f"{one}, {other} = {other}, {one}"]

    def mask(self) -> list[str]:
        name = self.r.choice(self.arrays)
        test = self.condition(self.whole, 1)[1:-1]
        if self.r.random() < 0.3:
            return [
                f"mask = {name} > c",
                f"{self.r.choice(self.arrays)}[mask] = {self.r.choice(self.numbers)}",
            ]
        if f"{name}" not in test:
            test = f"{name} > {self.r.choice(self.numbers)}"
        return [
            f"{name}[{test}] {self.r.choice(('=', '=', '+=', '*='))} {self.r.choice(('0', '1', 'c', '2'))}"
        ]

    def reduction(self) -> list[str]:
        r = self.r
        self.fresh += 1
        name = f"s{self.fresh}"
        what = self.expression(self.whole, 1)
        plain = r.choice(self.arrays)
        text = r.choice(
            [
                f"np.max(np.abs({plain} + {what}))",
                f"{plain}.max()",
                f"{plain}.min()",
                f"np.max({plain})",
                f"np.sum({plain} * 1)",
                f"{plain}.mean()",
                f"np.abs({plain}).max()",
            ]
        )
        lines = [f"{name} = {text}"]
        if r.random() < 0.4:
            self.numbers.append(name)
        if r.random() < 0.25:
            lines += [
                f"if {name} > {r.choice(('1e6', '40', '5'))}:",
                f"    {r.choice(('break', 'c = c * 0.5'))}",
            ]
        return lines

    def rows_loop(self) -> list[str]:
        """A recurrence over the first axis."""
        if self.ndim == 1 or self.ndim == 3:
            return self.store()
        r = self.r
        name, other = r.choice(self.arrays), r.choice(self.arrays)
        axis = Axis("m", r.choice((0, 1, 2)))
        target = self.slice(axis)
        shift = r.choice(("k - 1", "k - 1", "k"))
        return [
            "for k in range(1, n):",
            f"    {name}[k, {target}] {r.choice(('=', '+='))} {other}[{shift}, {self.slice(axis)}]"
            f" {r.choice('+-*')} {self.expression((axis,), 1)}",
        ]

    def lines_loop(self) -> list[str]:
        """A recurrence over the last axis, perhaps with an array that goes from turn to turn."""
        if self.ndim != 2:
            return self.store()
        r = self.r
        name, other = r.choice(self.arrays), r.choice(self.arrays)
        axis = Axis("n", r.choice((0, 0, 1)))
        target = self.slice(axis)
        shift, source = r.choice((("k - 1", target), ("k - 1", target), ("k", self.slice(axis))))
        body = [
            f"    {name}[{target}, k] {r.choice(('=', '+='))} {other}[{source}, {shift}]"
            f" {r.choice('+-*')} {self.expression((axis,), 1)}"
        ]
        if r.random() < 0.3:
            body = [
                f"    {name}[1, k] {r.choice(('=', '+=', '*='))} {other}[0, k - 1] * 0.5",
                f"    {name}[1, k] /= 3",
            ]
        elif r.random() < 0.4:
            body = ["    q = q * 0.5 - u[:, k]", f"    {name}[:, k] = q + v[:, k - 1]"]
        return ["for k in range(1, m):" if r.random() < 0.7 else "for k in range(m - 1, 0, -1):", *body]

    def branch(self) -> list[str]:
        body = [f"    {line}" for line in self.r.choice((self.store, self.update, self.edge))()]
        return [f"if t % 2 == {self.r.randint(0, 1)}:", *body]

    def statement(self) -> list[str]:
        common = (
            [self.store] * 5 + [self.update] * 3 + [self.edge] * 2 + [self.bind] * 2 + [self.whole_update]
        )
        rare = [self.view, self.swap, self.mask, self.reduction, self.rows_loop, self.lines_loop, self.branch]
        rare += (
            [self.put_together] * 2
            + [self.states] * 2
            + [self.from_outside] * 2
            + [self.parts_at_once, self.masked_part]
        )
        if self.has_helpers:
            common.append(lambda: [f"clamp({self.r.choice(self.arrays)})"])
        return self.r.choice(common + (rare if self.calm else rare * 2))()

    def text(self) -> str:
        r = self.r
        shape = ", ".join(self.sizes)
        other = r.choice(("", "", "", ', dtype="float64"', ', dtype="float32"', ', dtype="int64"'))
        head = HEAD + (HELPERS[self.ndim] if self.has_helpers else "")
        first = []
        if r.random() < 0.5:
            first.append(f"a0 = np.{r.choice(('zeros_like', 'empty_like'))}(u)")
            if "empty" in first[0]:
                first.append("a0[...] = 0")
            self.arrays.append("a0")
        body: list[str] = []
        for _ in range(r.randint(1, 5)):
            body += self.statement()
        loop = [
            *first,
            *([] if r.random() < 0.8 else ["t = 0"]),
            "for t in range(steps):  # hot",
            *(f"    {line}" for line in body),
        ]
        arguments = "u, v, w, r, q, Q, F, c, d, steps"
        made = [
            f"u, v = pair({shape})",
            f"w = field(5, {shape}{other})",
            f"r = field(6, {self.sizes[-1]}{other})",
            f"q = field(7, {self.sizes[-2] if self.ndim > 1 else 'n'})",
            f'Q = field(8, 3, {shape}, dtype="float64")',
            f'F = field(9, {shape}, 2, dtype="float64")',
            "c, d = number(2.6), number(-1.25)",
            f"steps = {r.choice((1, 2, 3))}",
        ]
        if not self.in_function:
            return head + "\n".join([*made, *loop]) + "\n"
        bound = [name for name in ("u", "v", "w", "a0") if name in self.arrays]
        bound += ["Q", "F"]
        loop.append(f"return {', '.join(bound)}" if r.random() < 0.85 else "return u")
        function = [f"def solve({arguments}):", *(f"    {line}" for line in loop), "", ""]
        return head + "\n".join([*function, *made, f"result = solve({arguments})"]) + "\n"


def program(seed: int) -> str:
    """The text of one program, with its hot loop marked ``# hot``."""
    return Writer(seed).text()


def inputs(seed: int, count: int = 7) -> tuple[tuple[str, ...], ...]:
    """Command lines that nobody observed."""
    r = random.Random(seed)
    found = [
        (
            *r.choice(SIZES),
            r.choice(KINDS if r.random() < 0.4 else KINDS[:1]),
            r.choice(CASES),
            r.choice(("float", "int")),
        )
        for _ in range(count - 1)
    ]
    return (("7", "6", "float64", "special"), *found)
