"""Random array programs with sums along axes, running sums, named slices, lists of levels, masked values."""

from tests.arrays import programs
from tests.arrays.given import inputs

_LEVELS = (
    "p[0], p[1], p[2] = p[1], p[2], p[0]",
    "p[0], p[1] = p[1], p[0]",
    "p[2][1:-1] = 2 * p[1][1:-1] - p[0][1:-1]",
    "p[1] = 0.5 * p[0] + {x}",
    "p[-1] += 0.1 * p[0]",
    "{x} = {x} + 0.1 * p[-1]",
    "p[0] = {x}",
    "{x} = p[1]",
    "p[t % 3] = 0.5 * p[0]",
    "p.append(p.pop(0))",
    "p[1][0] = p[2][-1] * c",
    "other = p\nother[0] = {x} * 0.5",
    "if t > 0:\n    print(p[0].max(), p[1][0])",
)
_NAMED = (
    "{x}[inner] = 0.5 * {y}[inner]",
    "{x}[inner] += {y}[up] - {y}[down]",
    "low = [slice(None)] * {x}.ndim\nlow[0] = slice(1, None)\n{x}[tuple(low)] *= 0.5",
    "here = (slice(None),) * 0 + (slice(1, n),)\n{x}[here] = {y}[here] * c",
    "some = slice(t, None)\n{x}[some] *= 0.5",
)
_MASKED = (
    "some = {x} * {y} > 0\n{x}[some] = np.where(np.abs({x}[some]) < c, {y}[some], {x}[some] * 0.5)",
    "some = ({x} > 0) & ({y} < c)\n{x}[~some] = np.maximum({y}[~some], 0.5)\n{y}[some] += {x}[some]",
    "{x}[{y} > 0] /= {y}[{y} > 0]",
)
_SUMMED = (
    "{x} = {x} - 0.1 * {y}.sum(axis={axis})",
    "{x} = {x} - 0.1 * np.mean({y} * c, axis={axis}, keepdims=True)",
    "{x} = {x} / (1 + np.abs({y}).max(axis={axis}, keepdims=True))",
    "{x} -= {x}.mean(axis={axis})",
    "{x} = 0.1 * np.cumsum({y}, axis={axis}) + {x}",
    "{x}[...] = {y}.cumprod({axis})",
    "{x} = {x} + np.moveaxis({y}, {axis}, 0)[:1].swapaxes(0, {axis}) * 0.1",
    "{x} = {x} + 0.01 * ({x} - {y}).ravel().sum() + 0.01 * {y}[1:].copy().sum()",
)


class Writer(programs.Writer):
    """Writes one program."""

    def statement(self) -> list[str]:
        r = self.r
        if r.random() < 0.4:
            return super().statement()
        kind = r.choice((_LEVELS, _LEVELS, _NAMED, _MASKED, _SUMMED, _SUMMED))
        x, y = r.choice(self.arrays), r.choice(self.arrays)
        return r.choice(kind).format(x=x, y=y, axis=r.randrange(self.ndim)).splitlines()

    def made(self) -> list[str]:
        shape = ", ".join(self.sizes)
        levels = f"p = [field(11, {shape}), field(12, {shape}), field(13, {shape})]"
        return [*super().made(), levels, "inner = slice(1, -1)", "up = np.s_[2:]", "down = slice(None, -2)"]


def program(seed: int) -> str:
    """The text of one program, with its hot loop marked ``# hot``."""
    return Writer(seed).text()


__all__ = ["Writer", "inputs", "program"]
