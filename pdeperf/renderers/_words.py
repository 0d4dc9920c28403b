"""How facts are put into words, the same in every format."""

import difflib
import math
import statistics
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pdeperf.model import Candidate, Diagnosis, Hotspot, Outcome, Patch, Report, Span, Step, Trial, Verdict

OUTCOMES = {
    Outcome.ACCEPTED: "kept",
    Outcome.UNPROVEN: "unproven",
    Outcome.SLOWER: "slower",
    Outcome.WRONG: "wrong",
    Outcome.FAILED: "failed",
}
_WAITING_FOR_PROCESSES = frozenset(
    f"Python's {name}" for name in ("concurrent", "multiprocessing", "subprocess")
)
SHORT_S = 0.5
_SHOWN = 0.0005
"""A lesser share is shown as 0.0 %."""
"""A run shorter than this is mostly the start of Python and its imports."""


def visible(text: str) -> str:
    """The text with control, escape and direction-changing characters spelt out."""
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co") else _spelt(char)
        for char in text.replace("\r\n", "\n")
    )


def on_one_line(text: str) -> str:
    """The same, with line ends spelt out too: for names."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _spelt(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def percent(share: float) -> str:
    """A share as per cent: ``93.1 %``."""
    return f"{100 * share:.1f} %"


def times(factor: float) -> str:
    """A factor with three figures: ``12.4x``, ``240x``; ``?`` where unknown."""
    if not math.isfinite(factor) or factor <= 0:
        return "?"
    return f"{factor:.0f}x" if factor >= 99.95 else f"{factor:.1f}x" if factor >= 9.995 else f"{factor:.2f}x"


def seconds(elapsed_s: float) -> str:
    """A time with a unit that suits it."""
    if elapsed_s >= 100:
        return f"{elapsed_s:.0f} s"
    if elapsed_s >= 1:
        return f"{elapsed_s:.2f} s"
    if elapsed_s >= 1e-3:
        return f"{1e3 * elapsed_s:.0f} ms"
    return f"{1e6 * elapsed_s:.0f} us"


def small(number: float) -> str:
    """A relative difference: ``3e-16``, ``0`` where equal."""
    if number == 0:
        return "0"
    return f"{number:.1e}" if math.isfinite(number) else "without bound"


def count(number: int, noun: str) -> str:
    """A number of things: ``1 step``, ``3 steps``, ``2 boxes``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names with commas, the rest counted."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the profile's table: a hotspot and what is known of it."""

    hotspot: Hotspot
    diagnoses: tuple[Diagnosis, ...]

    @property
    def kind(self) -> str:
        """Class of the bottleneck, ``library`` where the time is in compiled code of others."""
        if self.diagnoses:
            return ", ".join(dict.fromkeys(diagnosis.kind.value for diagnosis in self.diagnoses))
        return "library" if self.libraries else "other"

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the rules that fit."""
        return tuple(dict.fromkeys(diagnosis.rule for diagnosis in self.diagnoses))

    @property
    def libraries(self) -> tuple[tuple[str, float], ...]:
        """Libraries called from here with their share of the run, the largest first."""
        shares: dict[str, float] = {}
        for fact in self.hotspot.facts:
            if fact.metric == "library_share" and isinstance(fact.value, float | int) and fact.value > 0:
                shares[fact.subject] = shares.get(fact.subject, 0.0) + float(fact.value)
        return tuple(sorted(shares.items(), key=lambda pair: -pair[1]))

    @property
    def evidence(self) -> str:
        """What was measured here, in a sentence."""
        said = [sentence(diagnosis.message) for diagnosis in self.diagnoses]
        if self.libraries and (not said or self.libraries[0][1] > 0.3 * self.hotspot.share):
            told = (pair for pair in self.libraries[:3] if pair[1] >= _SHOWN or pair == self.libraries[0])
            named = ", ".join(f"{name} {percent(share)}" for name, share in told)
            said.append(f"In libraries: {named} of the run.")
        if not said:
            said.append("No rule of pdeperf fits this place.")
        return " ".join(said)


def rows(report: Report) -> tuple[Row, ...]:
    """The hotspots, costliest first, each with the diagnoses made there."""
    return tuple(
        Row(
            hotspot=hotspot,
            diagnoses=tuple(
                diagnosis
                for diagnosis in report.diagnoses
                if diagnosis.where == hotspot.where
                or hotspot.where.contains(diagnosis.where)
                or diagnosis.where.contains(hotspot.where)
                or (hotspot.facts and diagnosis.facts == hotspot.facts)
            ),
        )
        for hotspot in sorted(report.evidence.hotspots, key=lambda hotspot: -hotspot.share)
    )


def size(count_bytes: float) -> str:
    """A number of bytes with a unit that suits it."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if abs(count_bytes) >= factor:
            return f"{count_bytes / factor:.1f} {unit}"
    return f"{count_bytes:.0f} B"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What one line does to memory, as far as it was measured; None where it was not."""

    where: Span
    temporary_bytes: float | None = None
    temporaries_count: float | None = None
    resident_growth_bytes: float | None = None

    @property
    def evidence(self) -> str:
        """The numbers, in words."""
        said = []
        if self.temporary_bytes is not None:
            pieces = f" in {self.temporaries_count:,.0f} pieces" if self.temporaries_count else ""
            said.append(f"{size(self.temporary_bytes)} of temporaries{pieces}")
        if self.resident_growth_bytes is not None:
            said.append(f"resident memory grew by {size(self.resident_growth_bytes)}")
        return ", ".join(said)


def memory(report: Report, most: int = 8) -> tuple[Memory, ...]:
    """The lines that allocate most, or that memory grew in, the largest first.

    What modules allocate while they are imported is nobody's to mend, and left out.
    """
    metrics = ("temporary_bytes", "temporaries_count", "resident_growth_bytes")
    texts = {source.file: source.text.splitlines() for source in report.sources}
    found: dict[Span, dict[str, float]] = {}
    for row in report.evidence.rows:
        of_import = row.collector == "memray" and _imports(texts.get(row.where.file, []), row.where.first)
        if row.metric in metrics and isinstance(row.value, float | int) and row.value > 0 and not of_import:
            found.setdefault(row.where, {})[row.metric] = float(row.value)
    lines = [Memory(where=where, **values) for where, values in found.items()]
    lines.sort(key=lambda line: -max(line.temporary_bytes or 0.0, line.resident_growth_bytes or 0.0))
    return tuple(lines[:most])


def _imports(lines: Sequence[str], line: int) -> bool:
    return 0 < line <= len(lines) and lines[line - 1].lstrip().startswith(("import ", "from "))


def ranked(report: Report) -> tuple[Candidate, ...]:
    """The suggestions, the largest predicted gain first; equals keep the backends' order."""
    return tuple(sorted(report.suggestions, key=lambda candidate: -candidate.diagnosis.predicted_speedup))


