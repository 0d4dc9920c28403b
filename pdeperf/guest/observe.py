"""One observed run of the user's script, as a child process: ``python -m pdeperf.guest ORDER.json``."""

import ast
import faulthandler
import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from pdeperf.guest import branches, overlay
from pdeperf.guest.capture import Harvest, Kept
from pdeperf.guest.functions import RETURN, RETURNED, Recorder
from pdeperf.guest.perturb import Perturbation
from pdeperf.guest.plots import Plots
from pdeperf.guest.repeatable import fill_new_arrays, seed_unseeded, skew_clocks
from pdeperf.guest.script import local_file, run_script, without_ours
from pdeperf.guest.stopping import Tightening, Truncation
from pdeperf.guest.turns import Turns
from pdeperf.guest.watching import Watching
from pdeperf.guest.windows import Windows

INDEX = "index.json"
ARRAYS = "arrays.npz"
UNREADABLE = "cannot evaluate"
"""How a note begins that tells of a conserved quantity that could not be had."""
LATER_CALL_BYTES = 256_000
"""Of a function's later calls, larger arrays are summarised: there may be twenty of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How the child is to run the script, and what it is to bring back.

    Attributes
    ----------
    script, root
        The script's path, and the folder that the program's relative file names refer to.
    results
        Folder for what was observed; empty if nothing is to be.
    functions
        Keep the locals of the user's functions too.
    skewed
        Let the clocks run wrong, so that results that depend on them differ.
    filled
        Put numbers into new arrays, so that results that depend on what memory held differ.
    perturbation
        Seed of the rounding errors added to the loops' arrays; 0 for none.
    roundings_count
        How large these are, in units of the rounding error.
    sums
        Move what sums over arrays give by a few rounding errors, too.
    tightened
        Divide the tolerances of iterations by ten.
    horizon_loop, horizon_turns
        End loops with this header after so many turns; 0 for never.
    branches
        Tell which branches were taken.
    conserved
        Expressions over the script's globals, to be evaluated at its end.
    """

    script: str
    root: str
    argv: tuple[str, ...] = ()
    results: str = ""
    functions: bool = True
    skewed: bool = False
    filled: bool = False
    perturbation: int = 0
    roundings_count: float = 1.0
    carried_only: bool = False
    scalars: bool = False
    sums: bool = False
    tightened: bool = False
    horizon_loop: str = ""
    horizon_turns: int = 0
    branches: bool = False
    conserved: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> "Order":
        """Read an order that :meth:`write` wrote."""
        found = json.loads(path.read_text())
        known = {field.name: found[field.name] for field in fields(cls)}
        return cls(**{**known, "argv": tuple(known["argv"]), "conserved": tuple(known["conserved"])})

    def write(self, path: Path) -> None:
        """Write the order as JSON."""
        path.write_text(json.dumps(asdict(self)))


