"""Where the time went between two sessions of one script."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from rich.console import Group, RenderableType
from rich.table import Table

from pdeperf.model import Report
from pdeperf.renderers import _words, terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line or library, before and after; a time is 0 where it is not there or took too little.

    Attributes
    ----------
    old, new
        Where it stands in each version: ``heat.py:12``; a library's name on both sides.
    text
        The line's own text, in the newer version where it has it.
    """

    old: str
    new: str
    text: str
    before_s: float
    after_s: float

    @property
    def gained_s(self) -> float:
        """How much less it takes now; negative where it takes more."""
        return self.before_s - self.after_s


def changes(old: Report, new: Report) -> tuple[Change, ...]:
    """The lines whose time changed most, first; lines are matched by what they say."""
    before, after = _line_times(old), _line_times(new)
    moved = _moved(old, new)
    found: list[Change] = []
    matched: set[tuple[str, int]] = set()
    for place, before_s in before.items():
        now = moved.get(place)
        if now is not None:
            matched.add(now)
        found.append(
            Change(
                old=_shown(place),
                new=_shown(now) if now is not None else "",
                text=_text_at(new, now) if now is not None else _text_at(old, place),
                before_s=before_s,
                after_s=after.get(now, 0.0) if now is not None else 0.0,
            )
        )
    origins = {now: place for place, now in moved.items()}
    for place, after_s in after.items():
        if place not in matched:
            origin = origins.get(place)
            found.append(
                Change(
                    old=_shown(origin) if origin is not None else "",
                    new=_shown(place),
                    text=_text_at(new, place),
                    before_s=0.0,
                    after_s=after_s,
                )
            )
    return tuple(sorted(found, key=lambda one: -abs(one.gained_s)))


def _line_times(report: Report) -> dict[tuple[str, int], float]:
    """Seconds by line: its share of the samples times the script's own time."""
    found: dict[tuple[str, int], float] = {}
    for row in report.evidence.rows:
        if row.metric == "line_share" and isinstance(row.value, float | int):
            place = (row.where.file, row.where.first)
            found[place] = max(found.get(place, 0.0), float(row.value) * report.evidence.elapsed_s)
    return found


def _moved(old: Report, new: Report) -> dict[tuple[str, int], tuple[str, int]]:
    """Where each old line stands now, if it stands there still."""
    now = {source.file: source.text.splitlines() for source in new.sources}
    if len(old.sources) == 1 == len(new.sources):  # the file may have another name
        names = {old.sources[0].file: new.sources[0].file}
    else:
        names = {source.file: source.file for source in old.sources if source.file in now}
    found: dict[tuple[str, int], tuple[str, int]] = {}
    for source in old.sources:
        name = names.get(source.file)
        if name is None:
            continue
        first = [line.strip() for line in source.text.splitlines()]
        second = [line.strip() for line in now[name]]
        for block in SequenceMatcher(a=first, b=second, autojunk=False).get_matching_blocks():
            for step in range(block.size):
                found[source.file, block.a + step + 1] = (name, block.b + step + 1)
    return found


def _shown(place: tuple[str, int]) -> str:
    return f"{place[0]}:{place[1]}"


def _text_at(report: Report, place: tuple[str, int]) -> str:
    for source in report.sources:
        if source.file == place[0]:
            lines = source.text.splitlines()
            return lines[place[1] - 1].strip() if 0 < place[1] <= len(lines) else ""
    return ""


def shown(old: Report, new: Report, most: int = 12) -> RenderableType:
    """A table: what each line took and takes, with its difference."""
    before_s, after_s = old.evidence.elapsed_s, new.evidence.elapsed_s
    parts: list[RenderableType] = [
        terminal.plain(
            f"{old.workload.script}: {_words.seconds(before_s)} (session {old.session}) became "
            f"{_words.seconds(after_s)} (session {new.session})"
            + (f", {_words.times(before_s / after_s)}" if after_s > 0 and before_s > 0 else ""),
            "bold",
        )
    ]
    parts += [terminal.plain(f"note: {one}", "dim") for one in _differences(old, new)]
    table = Table(box=None, pad_edge=False, expand=True)
    for name in ("difference", "was", "is"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("place", max_width=26, overflow="fold")
    table.add_column("line", overflow="ellipsis", no_wrap=True, ratio=1)  # what is left of the width
    found = changes(old, new)
    for one in found[:most]:
        table.add_row(
            _signed(-one.gained_s),
            _words.seconds(one.before_s) if one.before_s else "",
            _words.seconds(one.after_s) if one.after_s else "",
            terminal.plain(one.new if one.old in ("", one.new) else f"{one.old} -> {one.new or 'gone'}"),
            terminal.plain(one.text),
        )
    rest = sum(one.gained_s for one in found[most:]) + before_s - after_s - sum(one.gained_s for one in found)
    if found:
        table.add_row(_signed(-rest), "", "", terminal.plain("all others"), "")
        parts += ["", table]
    return Group(*parts)


def _signed(difference_s: float) -> str:
    return f"{'-' if difference_s < 0 else '+'}{_words.seconds(abs(difference_s))}"


def _differences(old: Report, new: Report) -> Iterator[str]:
    """What makes the times of two sessions not comparable."""
    if old.workload.argv != new.workload.argv:
        was, now = " ".join(old.workload.argv), " ".join(new.workload.argv)
        yield f"other arguments: {was or 'none'} became {now or 'none'}"
    first, second = old.evidence.environment, new.evidence.environment
    if first.cpu_model != second.cpu_model:
        yield f"another machine: {first.cpu_model} became {second.cpu_model}; these times say little"
    if first.threads_count != second.threads_count:
        yield f"{first.threads_count} threads became {second.threads_count}"
    versions = dict(first.versions)
    for name, version in second.versions:
        if versions.get(name, version) != version:
            yield f"{name} {versions[name]} became {version}"
