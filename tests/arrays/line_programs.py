"""Random solvers of many lines at once: sweeps forward and back along one dimension, whole planes in each.

As people write tridiagonal solvers, filters and marching schemes over all lines of a grid: some
statements about planes, loops along the lines upwards and downwards, arrays that only they use.
"""

import random

from tests.arrays.given import CASES, HEAD, KINDS, NUMBERS, ODD_CASES, ODD_KINDS, whole


class LineWriter:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        r = self.r = random.Random(seed)
        self.ndim = r.choice((2, 2, 3))
        self.along = r.randrange(self.ndim)
        self.sizes = ["n", "m", "3"][: self.ndim]
        if r.random() < 0.4:
            self.sizes = self.sizes[::-1]
        self.cuts = [r.choice((":", ":", "1:-1")) for _ in range(self.ndim - 1)]
        self.in_function = r.random() < 0.75
        self.is_stepped = r.random() < 0.6
        self.arrays = ["u", "v", "w"]
        self.own: list[str] = []
        self.planes: list[str] = []
        self.fresh = 0
        self.numbers: list[str] = []

    @property
    def length(self) -> str:
        return self.sizes[self.along]

    def place(self, k: str, cuts: list[str] | None = None) -> str:
        """``[:, k, 1:-1]``."""
        parts = list(cuts or self.cuts)
        parts.insert(self.along, k)
        return f"[{', '.join(parts)}]"

    def near(self, k: str) -> str:
        """Perhaps a neighbouring line."""
        r = self.r
        cuts = [
            r.choice(("1:-1", "2:", ":-2")) if cut == "1:-1" and r.random() < 0.3 else cut
            for cut in self.cuts
        ]
        return self.place(k, cuts)

    def operand(self, places: tuple[str, ...]) -> str:
        r = self.r
        k = r.choice(places)
        choices = [
            f"{r.choice(self.arrays)}{self.place(k)}",
            f"{r.choice(self.arrays)}{self.place(k)}",
            f"w{self.near(k)}",
            "c",
            f"r[{k}]",
        ]
        if self.numbers:
            choices += ["e", f"s[{k}]"]
        if self.planes:
            choices += [r.choice(self.planes)] * 2
        return r.choice(choices)

    def value(self, places: tuple[str, ...], depth: int = 2) -> str:
        r = self.r
        if not depth:
            return self.operand(places)
        kind = r.random()
        one = self.value(places, depth - 1)
        other = self.value(places, depth - 1 if r.random() < 0.5 else 0)
        if kind < 0.1:
            return f"np.where({one} > 0.2, {other}, d)"
        if kind < 0.15:
            return f"np.abs({one})"
        return f"({one} {r.choice('+-*+-*/')} {other})"

    def plane(self, places: tuple[str, ...]) -> list[str]:
        """A value for each line."""
        name = self.r.choice(("x", "y"))
        first = f"{self.r.choice(self.arrays)}{self.place(self.r.choice(places))}"
        text = f"{name} = {first} * {self.value(places, 1)}"
        if name not in self.planes:
            self.planes.append(name)
        return [text]

    def stored(self, target: str, places: tuple[str, ...]) -> list[str]:
        r = self.r
        name = r.choice(self.arrays)
        if name == "w" and r.random() < 0.7:
            name = "u"
        return [f"{name}{self.place(target)} {r.choice(('=', '=', '=', '+=', '-='))} {self.value(places)}"]

    def straight(self) -> list[str]:
        r = self.r
        kind = r.random()
        if kind < 0.25:
            self.fresh += 1
            name = r.choice(self.own) if self.own and r.random() < 0.4 else f"p{self.fresh}"
            made = r.choice((f"np.zeros_like({r.choice('uv')})", f"0.5 * {r.choice(self.arrays)} + v"))
            if name not in self.arrays:
                self.arrays.append(name)
                self.own.append(name)
            return [f"{name} = {made}"]
        fixed = ("0", "-1", "0", f"{self.length} - 2", "1")
        if self.own and kind < 0.28:
            return [f"{r.choice('uv')} = {r.choice(self.own)}"]
        if kind < 0.3:
            return [r.choice(("s = np.zeros(len(r))", "s[0] = c", "e = c * d", "s = 0.5 * r"))]
        if kind < 0.45:
            return self.plane(fixed)
        if kind < 0.55:
            name = r.choice(self.arrays)
            return [f"{name}{self.place(':')} = {name}{self.place(':')} * c"]
        return self.stored(r.choice(fixed), fixed)

    def loop(self) -> list[str]:
        r = self.r
        size = self.length
        is_up = r.random() < 0.5
        if is_up:
            head = r.choice(
                (f"range(1, {size})", f"range(1, {size} - 1)", f"range({size} - 1)", f"range({size})")
            )
        else:
            head = r.choice(
                (f"range({size} - 2, -1, -1)", f"range({size} - 2, 0, -1)", f"range({size} - 1, 0, -1)")
            )
        places = ["k", "k"]
        if head.startswith(f"range({size} - 2"):
            places += ["k + 1", "k + 1"]
        if head.endswith((f"(1, {size})", "0, -1)")) or "(1, " in head:
            places += ["k - 1", "k - 1"]
        if "- 1)" in head and is_up:
            places += ["k + 1"]
        known = list(self.planes)
        body: list[str] = []
        for _ in range(r.randint(1, 3)):
            body += self.plane(tuple(places)) if r.random() < 0.3 else self.stored("k", tuple(places))
        if r.random() < 0.35:
            body = self.coefficients(tuple(places)) + body
        if known and r.random() < 0.4:
            name = r.choice(known)
            body.append(f"{name} = {self.value(tuple(places), 1)} - {name} * 0.5")
        if r.random() < 0.08:
            body.append(f"{r.choice(self.arrays)}{self.place('k')} = u{self.near('k')} * 0.5")
        self.planes = known
        return [f"for k in {head}:", *(f"    {line}" for line in body)]

    def coefficients(self, places: tuple[str, ...]) -> list[str]:
        """Numbers and an array of them that are the same for all lines."""
        r = self.r
        k = r.choice(places)
        self.numbers = ["e"]
        return r.choice(
            (
                [f"e = c * r[{k}]"],
                [f"e = c / (d - r[{k}] * s[{r.choice(places)}])", "s[k] = e * 0.5"],
                [f"s[k] = r[k] - 0.25 * s[{k}]"],
                ["e = e * 0.5 + c"],
                [f"e = d - s[{k}]"],
            )
        )

    def text(self) -> str:
        r = self.r
        body: list[str] = []
        for _ in range(r.randint(0, 2)):
            body += self.straight()
        for _ in range(r.randint(1, 3)):
            body += self.loop()
            for _ in range(r.randint(0, 2)):
                body += self.straight()
        if self.is_stepped:
            body = ["for t in range(2):", *(f"    {line}" for line in body)]
        at = max(number for number, row in enumerate(body) if row.lstrip().startswith("for "))
        first = next(number for number, row in enumerate(body) if row.lstrip().startswith("for "))
        hot = r.choice((at, first))
        body[hot] += "  # hot"
        shape = ", ".join(self.sizes)
        lines = ", ".join(size for axis, size in enumerate(self.sizes) if axis != self.along)
        made = [
            f"u, v = pair({shape})",
            f"w = field(5, {shape})",
            f"x, y = field(3, {lines})[{', '.join(self.cuts)}], field(4, {lines})[{', '.join(self.cuts)}]",
            f"r = field(6, {self.length})",
            "c, d = number(0.6), number(-1.25)",
            "e, s = number(0.1), 0.5 * r",
        ]
        own = [name for name in ("q1", "q2") if r.random() < 0.4]
        before = [f"{name} = np.zeros_like(u)" for name in own]
        for name in own:
            body = [row.replace("u[", f"{name}[", 1) if r.random() < 0.4 else row for row in body]
        if not self.in_function:
            return whole(HEAD, [*made, *before, *body])
        result = r.choice(("u", "u, v, w", "u, x", "v, y", "u, s", "u, e"))
        function = [
            "def solve(u, v, w, x, y, r, c, d, e, s):",
            *(f"    {line}" for line in (*before, *body, f"return {result}")),
            "",
            "",
        ]
        return whole(HEAD, [*function, *made, "result = solve(u, v, w, x, y, r, c, d, e, s)"])


def program(seed: int) -> str:
    """The text of one program, with its hot loop marked ``# hot``."""
    return LineWriter(seed).text()


def inputs(seed: int) -> tuple[tuple[str, ...], ...]:
    """Command lines that nobody observed."""
    r = random.Random(seed)
    sizes = (
        ("1", "1"),
        ("2", "3"),
        ("3", "2"),
        ("20", "4"),
        ("5", "5"),
        ("4", "17"),
        ("33", "9"),
        ("21", "3"),
    )
    kinds = (*KINDS[:1] * 9, *KINDS[:2] * 3, *KINDS, r.choice(ODD_KINDS))
    cases = (*CASES[:1] * 4, *CASES, r.choice(ODD_CASES))
    found = [(*size, r.choice(kinds), r.choice(cases), r.choice(NUMBERS)) for size in r.sample(sizes, 3)]
    return (("7", "6", "float64", "special"), *found)
