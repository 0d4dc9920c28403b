"""Parallel kernels run by real threads: ``python -m tests.threads cases`` or ``KIND FIRST LAST [LIMIT_S]``.

Each parallel form of the suite's cases, or of random programs' rewrites, compiled, run by one thread
and by two, in chunks of several sizes, and compared with the script that nobody rewrote. Prints each
difference; how many forms were run goes to stderr.
"""

import ast
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

os.environ["NUMBA_NUM_THREADS"] = "2"

import numba

from pdeperf.model import Candidate, Safety
from tests.arrays.driver import KINDS
from tests.arrays.in_process import difference, proposals, run
from tests.case_files import CASES
from tests.kernel import in_process as scripts
from tests.kernel.loop_scripts import script
from tests.parallel_orders import parallel_forms

THREADS, CHUNKS = (1, 2), (0, 1, 3, 7)
"""A chunk of 0 leaves it to Numba."""
Form = tuple[str, str, bool, tuple[str, ...]]
"""The script as it was and with a parallel kernel, whether they agree to the bit, what the second forgets."""


def of_the_cases() -> Iterator[tuple[str, Form]]:
    """What the backends' cases hold, and what becomes of them."""
    for path in sorted(CASES.glob("backends/*/*.after.py")):
        before, after = Path(str(path).replace(".after.", ".before.")).read_text(), path.read_text()
        if "njit" not in after or "cupy" in after:
            continue
        title = f"{path.parent.name}/{path.name.removesuffix('.after.py')}"
        if _is_parallel(after):
            yield title, (before, after, False, ())
        for form in parallel_forms(after):
            yield f"{title} {form.backend}", (after, form.patches[0].after, form.safety is Safety.EXACT, ())


def of_random_programs(kind: str, first: int, last: int, folder: Path) -> Iterator[tuple[str, Form]]:
    """What becomes of random programs' rewrites."""
    for seed in range(first, last):
        if kind == "loops":
            text, found = script(seed), (scripts.proposals(script(seed), folder) or ([],))[0]
        else:
            text = KINDS[kind].program(seed)
            found = proposals(text, folder) or []
        for one in found:
            if not isinstance(one, Candidate):
                continue
            for form in parallel_forms(one.patches[0].after):
                exact = {one.safety, form.safety} == {Safety.EXACT}
                yield f"{kind} {seed} {form.backend}", (text, form.patches[0].after, exact, one.forgets)


def _is_parallel(text: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "prange" for node in ast.walk(ast.parse(text)))


def differences(form: Form, folder: Path) -> Iterator[str]:
    """How each way to run the threads differs from the script as it was."""
    before, after, exact, forgets = form
    (folder / "before").mkdir()
    (folder / "before" / "script.py").write_text(before)  # Numba's cache wants a file that does not change
    (folder / "script.py").write_text(after)
    expected = run(before, (), folder / "before")
    if expected.raised or not expected.values:
        yield "nothing to compare" if not expected.raised else f"fails itself: {expected.message}"
        return
    for threads in THREADS:
        for chunk in CHUNKS:
            numba.set_num_threads(threads)
            numba.set_parallel_chunksize(chunk)
            found = run(after, (), folder)
            numba.set_parallel_chunksize(0)
            if told := difference(expected, found, forgets, exact=exact):
                yield f"{threads} threads, chunks of {chunk}: {told}"


def main(kind: str, first: int = 0, last: int = 0, limit_s: float = 1e9) -> None:
    """Look at all forms of a kind."""
    end = time.monotonic() + limit_s
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        forms = of_the_cases() if kind == "cases" else of_random_programs(kind, first, last, folder)
        for at, (title, form) in enumerate(forms):
            if time.monotonic() > end:
                break
            (own := folder / str(at)).mkdir()
            found = list(differences(form, own))
            if found and found[0].startswith(("nothing", "fails itself")):
                counts[found[0].partition(":")[0]] += 1
                print(title, *found, file=sys.stderr)
                continue
            counts["differs" if found else "same"] += 1
            for told in found:
                print(f"##### {title}: {told}", flush=True)
            if found:
                print(form[1], flush=True)
    print(kind, dict(counts), file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:4]), *map(float, sys.argv[4:5]))
