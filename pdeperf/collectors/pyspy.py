"""The overview: where the time goes, line by line, seen from outside at 100 Hz."""

import json
import os
import shutil
import sysconfig
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.collectors.libraries import Frame, library, native_library
from pdeperf.collectors.unwatched import Nothing
from pdeperf.model import Measurement, Span

if TYPE_CHECKING:
    from pdeperf.source import Project

RATE_PER_S = 100
SPEEDSCOPE = "speedscope.json"
COLLAPSED = "pyspy.txt"
_Key = TypeVar("_Key")
_SEPARATOR = " < "
_DEPTH_COUNT = 24  # user frames kept of one stack


def executable() -> str | None:
    """Where py-spy is; None if it is not installed."""
    beside = Path(sysconfig.get_path("scripts")) / "py-spy"
    return str(beside) if os.access(beside, os.X_OK) else shutil.which("py-spy")


class _Collector:
    name = "pyspy"

    def command(self, child: list[str], folder: Path) -> list[str]:
        spy = executable()
        if spy is None:
            return child
        options = ["--rate", str(RATE_PER_S), "--native", "--full-filenames", "--format", "speedscope"]
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


def rows(recorded: dict[str, Any], project: "Project", elapsed_s: float = 0.0) -> Iterator[Measurement]:
    """Shares of the run's time by line, by stack of the user's lines, by library.

    Parameters
    ----------
    recorded
        A cleaned recording.
    elapsed_s
        The run's wall time: time in which it slept or waited belongs to no line.
    """
    frames = [
        Frame(frame["name"], frame.get("file") or "", frame.get("line") or 0)
        for frame in recorded["shared"]["frames"]
    ]
    lengths = {file: len(module.lines) for file, module in project.modules.items()}
    stacks: defaultdict[tuple[tuple[Span, ...], str, str], float] = defaultdict(float)
    native: defaultdict[Span, float] = defaultdict(float)
    for profile in recorded["profiles"]:
        for stack, weight in zip(profile["samples"], profile["weights"], strict=True):
            users, below = _split([frames[index] for index in stack], lengths)
            if not users:
                continue
            stacks[users, library(below), native_library(below)] += weight
            native[users[0]] += weight * bool(native_library(below))
    total_s = sum(stacks.values())
    if total_s < 0.9 * elapsed_s:
        total_s = elapsed_s
    if total_s:
        yield from _shares(stacks, native, total_s)


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


def _shares(
    stacks: Mapping[tuple[tuple[Span, ...], str, str], float], native: Mapping[Span, float], total_s: float
) -> Iterator[Measurement]:
    lines: defaultdict[Span, float] = defaultdict(float)
    chains: defaultdict[tuple[Span, ...], float] = defaultdict(float)
    libraries: defaultdict[tuple[Span, str], float] = defaultdict(float)
    natives: defaultdict[tuple[Span, str], float] = defaultdict(float)
    for (users, name, compiled), weight in stacks.items():
        lines[users[0]] += weight
        chains[users[:_DEPTH_COUNT]] += weight
        if name:
            libraries[users[0], name] += weight
        if compiled:
            natives[users[0], compiled] += weight
    for where, weight in _costliest(lines):
        yield _row(where, "line_share", weight / total_s)
        yield _row(where, "native_share", native[where] / weight)
    for users, weight in _costliest(chains):
        callers = _SEPARATOR.join(str(caller) for caller in users[1:])
        yield _row(users[0], "stack_share", weight / total_s, callers)
    for (where, name), weight in _costliest(libraries):
        yield _row(where, "library_share", weight / total_s, name)
    for (where, name), weight in _costliest(natives):
        yield _row(where, "native_library_share", weight / total_s, name)


def _costliest(weights: Mapping[_Key, float]) -> list[tuple[_Key, float]]:
    return sorted(weights.items(), key=lambda item: -item[1])


def _row(where: Span, metric: str, value: float, subject: str = "") -> Measurement:
    return Measurement(where=where, metric=metric, value=value, collector="pyspy", subject=subject)


def callers(row: Measurement) -> tuple[Span, ...]:
    """The lines through which a ``stack_share`` row's line was reached, innermost first."""
    spans = []
    for text in filter(None, row.subject.split(_SEPARATOR)):
        file, _, line = text.rpartition(":")
        spans.append(Span(file=file, first=int(line), last=int(line)))
    return tuple(spans)


COLLECTOR: Collector = _Collector()
