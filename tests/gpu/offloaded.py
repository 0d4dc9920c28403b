"""A program moved to the GPU, run against the strict stand-in and compared with what NumPy computes."""

import ast
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from pdeperf.gpu.offload import Offload, offload
from pdeperf.kernel.lowering import Problem
from tests.arrays.in_process import SIGN_LEFT_OPEN, Finding, difference, project_of, run, unsigned_zeros
from tests.gpu import strict_cupy


def moved(
    text: str, folder: Path, least_cells: int = 1, *, is_single: bool = False
) -> Offload | list[Problem] | None:
    """The program with the loop marked ``# hot`` on the GPU; None if the program itself fails."""
    project = project_of(text, folder)
    if project is None:
        return None
    module = project["script.py"]
    line = next(number for number, row in enumerate(text.splitlines(), 1) if re.search(r"# hot\b", row))
    loop = next(node for node in ast.walk(module.tree) if isinstance(node, ast.stmt) and node.lineno == line)
    return offload(project, module, [loop], least_cells=least_cells, is_single=is_single)


def finding(
    text: str,
    inputs: tuple[tuple[str, ...], ...],
    folder: Path,
    device: Callable[[], AbstractContextManager[None]] = strict_cupy.installed,
) -> Finding:
    """Compare a program with its GPU version, for each of the inputs and for the observed one.

    Parameters
    ----------
    device
        While it is entered, ``import cupy`` finds what is to be tried.
    """
    try:
        found = moved(text, folder)
    except Exception as error:
        return Finding("crashes", f"{type(error).__name__}: {error}")
    if found is None:
        return Finding("fails itself")
    if not isinstance(found, Offload):
        return Finding("refused", "; ".join(f"{one.line}: {one.reason}" for one in found))
    for argv in ((), *inputs):
        before = run(text, argv, folder)
        if difference(before, run(text, argv, folder), (), exact=True):
            return Finding("fails itself", "not the same twice")
        with device():
            after = run(found.text, argv, folder)
        if before.raised and after.raised:
            continue
        if SIGN_LEFT_OPEN & set(re.findall(r"\w+", text)):
            before, after = unsigned_zeros(before), unsigned_zeros(after)
        if details := difference(before, after, found.forgets, exact=found.exact):
            return Finding("differs", details, argv, found.text)
    return Finding("same", "", (), found.text)