class Observer:
    """Gathers what one run leaves behind, and how long the gathering took."""

    def __init__(self, order: Order, watching: Watching) -> None:
        self._order = order
        self._root = Path(order.root)
        self._main = local_file(order.script, self._root) or Path(order.script).name
        self._harvest = Harvest(self._root)
        self._kept: dict[str, Kept] = {}
        self._later = Harvest(self._root, whole_bytes=LATER_CALL_BYTES)
        self._process = os.getpid()
        self.watching = watching
        self.recorder = Recorder(self._seen)
        self.turns = Turns(self._lap, self._drop)
        self.tightening = Tightening()
        self.truncation = Truncation(order.horizon_loop, order.horizon_turns)
        self.plots = Plots(self._shown)
        self.taken = branches.install() if order.branches else {}
        self.windows = Windows()
        self.perturbation = Perturbation(
            order.perturbation,
            order.roundings_count,
            carried_only=order.carried_only,
            scalars=order.scalars,
            sums=order.sums,
        )

    def install(self) -> None:
        """Prepare this process for the script."""
        self.windows.install()
        seed_unseeded()
        if self._order.skewed:
            skew_clocks()
        if self._order.filled:
            fill_new_arrays()
        if self._order.perturbation:
            self.perturbation.install()
        if self._order.results:
            self.plots.install()
            self.recorder.install()
            self.turns.install()

    def transform(self, tree: ast.Module, file: str) -> ast.Module:
        """Put into one of the user's files what must be watched from within."""
        if self._order.tightened:
            tree = self.tightening.visit(tree)
        if self._order.horizon_turns:
            tree = self.truncation.visit(tree)
        if self._order.branches:
            tree = branches.Branches(file).visit(tree)
        watched = bool(self._order.results and self._order.functions)
        if watched:
            tree = self.turns.transform(tree, file, main=self._main)
        if self._order.perturbation:
            tree = self.perturbation.transform(tree, file)
        if watched:
            tree = self.recorder.transform(tree, file, main=self._main)
        return tree

    def finish(self, namespace: Mapping[str, object]) -> None:
        """Gather what is there at the end, and write it."""
        self.windows.finish()
        if not self._order.results or os.getpid() != self._process:
            return
        with self.watching():
            self.plots.finish()
            self._keep(self._harvest.namespace(namespace))
            self._conserve(namespace)
            for name, module in list(sys.modules.items()):
                file = getattr(module, "__file__", None)
                # multiprocessing makes the script known a second time, as __mp_main__
                if (
                    name not in ("__main__", "__mp_main__")
                    and file
                    and local_file(str(file), self._root) is not None
                ):
                    self._keep(self._harvest.namespace(vars(module), f"{name}."))
        self._write(Path(self._order.results))

    def _keep(self, found: Any) -> None:
        for kept in found:
            self._kept[kept.name] = kept

    def _shown(self, name: str, value: object) -> None:
        with self.watching():
            self._keep(self._harvest.value(name, value))

    def _seen(self, function: str, call: int, values: Mapping[str, object]) -> None:
        if os.getpid() != self._process:
            return
        with self.watching():
            harvest = self._harvest if call == 1 else self._later
            self._keep(harvest.namespace({**values, **_given(values)}, f"{function}()[{call}]:"))

    def _lap(self, loop: str, turn: int, values: Mapping[str, object]) -> None:
        if os.getpid() != self._process:
            return
        with self.watching():
            self._keep(self._later.namespace(values, f"{loop}[{turn}]:"))

    def _drop(self, loop: str) -> None:
        for name in [name for name in self._kept if name.startswith(f"{loop}[")]:
            del self._kept[name]

    def _conserve(self, namespace: Mapping[str, object]) -> None:
        for expression in self._order.conserved:
            try:
                value = eval(expression, dict(namespace))
                self._keep(self._harvest.value(f"conserved {expression}", value))
            except Exception as error:  # the user's expression may raise anything
                self._harvest.notes.append(f"{UNREADABLE} {expression}: {type(error).__name__}: {error}")

    def _write(self, folder: Path) -> None:
        with self.watching():
            calls, (inside, outside) = self.recorder.calls_count(), self.turns.counters_count()
            self.watching.add_counters(sum(calls.values()) + inside, outside)
            index = {
                "observables": self._saved(folder),
                "calls": calls,
                "notes": [*self.windows.notes, *self._harvest.notes],
                "loops": self.turns.counts(),
                "machine": _machine(),
                "perturbed": self.perturbation.arrays_count,
                "tightened": self.tightening.found_count,
                "truncated": self.truncation.found_count,
                "taken": sorted(self.taken),
                "threaded": _threaded(),
            }
        watching = {"watching_s": self.watching.wall_s, "watching_cpu_s": self.watching.cpu_s}
        (folder / INDEX).write_text(json.dumps({**index, **watching}))

    def _saved(self, folder: Path) -> list[dict[str, Any]]:
        """Save the arrays; the rows that tell what each one is."""
        if self._kept:
            import numpy as np

            np.savez(
                folder / ARRAYS,
                **{f"a{number}": kept.values for number, kept in enumerate(self._kept.values())},
            )
        return [
            {
                "name": kept.name,
                "key": f"a{number}",
                "shape": kept.shape,
                "reduced": kept.reduced,
                "typed": kept.typed,
            }
            for number, kept in enumerate(self._kept.values())
        ]


def _given(values: Mapping[str, object]) -> dict[str, object]:
    """What a function returns, the parts of a tuple apart: they are seldom of one size."""
    if RETURNED not in values:
        return {}
    value = values[RETURNED]
    if type(value) is tuple:
        return {f"{RETURN}[{number}]": part for number, part in enumerate(value)}
    return {RETURN: value}


def _machine() -> dict[str, str]:
    """What numbers may depend on: the versions of what was imported, and the processor."""
    import platform

    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    for name in ("numpy", "scipy", "numba", "cupy", "jax", "torch"):
        if version := getattr(sys.modules.get(name), "__version__", ""):
            found[name] = str(version)
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return found
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    found["processor"] = next(names, platform.processor())
    return found


def _threaded() -> bool:
    """Did compiled code of this process run in several threads of Numba's?"""
    numba: Any = sys.modules.get("numba.np.ufunc.parallel")
    return bool(numba is not None and getattr(numba, "_is_initialized", False))


def _print_error(error: BaseException) -> None:
    """Print the traceback as Python would have, without the frames of this package."""
    sys.stdout.flush()
    traceback.print_exception(without_ours(error))


def _end_with_parent() -> None:
    """Ask the kernel to end this process when the one that started it is gone, however it went."""
    if sys.platform != "linux":
        return
    import ctypes

    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def main(order: Order, *, started: tuple[float, float]) -> int:
    """Run the script as ordered; give the exit status of the process.

    Parameters
    ----------
    started
        Wall and CPU time when this process began to prepare; what that took is counted as watching.
    """
    _end_with_parent()
    faulthandler.enable()
    overlay.install()
    watching = Watching(*started)
    with watching():
        observer = Observer(order, watching)
        observer.install()
    try:
        namespace = run_script(
            Path(order.script), order.argv, root=Path(order.root), transform=observer.transform
        )
        observer.finish(namespace)
    except SystemExit:
        raise
    except BaseException as error:
        _print_error(error)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0
