"""What the GPU rewrites reach: each problem as NumPy, by import swap, and as pdeperf writes it.

``python -m benchmarks.gpu.measure [--out FILE.md] [PROBLEM ...]`` on a machine with a GPU, from the
repository's root. The loop over time alone is timed, to the end of the device's work; a step's time is
the difference between a long and a short loop, over the steps between.
"""

import argparse
import ast
import contextlib
import importlib
import io
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from pdeperf.collectors import Job
from pdeperf.gpu.offload import Offload, offload
from pdeperf.guest import accelerator
from pdeperf.source import Project

HERE = Path(__file__).parent / "problems"


@dataclass(frozen=True)
class Problem:
    """One script, its size, and what a step must move at least.

    Attributes
    ----------
    bytes_a_cell
        Of the arrays that a step reads and writes, each counted once.
    seen
        The size at which types and shapes are observed.
    """

    n: int
    cells: int
    bytes_a_cell: float
    steps: tuple[int, int]
    seen: int
    checked: int
    numpy_steps: int = 2


PROBLEMS = {
    "heat_2d": Problem(8192, 8192**2, 16, (20, 220), 320, 500),
    "heat_3d": Problem(512, 512**3, 16, (20, 120), 50, 60, 1),
    "gray_scott": Problem(4096, 4096**2, 32, (20, 220), 320, 500),
    "fdtd_2d": Problem(4096, 4096**2, 48, (20, 220), 320, 500),
    "shallow_water": Problem(4096, 4096**2, 48, (20, 120), 320, 500),
    "navier_stokes": Problem(2048, 2048**2, 0, (5, 45), 320, 320),
}


def run(
    text: str, argv: tuple[int, ...], given: dict[str, object] | None = None
) -> tuple[float, dict[str, object], str]:
    """Seconds, the module's names and what was printed, of a program run in this process."""
    module = ModuleType("__main__")
    module.__file__ = str(HERE / "script.py")
    module.__dict__.update(given or {})
    kept = sys.modules["__main__"], sys.argv
    sys.modules["__main__"], sys.argv = module, ["script.py", *map(str, argv)]
    printed = io.StringIO()
    began = time.perf_counter()
    try:
        with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
            exec(compile(text, module.__file__, "exec"), module.__dict__)
        _wait()
        _free()
    finally:
        sys.modules["__main__"], sys.argv = kept
    return time.perf_counter() - began, vars(module), printed.getvalue()


def _wait() -> None:
    cupy = sys.modules.get("cupy")
    if cupy is not None:
        cupy.cuda.Device().synchronize()


def _free() -> None:
    cupy = sys.modules.get("cupy")
    if cupy is not None:
        cupy.get_default_memory_pool().free_all_blocks()