def rival(suggestions: Sequence[Candidate], number: int) -> int | None:
    """Number of the first suggestion for the same place, if that is an earlier one."""
    here = suggestions[number - 1].diagnosis
    first = next(at for at, one in enumerate(suggestions, 1) if one.diagnosis == here)
    return first if first < number else None


def diff(patch: Patch, context: int = 3) -> Iterator[str]:
    """A unified diff, line by line, without line ends."""
    before, after = patch.before.splitlines(), patch.after.splitlines()
    yield from difflib.unified_diff(
        before, after, f"a/{patch.file}", f"b/{patch.file}", n=context, lineterm=""
    )


def diff_size(patches: Iterable[Patch]) -> tuple[int, int]:
    """Lines added and lines removed."""
    lines = [line for patch in patches for line in diff(patch) if not line.startswith(("+++ ", "--- "))]
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)


def median(values: Sequence[float]) -> float:
    """The middle value; 0 where there is none."""
    return statistics.median(values) if values else 0.0


def break_even_runs(trial: Trial) -> int | None:
    """In which run the rewritten script has paid for its compilation; None if it never does."""
    before, after, first = median(trial.before_s), median(trial.after_s), trial.first_run_s
    if before <= 0 or after <= 0 or before <= after:
        return None
    return max(1, math.ceil((first - after) / (before - after) - 1e-9))


def first_run(trial: Trial, verdict: Verdict) -> str:
    """What the first run costs, compilation counted; empty where it is like any other run."""
    first, steady = verdict.first_run_speedup, verdict.speedup
    if first <= 0 or (first >= 1 and steady < 1.1) or 0.85 <= first / max(steady, 1e-9) <= 1.15:
        return ""
    runs = break_even_runs(trial)
    if first >= 1 or runs == 1:
        return f"{times(first)} in the first run, compilation counted"
    if runs is None:
        return f"{times(first)} in the first run; compilation does not pay off"
    return f"{times(first)} in the first run (compilation); pays off from run {runs} on"


def whole_speed(verdict: Verdict) -> str:
    """Old time over new for whole runs, in a word: ``12.4x faster``; no claim where the runs scatter."""
    if verdict.speedup_low <= 1 <= verdict.speedup_high:
        return f"{times(verdict.speedup)}, no clear difference"
    return f"{times(verdict.speedup)} faster" if verdict.speedup > 1 else f"{times(verdict.speedup)}, slower"


def interval(low: float, high: float) -> str:
    """The interval of a speedup: `` (11.9x to 12.8x)``; empty where none was measured."""
    if low <= 0 or high <= 0:
        return ""
    return f" ({times(low)} to {times(high)})"


