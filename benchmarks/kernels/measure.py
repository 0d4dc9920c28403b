"""How fast the automatic array kernels are, beside NumPy, kernels written by hand and the memory's limit.

For each ``problems/X.py``: steady time of its kernel function, as it is, as ``hand/X.py`` and as pdeperf
rewrites the script; versions in one process, in turns, medians. ``floor`` is the bytes that must be moved
over the bandwidth of a triad of the problem's size. ``same`` says how far the results by hand and the
automatic ones are from NumPy's: ``=`` is equal to the bit, arguments and return values.

Scripts given as paths are measured as wholes, in CPU time, imports and cached compilation counted;
``X_hand.py`` beside ``X.py`` is the version by hand.

Usage::

    python benchmarks/kernels/measure.py [--quick] [--runs N] [--best] [--threads N] [NAME or PATH ...]
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pdeperf import pipeline
from pdeperf.model import Workload
from pdeperf.store import Store

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ROUNDS = 3


def optimised(script: Path, folder: Path) -> Path | None:
    """What ``pdeperf optimize`` makes of a script; None if it keeps the original."""
    made = folder / f"{script.stem}_automatic.py"
    command = [sys.executable, "-m", "pdeperf", "optimize", script.name, "-o", made.name, "--quiet"]
    command += ["--store", str(folder / "sessions")]
    done = subprocess.run(command, cwd=script.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{script.name}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    return made if made.exists() else None


def first_proposal(script: Path, folder: Path) -> Path | None:
    """The first rewrite that is proposed for the hottest place, round after round, untried."""
    made = folder / f"{script.stem}_automatic.py"
    shutil.copy(script, made)
    changed = False
    for _ in range(ROUNDS):
        settings = pipeline.Settings()
        store = Store(folder / "sessions")
        workload = Workload(script=made.name)
        report = pipeline.profile(workload, folder, store=store, settings=settings, progress=silent)
        report = pipeline.suggest(report, store=store, settings=settings, progress=silent)
        hot = [one for one in report.suggestions if one.diagnosis.share >= settings.threshold]
        hot = [one for one in hot if one.backend != "prange"]  # what cores gain, only trials tell
        if not hot:
            for refusal in report.refusals:
                print(f"  {script.name}:{refusal.where.first}: {refusal.reason}", file=sys.stderr)
            break
        for patch in hot[0].patches:
            (folder / patch.file).write_text(patch.after)
        print(f"  {script.name}: {hot[0].title}", file=sys.stderr)
        changed = True
    return made if changed else None


def silent(stage: str, detail: str = "") -> None:
    """Progress that nobody sees."""


def kernel_times(name: str, options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Steady seconds of each version of a problem's kernel."""
    function = name.removesuffix("_loops")
    hand = HERE / "hand" / f"{function}.py"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        script = folder / f"{name}.py"
        shutil.copy(HERE / "problems" / f"{name}.py", script)
        made = None
        if not options.only_hand:
            made = (first_proposal if options.quick else optimised)(script, folder)
            if made is not None and options.keep is not None:
                options.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(made, options.keep / script.name)
        done = subprocess.run(
            [
                sys.executable,
                str(HERE / "interleaved.py"),
                function,
                str(options.runs),
                str(script),
                str(hand) if hand.exists() else "-",
                str(made or "-"),
            ],
            env=environment(options, NUMBA_CACHE_DIR=str(folder / "cache")),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.exit(f"{name}: {done.stderr}")
    result: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return result


def environment(options: argparse.Namespace, **more: str) -> dict[str, str]:
    """Variables of the processes that are timed."""
    threads = {"NUMBA_NUM_THREADS": str(options.threads)} if options.threads else {}
    return {**os.environ, **threads, **more}


def sameness(row: dict[str, float] | None) -> str:
    if row is None:
        return ""
    return "=" if row["distance"] == 0 else f"{row['distance']:.0e}"


def kernel_table(names: Sequence[str], options: argparse.Namespace) -> None:
    statistic = "best_s" if options.best else "median_s"
    print(
        f"{'problem':24}{'NumPy s':>9}{'hand s':>9}{'auto s':>9}{'floor s':>9}{'hand':>8}{'auto':>8}"
        f"{'auto/hand':>10}{'floor/hand':>11}  {'same':12}{'compile s: hand, auto'}"
    )
    by_hand, automatic = [], []
    for name in names:
        rows = kernel_times(name, options)
        plain = rows["numpy"][statistic]
        hand, auto, floor = rows.get("hand"), rows.get("automatic"), rows.get("floor")
        hand_s = hand[statistic] if hand else float("nan")
        auto_s = auto[statistic] if auto else plain
        floor_s = floor[statistic] if floor else float("nan")
        by_hand.append(plain / hand_s)
        automatic.append(plain / auto_s)
        compile_s = [
            f"{row['first_s'] - row['median_s']:.1f}" if row is not None else "-" for row in (hand, auto)
        ]
        print(
            f"{name:24}{plain:>9.3f}{hand_s:>9.4f}{auto_s:>9.4f}{floor_s:>9.4f}{plain / hand_s:>7.1f}x"
            f"{plain / auto_s:>7.1f}x{hand_s / auto_s:>10.2f}{floor_s / hand_s:>11.2f}"
            f"  {sameness(hand) + ' ' + sameness(auto):12}{', '.join(compile_s)}",
            flush=True,
        )
    means = [statistics.geometric_mean(ratios) for ratios in (by_hand, automatic)]
    print(f"{'geometric mean':24}{'':36}{means[0]:>7.1f}x{means[1]:>7.1f}x{means[1] / means[0]:>10.2f}")


def cpu_s(script: Path, variables: dict[str, str]) -> float:
    """User and system seconds of a run of a whole script."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, script.name],
        cwd=script.parent,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def script_table(paths: Sequence[Path], options: argparse.Namespace) -> None:
    print(f"{'script':32}{'original s':>11}{'hand':>9}{'auto':>9}{'auto/hand':>11}")
    automatic, shares = [], []
    variables = environment(options, MPLBACKEND="Agg")
    for path in paths:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "work"
            ignored = shutil.ignore_patterns(".*", "__pycache__")
            shutil.copytree(path.parent, folder, ignore=ignored)
            script = folder / path.name
            hand = folder / f"{path.stem}_hand.py"
            versions = {"original": script}
            if hand.exists():
                versions["hand"] = hand
            made = (
                None
                if options.only_hand
                else (first_proposal if options.quick else optimised)(script, folder)
            )
            if made is not None:
                versions["automatic"] = made
            for version in versions.values():
                cpu_s(version, variables)  # compiles
            times = [
                [cpu_s(version, variables) for version in versions.values()] for _ in range(options.runs)
            ]
        summary = min if options.best else statistics.median
        seconds = dict(zip(versions, map(summary, zip(*times, strict=True)), strict=True))
        plain = seconds["original"]
        auto = plain / seconds.get("automatic", plain)
        automatic.append(auto)
        shown = f"{path.stem:32}{plain:>11.2f}"
        if "hand" in seconds:
            by_hand = plain / seconds["hand"]
            shares.append(auto / by_hand)
            shown += f"{by_hand:>8.1f}x{auto:>8.1f}x{auto / by_hand:>11.2f}"
        else:
            shown += f"{'-':>9}{auto:>8.1f}x"
        print(shown, flush=True)
    share = f"{statistics.geometric_mean(shares):>11.2f}" if shares else ""
    print(f"{'geometric mean':52}{statistics.geometric_mean(automatic):>8.1f}x{share}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="apply the first proposals without trials")
    parser.add_argument("--only-hand", action="store_true", help="leave the automatic version out")
    parser.add_argument("--best", action="store_true", help="best times: for a machine that others use too")
    parser.add_argument(
        "--threads", type=int, help="Numba's threads (all): 1 where others keep the cores busy"
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="copy the automatic versions there")
    parser.add_argument("what", nargs="*", help="problems by name (all), or paths of scripts")
    options = parser.parse_args()
    paths = [Path(one).resolve() for one in options.what if one.endswith(".py")]
    names = [one for one in options.what if not one.endswith(".py")]
    if not options.what:
        names = sorted(path.stem for path in (HERE / "problems").glob("*.py"))
    if names:
        kernel_table(names, options)
    if paths:
        script_table(paths, options)


if __name__ == "__main__":
    main()
