"""How `pdeperf optimize` compares with an expert's Numba version of the same script.

For each ``scripts/X.py`` with an ``X_hand.py`` beside it: the whole script's time, imports and cached
compilation counted, of the original, of the version written by hand and of the one that pdeperf
makes; runs interleaved, medians; ratios only.

Usage: ``python benchmarks/solvers/measure.py [--runs N] [NAME ...]``
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent / "scripts"


def seconds(script: Path) -> float:
    started = time.perf_counter()
    environment = dict(os.environ, MPLBACKEND="Agg")
    subprocess.run(
        [sys.executable, script.name], cwd=script.parent, env=environment, check=True, capture_output=True
    )
    return time.perf_counter() - started


def measure(name: str, runs_count: int) -> tuple[float, float]:
    """Ratios original / hand and original / automatic."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for file in (f"{name}.py", f"{name}_hand.py"):
            shutil.copy(HERE / file, folder)
        command = [sys.executable, "-m", "pdeperf", "optimize", f"{name}.py", "-o", "auto.py", "--quiet"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        scripts = [folder / f"{name}.py", folder / f"{name}_hand.py", folder / "auto.py"]
        if not scripts[2].exists():
            scripts[2] = scripts[0]
        for script in scripts[1:]:
            seconds(script)  # compiles
        rows = [[seconds(script) for script in scripts] for _ in range(runs_count)]
    original, hand, auto = (statistics.median(column) for column in zip(*rows, strict=True))
    return original / hand, original / auto


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    names = options.names or sorted(path.name[: -len("_hand.py")] for path in HERE.glob("*_hand.py"))
    print(f"{'script':22}{'by hand':>10}{'pdeperf':>10}{'pdeperf / hand':>16}")
    shares = []
    for name in names:
        hand, auto = measure(name, options.runs)
        shares.append(auto / hand)
        print(f"{name:22}{hand:>9.1f}x{auto:>9.1f}x{auto / hand:>16.2f}", flush=True)
    print(f"geometric mean of pdeperf / hand: {statistics.geometric_mean(shares):.2f}")


if __name__ == "__main__":
    main()
