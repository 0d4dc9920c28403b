"""Random small array programs, as people write them: functions, module level, slices, views, rolls, masks.

Each takes its sizes, the type of its arrays and how they lie in memory from the command line, so that
what one run shows is not all that can come.
"""

from tests.arrays.expressions import Axis, Expressions
from tests.arrays.given import HEAD, HELPERS, inputs, whole


class Writer(Expressions):
    """Writes one program.

    Parameters
    ----------
    seed
        Decides everything.
    """

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
        places = r.choice(("[0, 2]", "[2, 0]", "[1, 1]", "[-1, 0]", "[2, 1, 0]"))
        choices = [
            [f"Q[{places}] = Q[{r.choice((places, '[0] * ' + str(places.count(',') + 1)))}] * c"],
            [f"F[..., {r.choice(('[0, 1]', '[1, 0]'))}] {r.choice(('=', '+='))} F[..., [1, 0]] + d"],
            [f"Q[{places}, 0] = c", f"{one} = {one} + Q[{k}]"],
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
            + [self.parts_at_once, self.masked_part, self.counted, self.counted]
        )
        if self.has_helpers:
            common.append(lambda: [f"clamp({self.r.choice(self.arrays)})"])
        return self.r.choice(common + (rare if self.calm else rare * 2))()

    @property
    def head(self) -> str:
        """What may be called."""
        return HEAD + (HELPERS[self.ndim] if self.has_helpers else "")

    def start(self) -> list[str]:
        """Arrays that are made before the loop."""
        if self.r.random() < 0.5:
            return []
        self.arrays.append("a0")
        if self.r.random() < 0.5:
            return ["a0 = np.zeros_like(u)"]
        return ["a0 = np.empty_like(u)", "a0[...] = 0"]

    def body(self) -> list[str]:
        """The statements of a step."""
        return [line for _ in range(self.r.randint(1, 5)) for line in self.statement()]

    def made(self) -> list[str]:
        """The inputs."""
        r = self.r
        shape = ", ".join(self.sizes)
        other = r.choice(("", "", "", ', dtype="float64"', ', dtype="float32"', ', dtype="int64"'))
        return [
            f"u, v = pair({shape})",
            f"w = field(5, {shape}{other})",
            f"r = field(6, {self.sizes[-1]}{other})",
            f"q = field(7, {self.sizes[-2] if self.ndim > 1 else 'n'})",
            f'Q = field(8, 3, {shape}, dtype="float64")',
            f'F = field(9, {shape}, 2, dtype="float64")',
            "c, d = number(2.6), number(-1.25)",
            f"steps = {r.choice((1, 2, 3))}",
        ]

    def text(self) -> str:
        r = self.r
        loop = self.start()
        body = self.body()
        loop += [] if r.random() < 0.8 else ["t = 0"]
        loop += ["for t in range(steps):  # hot", *(f"    {line}" for line in body)]
        if not self.in_function:
            return whole(self.head, [*self.made(), *loop])
        bound = [name for name in ("u", "v", "w", "a0") if name in self.arrays]
        bound += ["Q", "F"]
        loop.append(f"return {', '.join(bound)}" if r.random() < 0.85 else "return (u,)")
        arguments = "u, v, w, r, q, Q, F, c, d, steps"
        function = [f"def solve({arguments}):", *(f"    {line}" for line in loop), "", ""]
        return whole(self.head, [*function, *self.made(), f"result = solve({arguments})", *SHARED])


SHARED = ("shared = tuple(np.shares_memory(x, y) for x in result for y in (u, v, w))",)
"""Whose memory results are."""


def program(seed: int) -> str:
    """The text of one program, with its hot loop marked ``# hot``."""
    return Writer(seed).text()


__all__ = ["Writer", "inputs", "program"]