def became(trial: Trial, verdict: Verdict) -> str:
    """Old time and new time of a whole run: ``1.25 s became 100 ms``."""
    if verdict.by_cpu:
        old, new = median(trial.before_cpu_s), median(trial.after_cpu_s)
        return f"{seconds(old)} of CPU time became {seconds(new)}"
    return f"{seconds(median(trial.before_s))} became {seconds(median(trial.after_s))}"


def apart(trial: Trial) -> bool:
    """Does any result differ, be it within what is allowed?"""
    return any(one.l2 != 0 or one.linf != 0 or one.note for one in trial.differences)


def sentence(text: str) -> str:
    """The text with a full stop, if it has none."""
    return text if not text or text.endswith((".", "!", "?", ":")) else f"{text}."


def results(trial: Trial) -> str:
    """What was compared, and how far apart it lies, in a sentence."""
    if not trial.differences:
        return "No results were compared."
    outside = [difference for difference in trial.differences if not difference.within]
    compared = count(len(trial.differences), "result")
    if outside:
        names = listed([noted(difference.observable, difference.note) for difference in outside], 4)
        return f"{len(outside)} of {compared} differ: {names}."
    worst = max(trial.differences, key=lambda difference: max(difference.l2, difference.linf))
    gap = max(worst.l2, worst.linf)
    if not apart(trial):
        return f"{compared} compared, all equal to the bit."
    return (
        f"{compared} compared, all within bounds; the largest relative difference is "
        f"{small(gap)} in {worst.observable} (allowed {small(worst.allowed)})."
    )


def noted(name: str, note: str) -> str:
    """A name with its note, if it has one."""
    return f"{name} ({note})" if note else name


def left_out(trial: Trial) -> str:
    """What could not be compared, and why; empty where everything was."""
    said = []
    if trial.unstable:
        said.append(f"Left out, because two runs of the original differ there: {listed(trial.unstable)}.")
    if trial.unjudged:
        said.append(f"Left out, because rounding alone moves them too far: {listed(trial.unjudged)}.")
    return " ".join(said)


def why_nothing(report: Report) -> str:
    """Why a script was left alone."""
    if report.overall is not None and report.overall.verdict.outcome is not Outcome.ACCEPTED:
        return report.overall.verdict.reason
    kept = [step for step in report.steps if step.verdict.outcome is Outcome.ACCEPTED]
    if kept and report.overall is None:
        return "It ended before the whole script was compared; `pdeperf apply` writes what was kept."
    if kept:
        return ""
    if report.steps:
        words = [OUTCOMES[step.verdict.outcome] for step in report.steps]
        found = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
        return f"{count(len(words), 'rewrite')} tried, none was right and faster: {found}."
    if report.refusals:
        untried = all(refusal.backend == "pdeperf" for refusal in report.refusals)
        if untried:
            return f"Nothing was tried: {report.refusals[0].reason}"
        first = next(refusal for refusal in report.refusals if refusal.backend != "pdeperf")
        return f"Every rewrite was refused: {first.reason}"
    if report.diagnoses:
        return "No technique answers what was found."
    if report.evidence.elapsed_s < SHORT_S:
        return f"The whole run takes {seconds(report.evidence.elapsed_s)}: there is nothing to gain."
    costly = rows(report)
    if costly and (waits := _waits_for(costly)):
        return (
            f"Most of the time it waits for other processes ({waits}), which are not looked into: "
            "optimize a script that does one of their tasks itself."
        )
    if costly and costly[0].kind == "library":
        name, share = costly[0].libraries[0][0], costly[0].hotspot.share
        much = (
            "Most of the time is" if share >= 0.5 else f"The largest part of the time, {percent(share)}, is"
        )
        compiled = "" if name.startswith("Python's ") else ", compiled code already"
        return f"{much} spent in {name}{compiled}; no rule fits."
    if costly:
        return "No rule fits the places where the time goes."
    return "No single place takes enough of the time to be worth a rewrite."


def _waits_for(costly: Sequence[Row]) -> str:
    """The library in which it waits for other processes, if that is most of what it does."""
    found = [(row, row.libraries[0][0]) for row in costly if row.kind == "library"]
    waiting = [(row, name) for row, name in found if name in _WAITING_FOR_PROCESSES]
    seen = sum(row.hotspot.share for row in costly)
    is_most = bool(waiting) and (waiting[0][0] is costly[0] or seen < 0.5)  # who waits is seen in no sample
    return waiting[0][1] if is_most else ""


def step_times(step: Step) -> str:
    """Speedup of one step, if it was timed."""
    return times(step.verdict.speedup) if step.verdict.speedup > 0 else "-"


def lines_note(report: Report) -> str:
    """Which text the line numbers of the steps mean, where that is not the user's; empty where it is."""
    kept = [number for number, step in enumerate(report.steps) if step.verdict.outcome is Outcome.ACCEPTED]
    if not kept or kept[0] == len(report.steps) - 1:
        return ""
    return "Lines of a step are those of the script with the rewrites kept before it."
