"""Numbers that each step of a tile makes of its cells: one for each step and block of threads."""

from collections.abc import Callable, Sequence

from pdeperf.arrays.ir import Version
from pdeperf.gpu.cuda import FIRST, joined
from pdeperf.gpu.cuda_expressions import C_TYPES, letters
from pdeperf.gpu.tile_plan import TilePlan

Lines = list[str]
_STEP = "    "


class MadeNumbers:
    """Writes what a kernel in tiles needs for the numbers of its steps.

    Parameters
    ----------
    fresh
        Makes a name that nothing uses.
    """

    def __init__(self, plan: TilePlan, fresh: Callable[[str], str]) -> None:
        self._plan = plan
        self._names = {
            target: fresh(f"{letters(number.name)}_made") for target, number in plan.numbers.items()
        }

    @property
    def dtype(self) -> str:
        """Of all of them, in C."""
        return C_TYPES[next(iter(self._plan.numbers.values())).dtype]

    def _kind(self, target: Version) -> str:
        """How what two cells give is put together."""
        kind = self._plan.numbers[target].kind
        return "sum" if kind in ("mean", "norm") else kind

    def declared(self) -> Lines:
        """A thread's numbers of all steps."""
        return [f"{self.dtype} {name}_of[{self._plan.steps_count}];" for name in self._names.values()]

    def begun(self) -> Lines:
        """What a thread has before it has seen a cell."""
        return [f"{self.dtype} {name} = {FIRST[self._kind(target)]};" for target, name in self._names.items()]

    def with_cell(self, target: Version, tests: Sequence[str], before: Lines, value: str) -> Lines:
        """What a cell adds."""
        name = self._names[target]
        rows = [*before, f"{name} = {joined(self._kind(target), name, value)};"]
        return [f"if ({' && '.join(tests)}) {{", *(_STEP + row for row in rows), "}"]

    def kept(self) -> Lines:
        """When a thread has seen all cells of a step."""
        return [f"{name}_of[step] = {name};" for name in self._names.values()]

    def joined(self) -> Lines:
        """When all steps are done: what the threads of a block have, as one number for each step."""
        if not self._names:
            return []
        lines = [f"__shared__ {self.dtype} parts[THREADS];"]
        for place, (target, name) in enumerate(self._names.items()):
            both = joined(self._kind(target), "parts[threadIdx.x]", "parts[threadIdx.x + half]")
            row = f"(step * {len(self._names)} + {place})" if len(self._names) > 1 else "step"
            rows = [
                "__syncthreads();",
                f"parts[threadIdx.x] = {name}_of[step];",
                "__syncthreads();",
                "for (int half = THREADS / 2; half > 0; half /= 2) {",
                f"{_STEP}if (threadIdx.x < half) parts[threadIdx.x] = {both};",
                f"{_STEP}__syncthreads();",
                "}",
                "if (threadIdx.x == 0)",
                f"{_STEP}results[({row} * (long long)gridDim.y + blockIdx.y) * gridDim.x"
                " + blockIdx.x] = parts[0];",
            ]
            lines.append(f"for (int step = 0; step < {self._plan.steps_count}; step++) {{")
            lines += [*(_STEP + each for each in rows), "}"]
        return lines
