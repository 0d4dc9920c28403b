"""The overview: where the time goes, line by line, seen from outside 50 times a second."""

import json
import os
import re
import shutil
import sysconfig
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.collectors.libraries import Frame, library, native_library
from pdeperf.collectors.stacks import Stack, share_rows
from pdeperf.collectors.unwatched import Nothing
from pdeperf.model import Measurement, Span

if TYPE_CHECKING:
    from pdeperf.source import Project

RATE_PER_S = 50
"""The script stands still while its native frames are read: about 1 ms, and more while it loads libraries."""
_LOST = 0.1
"""Share of samples without a stack from which the others say little of where the time goes."""
SPEEDSCOPE = "speedscope.json"
COLLAPSED = "pyspy.txt"


def executable() -> str | None:
    """Where py-spy is; None if it is not installed."""
    beside = Path(sysconfig.get_path("scripts")) / "py-spy"
    return str(beside) if os.access(beside, os.X_OK) else shutil.which("py-spy")


def loses_samples(printed: str) -> bool:
    """Has py-spy found no way out of native code too often?

    Vector code such as NumPy's powers of negative numbers does not say where its callers are. What is
    spent there is missing then, however long it takes: only Python's own frames are to be asked.
    """
    found = re.findall(r"py-spy> .*Samples: (\d+) Errors: (\d+)", printed)
    samples, errors = map(int, found[-1]) if found else (0, 0)
    return errors > _LOST * (samples + errors)


class _Collector:
    name = "pyspy"

    def __init__(self, frames: Sequence[str]) -> None:
        self._frames = frames

    def command(self, child: list[str], folder: Path) -> list[str]:
        spy = executable()
        if spy is None:
            return child
        options = ["--rate", str(RATE_PER_S), *self._frames, "--full-filenames", "--format", "speedscope"]
        return [spy, "record", *options, "--output", str(folder / SPEEDSCOPE), "--", *child]

    def record(self, job: Job) -> Recording:
        return Nothing()

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        return rows(json.loads((folder / SPEEDSCOPE).read_text()), project)


def clean(recorded: dict[str, Any], root: Path) -> dict[str, Any]:
    """Make a recording portable: files relative to the root, and nothing of what started the script."""
    frames = recorded["shared"]["frames"]
    prefix = f"{root}{os.sep}"
    for frame in frames:
        if (frame.get("file") or "").startswith(prefix):
            frame["file"] = frame["file"][len(prefix) :].replace(os.sep, "/")
            frame["user"] = "site-packages" not in frame["file"]
    for profile in recorded["profiles"]:
        kept = [
            (stack[first:], weight)
            for stack, weight in zip(profile["samples"], profile["weights"], strict=True)
            if (first := next((at for at, index in enumerate(stack) if frames[index].get("user")), None))
            is not None
        ]
        profile["samples"] = [stack for stack, _ in kept]
        profile["weights"] = [weight for _, weight in kept]
        profile["startValue"], profile["endValue"] = 0.0, sum(profile["weights"])
    recorded["profiles"] = [profile for profile in recorded["profiles"] if profile["samples"]]
    for frame in frames:
        frame.pop("user", None)
    return recorded


def collapsed(recorded: dict[str, Any]) -> str:
    """The same stacks as ``outer (file:line);inner (file:line) count``, one a line."""
    frames = [
        f"{frame['name']} ({frame.get('file')}:{frame.get('line')})" for frame in recorded["shared"]["frames"]
    ]
    counts = Counter(tuple(stack) for profile in recorded["profiles"] for stack in profile["samples"])
    lines = (f"{';'.join(frames[index] for index in stack)} {count}\n" for stack, count in counts.items())
    return "".join(lines)


def rows(
    recorded: dict[str, Any],
    project: "Project",
    elapsed_s: float = 0.0,
    *,
    queued_s: float = 0.0,
    starts: bool = True,
) -> Iterator[Measurement]:
    """Shares of the run's time by line, by stack of the user's lines, by library.

    Parameters
    ----------
    recorded
        A cleaned recording.
    elapsed_s
        The run's wall time: time in which it slept or waited belongs to no line.
    queued_s
        How much of it neighbours on a busy machine had the processors, when little is sampled: what is
        seen stands for that time too.
    starts
        Whether what Numba takes to compile or load a function is time of the line that calls it;
        otherwise it belongs to no line.
    """
    frames = [
        Frame(frame["name"], frame.get("file") or "", frame.get("line") or 0)
        for frame in recorded["shared"]["frames"]
    ]
    lengths = {file: len(module.lines) for file, module in project.modules.items()}
    stacks: defaultdict[Stack, float] = defaultdict(float)
    started_s = 0.0
    for profile in recorded["profiles"]:
        for stack, weight in zip(profile["samples"], profile["weights"], strict=True):
            users, below = _split([frames[index] for index in stack], lengths)
            if users and not starts and any(_is_start(frame) for frame in below):
                started_s += weight
            elif users:
                stacks[users, library(below), native_library(below)] += weight
    total_s = sum(stacks.values()) + started_s
    if total_s < 0.9 * (elapsed_s - queued_s):
        total_s = elapsed_s - queued_s
    if total_s:
        yield from share_rows(stacks, total_s, COLLECTOR.name)


def _is_start(frame: Frame) -> bool:
    """Does Numba compile a function there, or load one that it has compiled before?"""
    return frame.name.endswith("_compile_for_args") and frame.file.endswith("numba/core/dispatcher.py")


def _split(stack: list[Frame], lengths: Mapping[str, int]) -> tuple[tuple[Span, ...], list[Frame]]:
    """The user's lines, innermost first, and the frames below the innermost."""
    at = [place for place, frame in enumerate(stack) if 0 < frame.line <= lengths.get(frame.file, 0)]
    if not at:
        return (), stack
    users = tuple(
        Span(file=stack[place].file, first=stack[place].line, last=stack[place].line)
        for place in reversed(at)
    )
    return users, stack[at[-1] + 1 :]


COLLECTOR: Collector = _Collector(["--native"])
IN_PYTHON: Collector = _Collector([])
