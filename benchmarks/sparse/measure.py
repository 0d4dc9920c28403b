"""How `pdeperf optimize` compares with an expert's rewrite of solvers with sparse or dense systems.

For each ``hand/X.py``: the whole script's time, imports counted, of ``sample_solvers/X.py`` (the slow
idiom), of the version written by hand and of the one that pdeperf makes; runs interleaved, medians;
ratios only. The printed results of all three are compared with the original's.

Usage: ``python benchmarks/sparse/measure.py [--runs N] [NAME ...]``
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
SLOW = HERE.parents[1] / "sample_solvers"


def run(script: Path) -> tuple[float, str]:
    """Wall time and output of one run."""
    started = time.perf_counter()
    environment = dict(os.environ, MPLBACKEND="Agg", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    done = subprocess.run(
        [sys.executable, script.name],
        cwd=script.parent,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - started, done.stdout


def apart(one: str, other: str) -> float:
    """Largest relative difference between the last printed numbers, the errors."""
    pairs = zip(*(re.findall(r"\d\.\d+(?:e[-+]\d+)?", text)[-1:] for text in (one, other)), strict=True)
    return max(abs(float(a) - float(b)) / abs(float(a)) for a, b in pairs)


def measure(name: str, runs_count: int) -> tuple[float, float, float]:
    """Ratios original / hand and original / automatic, and the automatic version's difference."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copy(SLOW / f"{name}.py", folder)
        shutil.copy(HERE / "hand" / f"{name}.py", folder / "hand.py")
        command = [sys.executable, "-m", "pdeperf", "optimize", f"{name}.py", "-o", "auto.py", "--quiet"]
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        if done.returncode:
            why = done.stderr.strip()[-500:]
            raise SystemExit(f"{name}: pdeperf optimize ended with {done.returncode}: {why}")
        scripts = [folder / f"{name}.py", folder / "hand.py", folder / "auto.py"]
        if not scripts[2].exists():
            scripts[2] = scripts[0]
        outputs = [run(script)[1] for script in scripts]  # compiles
        rows = [[run(script)[0] for script in scripts] for _ in range(runs_count)]
    original, hand, auto = (statistics.median(column) for column in zip(*rows, strict=True))
    if apart(outputs[0], outputs[1]) > 1e-3:
        raise SystemExit(f"{name}: the version by hand solves another problem")
    return original / hand, original / auto, apart(outputs[0], outputs[2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    names = options.names or sorted(path.stem for path in (HERE / "hand").glob("*.py"))
    print(f"{'script':24}{'by hand':>10}{'pdeperf':>10}{'pdeperf / hand':>16}{'error moved by':>16}")
    shares = []
    for name in names:
        hand, auto, moved = measure(name, options.runs)
        shares.append(auto / hand)
        print(f"{name:24}{hand:>9.1f}x{auto:>9.1f}x{auto / hand:>16.2f}{moved:>16.1e}", flush=True)
    print(f"geometric mean of pdeperf / hand: {statistics.geometric_mean(shares):.2f}")


if __name__ == "__main__":
    main()