def rewritten(text: str, seen: int) -> Offload:
    """The program with its first loop over time on the GPU."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "script.py").write_text(text)
        collector = importlib.import_module("pdeperf.collectors.arguments").COLLECTOR
        job = Job(collector="arguments", script=str(folder / "script.py"), argv=(), root=name, folder=name)
        recording = collector.record(job)
        tree = recording.transform(ast.parse(text), "script.py") if recording.transform else ast.parse(text)
        recording.start()
        module = ModuleType("__main__")
        module.__file__ = str(folder / "script.py")
        kept = sys.modules["__main__"], sys.argv
        sys.modules["__main__"], sys.argv = module, ["script.py", str(seen), "3"]
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(tree, module.__file__, "exec"), module.__dict__)
        finally:
            sys.modules["__main__"], sys.argv = kept
        recording.stop()
        plain = Project.from_texts({"script.py": text})
        project = Project.from_texts({"script.py": text}, tuple(collector.read(folder, plain)))
    source = project["script.py"]
    loop = next(
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.For) and "steps" in ast.unparse(node.iter)
    )
    found = offload(project, source, [loop])
    if not isinstance(found, Offload):
        raise SystemExit("\n".join(f"line {each.line}: {each.reason}" for each in found))
    return found


class _Clocked(ast.NodeTransformer):
    """Puts marks before and after the loops over time."""

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        if "steps" not in ast.unparse(node.iter):
            return [node]
        return [*ast.parse("__begin__()").body, node, *ast.parse("__end__()").body]

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        if "turns" not in ast.unparse(node.test):
            return [node]
        return [*ast.parse("__begin__()").body, node, *ast.parse("__end__()").body]


def a_step(text: str, n: int, steps: tuple[int, int], *, repeat: int = 3) -> float:
    """Seconds of one step: the median of some differences."""
    clocked = ast.unparse(ast.fix_missing_locations(_Clocked().visit(ast.parse(text))))
    spans: list[float] = []

    def begin() -> None:
        _wait()
        spans.append(-time.perf_counter())

    def end() -> None:
        _wait()
        spans[-1] += time.perf_counter()

    def loop_s(count: int) -> float:
        spans.clear()
        run(clocked, (n, count), {"__begin__": begin, "__end__": end})
        return sum(spans)

    loop_s(steps[0])
    found = [(loop_s(steps[1]) - loop_s(steps[0])) / (steps[1] - steps[0]) for _ in range(repeat)]
    return statistics.median(found)


def largest_difference(one: dict[str, object], other: dict[str, object]) -> float:
    """Relative to the largest value, over every array that both programs end with."""
    worst = 0.0
    for name, value in _arrays(one).items():
        same = _arrays(other).get(name)
        if same is not None and same.shape == value.shape:
            scale = float(np.max(np.abs(value))) or 1.0
            worst = max(worst, float(np.max(np.abs(value - same))) / scale)
    return worst


def _arrays(names: dict[str, object]) -> dict[str, np.ndarray]:
    found = {name: value for name, value in names.items() if isinstance(value, np.ndarray)}
    for name, value in names.items():
        if type(value).__module__ == "__main__" and hasattr(value, "__dict__"):
            found |= {f"{name}.{each}": v for each, v in vars(value).items() if isinstance(v, np.ndarray)}
    return {name: value for name, value in found.items() if value.dtype.kind in "fc"}


def measured(name: str, problem: Problem, copy_bytes_per_s: float) -> dict[str, object]:
    """One problem's row."""
    text = (HERE / f"{name}.py").read_text()
    found = rewritten(text, problem.seen)
    _, plain, _ = run(text, (problem.checked, 12))
    _, moved, _ = run(found.text, (problem.checked, 12))
    on_gpu = a_step(found.text, problem.n, problem.steps)
    swapped_text = text.replace("import numpy as np", "import cupy as np")
    try:
        swapped = a_step(swapped_text, problem.n, (problem.steps[0] // 4, problem.steps[1] // 4))
    except Exception as error:
        print(f"{name}: import swap fails: {type(error).__name__}: {error}", file=sys.stderr)
        swapped = float("nan")
    numpy_s = a_step(text, problem.n, (1, 1 + problem.numpy_steps), repeat=1)
    by_hand = HERE / f"{name}_by_hand.py"
    hand_s = a_step(by_hand.read_text(), problem.n, problem.steps) if by_hand.exists() else 0.0
    floor = problem.cells * problem.bytes_a_cell / copy_bytes_per_s
    return {
        "problem": f"{name} {problem.n}",
        "numpy_s": numpy_s,
        "swapped_s": swapped,
        "pdeperf_s": on_gpu,
        "floor_s": floor,
        "bandwidth_share": floor / on_gpu,
        "over_swap": swapped / on_gpu,
        "by_hand_s": hand_s,
        "difference": largest_difference(plain, moved),
    }


def table(rows: list[dict[str, object]]) -> str:
    """The rows in Markdown."""
    lines = [
        "| problem | NumPy, ms a step | import swap | pdeperf | share of the copy bandwidth | swap / pdeperf "
        "| by hand | difference |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        share = f"{row['bandwidth_share']:.0%}" if row["floor_s"] else ""
        hand = f"{row['by_hand_s'] * 1e3:.3f}" if row["by_hand_s"] else ""
        lines.append(
            f"| {row['problem']} | {row['numpy_s'] * 1e3:.0f} | {row['swapped_s'] * 1e3:.2f} | "
            f"{row['pdeperf_s'] * 1e3:.3f} | {share} | {row['over_swap']:.1f} | {hand} | "
            f"{row['difference']:.1g} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("problems", nargs="*", default=list(PROBLEMS))
    asked = parser.parse_args()
    told = accelerator.measure()
    if "rates" not in told:
        print(f"no GPU to measure: {told.get('problem', 'no driver')}", file=sys.stderr)
        return 2
    print(json.dumps({key: told[key] for key in ("device", "cupy", "runtime", "rates")}))
    rows = []
    for name in asked.problems:
        try:
            rows.append(measured(name, PROBLEMS[name], told["rates"]["copy_bytes_per_s"]))
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        print(json.dumps(rows[-1]), flush=True)
    text = table(rows)
    print(text)
    if asked.out:
        asked.out.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
