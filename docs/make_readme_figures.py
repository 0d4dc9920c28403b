"""Writes the README's example from a real run on this machine.

``python docs/make_readme_figures.py`` optimises a sample solver, in a folder of its own, and puts the diff
and the measured times between the README's two marks. Run it on a quiet machine.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pdeperf.model import Patch
from pdeperf.renderers._words import diff, seconds, times

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "sample_solvers" / "heat2d_loops.py"
BEGIN = "<!-- figures: written by docs/make_readme_figures.py -->"
END = "<!-- end of figures -->"


def measured() -> dict[str, Any]:
    """The report of one optimisation, as `--json` prints it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / SCRIPT.name).write_bytes(SCRIPT.read_bytes())
        done = subprocess.run(
            [sys.executable, "-m", "pdeperf", "optimize", SCRIPT.name, "--json", "--quiet"],
            cwd=place,
            stdout=subprocess.PIPE,
            check=True,
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def text(report: dict[str, Any]) -> str:
    """The example as Markdown: one sentence of figures and the diff."""
    overall = report["overall"]
    if overall is None or overall["verdict"]["outcome"] != "accepted":
        raise SystemExit("nothing was accepted: no figures to write")
    accepted = [step for step in report["steps"] if step["verdict"]["outcome"] == "accepted"]
    first, last = accepted[0]["candidate"]["patches"][0], accepted[-1]["candidate"]["patches"][0]
    patch = Patch(file=first["file"], before=first["before"], after=last["after"])
    verdict, trial = overall["verdict"], overall["trial"]
    worst = max((max(one["l2"], one["linf"]) for one in trial["differences"]), default=0.0)
    machine = report["evidence"]["environment"]
    before, after = sorted(trial["before_s"]), sorted(trial["after_s"])
    equal = "equal to the bit" if worst == 0 else f"equal to {worst:.0e}"
    return (
        f"`pdeperf optimize sample_solvers/{SCRIPT.name}` on {machine['cores_count']} cores "
        f"({machine['cpu_model']}): **{times(verdict['speedup'])} faster** "
        f"({times(verdict['speedup_low'])} to {times(verdict['speedup_high'])}), "
        f"{seconds(before[len(before) // 2])} became {seconds(after[len(after) // 2])}, "
        f"imports and cached compilation counted; {times(verdict['first_run_speedup'])} in the first run. "
        f"{len(trial['differences'])} results compared, {equal}.\n\n"
        "```diff\n" + "\n".join(diff(patch, 1)) + "\n```\n"
    )


def main() -> int:
    """Replace what stands between the marks."""
    readme = ROOT / "README.md"
    whole = readme.read_text(encoding="utf-8")
    head, _, rest = whole.partition(BEGIN)
    _, mark, tail = rest.partition(END)
    if not mark:
        raise SystemExit("README.md lacks the marks")
    readme.write_text(f"{head}{BEGIN}\n{text(measured())}{END}{tail}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
