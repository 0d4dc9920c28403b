"""A report on a terminal: wraps at 80 columns, and reads the same without colour."""

import io
from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pdeperf.model import Candidate, Comparison, Outcome, Patch, Refusal, Report, Step
from pdeperf.renderers import Renderer, _matrices, _words

_COLOURS = {
    Outcome.ACCEPTED: "green",
    Outcome.UNPROVEN: "yellow",
    Outcome.SLOWER: "yellow",
    Outcome.WRONG: "red",
    Outcome.FAILED: "red",
}
_DIFF_LINES_MOST = 120
_REFUSALS_MOST = 8


class _Inset:
    """Text set in by three columns, each line of it, with nothing after a line's end.

    Code is broken into lines on a terminal only: from a file or a pipe somebody may copy it.
    """

    def __init__(self, text: Text) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """The lines, wrapped to what is left of the width."""
        is_whole = bool(self.text.no_wrap) and not console.is_terminal
        width = max(20, options.max_width - 3)
        lines = (
            self.text.split("\n")
            if is_whole
            else self.text.wrap(console, width, overflow="fold", no_wrap=False)
        )
        for line in lines:
            line.rstrip()
            yield Text.assemble("   ", line, no_wrap=is_whole, overflow="ignore") if line else Text("")


def profile(report: Report) -> RenderableType:
    """Where the time goes."""
    evidence = report.evidence
    parts: list[RenderableType] = [
        _text(
            f"{report.workload.script}: {_words.seconds(evidence.elapsed_s)}, "
            f"measured in {_words.seconds(evidence.profiling_s)} more",
            "bold",
        )
    ]
    found = _words.rows(report)
    if found:
        parts += ["", *_places(found)]
    else:
        parts.append(_text("No place takes more than a few per cent of the time."))
    if any(row.hotspot.headroom > 0 for row in found):
        parts += [
            "",
            _text("headroom: this place's time over what this machine's memory and cores allow", "dim"),
        ]
    seen = _matrices.matrices(report)
    if seen:
        parts += ["", _text("Matrices", "bold")]
        parts += [_text(f"{line.where}: {line.evidence}") for line in seen]
    allocated = _words.memory(report)
    if allocated:
        parts += ["", _text("Memory", "bold")]
        parts += [_text(f"{line.where}: {line.evidence}") for line in allocated] + [_text("")]
    parts += [_text(f"note: {note}", "dim") for note in evidence.notes]
    return Group(*parts)


def suggestions(report: Report) -> RenderableType:
    """What would make it faster, ranked, and what was refused."""
    return Group(*_suggestions(report), *_refused(report.refusals))


def _suggestions(report: Report) -> list[RenderableType]:
    parts: list[RenderableType] = []
    ranked = _words.ranked(report)
    if not ranked:
        parts.append(_text(f"No suggestion. {_words.why_nothing(report)}", "bold"))
    for number, candidate in enumerate(ranked, 1):
        parts += [_suggestion(number, candidate, _words.rival(ranked, number)), ""]
    return parts


def _suggestion(number: int, candidate: Candidate, instead_of: int | None) -> RenderableType:
    diagnosis = candidate.diagnosis
    known = diagnosis.headroom > 0
    gain = f"{_words.times(diagnosis.predicted_speedup)} at most" if known else "not known before a trial"
    lines = [
        _text(f"class {diagnosis.kind}, rule {diagnosis.rule}, by {candidate.backend}, at {diagnosis.where}"),
        *([_text(f"another way instead of {instead_of}")] if instead_of is not None else []),
        _text(f"predicted for the whole script: {gain}"),
        _text(f"safety: {candidate.safety}"),
        _text(_words.sentence(diagnosis.message)),
        *(_text(f"assumes: {line}") for line in candidate.assumes),
        *(_diff(patch) for patch in candidate.patches),
    ]
    return Group(_text(f"{number}. {candidate.title}", "bold"), *(_Inset(line) for line in lines))


def _refused(refusals: Sequence[Refusal]) -> Iterator[RenderableType]:
    """What was left alone: the costliest places first, of many only as many as are read."""
    if not refusals:
        return
    yield _text("Left alone", "bold")
    told = sorted(refusals, key=lambda refusal: refusal.backend == "pdeperf" and not refusal.advice)
    for refusal in told[:_REFUSALS_MOST]:
        yield _text(f"{refusal.where} ({refusal.backend}): {refusal.reason}")
        if refusal.advice:
            yield _Inset(_text(f"what you can do: {refusal.advice}"))
    if len(told) > _REFUSALS_MOST:
        more = _words.count(len(told) - _REFUSALS_MOST, "more reason")
        yield _text(f"... {more}: `pdeperf report --markdown`", "dim")


def step_line(number: int, step: Step) -> Text:
    """One step as it ends, on one line."""
    word = _words.OUTCOMES[step.verdict.outcome]
    return Text.assemble(
        f"{number}. ",
        (f"{word:<9}", _COLOURS[step.verdict.outcome]),
        f"{_words.step_times(step):>6}  ",
        _words.visible(f"{step.candidate.backend}: {step.candidate.title}"),
    )


def optimisation(report: Report) -> RenderableType:
    """What was tried, what was kept, and what it brought."""
    parts: list[RenderableType] = []
    if report.steps:
        table = Table(box=None, padding=(0, 1), pad_edge=False, show_edge=False, header_style="underline")
        table.add_column("outcome", no_wrap=True)
        table.add_column("speedup", justify="right", no_wrap=True)
        table.add_column("by", no_wrap=True)
        table.add_column("step", overflow="fold", ratio=1)
        for step in report.steps:
            colour = _COLOURS[step.verdict.outcome]
            table.add_row(
                _text(_words.OUTCOMES[step.verdict.outcome], colour),
                _text(_words.step_times(step)),
                _text(step.candidate.backend),
                _step(step),
            )
        parts += [table, *([_text(note, "dim")] if (note := _words.lines_note(report)) else []), ""]
    refused = list(_refused(report.refusals))
    if refused:
        parts += [*refused, ""]
    parts.append(_whole(report))
    return Group(*parts)


def _step(step: Step) -> Text:
    where = step.candidate.diagnosis.where
    text = _text(f"{step.candidate.title} ({where})")
    if step.verdict.reason:
        text.append("\n" + _words.visible(step.verdict.reason), "dim")
    return text


def _whole(report: Report) -> RenderableType:
    if report.overall is None or report.overall.verdict.outcome is not Outcome.ACCEPTED:
        return _text(f"{report.workload.script} is left as it is. {_words.why_nothing(report)}", "bold")
    return comparison(report.overall)


def comparison(found: Comparison) -> RenderableType:
    """Old against new, whole runs: the speedup with its interval, and the results."""
    trial, verdict = found.trial, found.verdict
    parts: list[RenderableType] = []
    if verdict.speedup > 0:
        parts.append(
            _text(
                f"Whole script: {_words.whole_speed(verdict)}",
                "bold green" if verdict.outcome is Outcome.ACCEPTED else "bold yellow",
            ).append(
                f"{_words.interval(verdict.speedup_low, verdict.speedup_high)}: "
                f"{_words.became(trial, verdict)} "
                f"({_words.count(len(trial.after_s), 'pair')} of runs)",
                "not bold",
            )
        )
    for line in (
        _words.first_run(trial, verdict),
        _words.results(trial),
        f"Tolerance: {trial.tolerance}" if trial.tolerance and _words.apart(trial) else "",
        _words.left_out(trial),
        f"It did not finish: {trial.failure}" if trial.failure else "",
    ):
        if line:
            parts.append(_text(line[0].upper() + line[1:]))
    if verdict.outcome is not Outcome.ACCEPTED and verdict.reason != trial.failure:
        parts.append(_text(verdict.reason))
    return Group(*parts)


def written(paths: Sequence[str], patches: Sequence[Patch]) -> Text:
    """Which files were written, and how much of them is new."""
    added, removed = _words.diff_size(patches)
    return _text(f"Written: {', '.join(paths)} (+{added} -{removed} lines)", "bold")


def made_of_older(files: Sequence[str]) -> Text:
    """That the user has changed files since they ran."""
    return _text(f"{', '.join(files)} changed since: this is made of what ran.", "yellow")


def _places(rows: Sequence[_words.Row]) -> Iterator[RenderableType]:
    """The hotspots, each on a line, with its evidence under it."""
    wide = max(len("class"), *(len(row.kind) for row in rows))
    yield _text(f" share  headroom  {'class':<{wide}}  place", "underline")
    for row in rows:
        share, headroom = _words.percent(row.hotspot.share), _words.times(row.hotspot.headroom)
        yield Text.assemble(
            (f"{share:>6}  {headroom:>8}  ", "bold"),
            (f"{row.kind:<{wide}}  ", "" if row.rules else "dim"),
            _text(_place(str(row.hotspot.where), row.hotspot.scope), "bold"),
            overflow="fold",
        )
        yield Padding(_evidence(row), (0, 0, 0, 8), expand=False)


def _evidence(row: _words.Row) -> Text:
    text = _text(row.evidence, "" if row.rules else "dim")
    if row.rules:
        text.append(f" Rule: {_words.visible(', '.join(row.rules))}.", "cyan")
    return text


def _place(where: str, scope: str) -> str:
    return where if scope in ("", "<module>") else f"{where} in {scope}"


def _diff(patch: Patch) -> Text:
    text = Text(no_wrap=True)
    lines = list(_words.diff(patch))
    for line in lines[:_DIFF_LINES_MOST]:
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        text.append(_words.visible(line).replace("\t", "    ") + "\n", colour)
    if len(lines) > _DIFF_LINES_MOST:
        text.append(f"... {len(lines) - _DIFF_LINES_MOST} more lines: `pdeperf report --markdown`\n", "dim")
    return text


def plain(content: str, style: str = "") -> Text:
    """A line of text for the terminal, whatever characters it holds."""
    return _text(content, style)


def _text(content: str, style: str = "") -> Text:
    """User text as it is: no markup read, no control character obeyed."""
    return Text(_words.visible(content), style=style, overflow="fold")


def whole(report: Report) -> RenderableType:
    """All of a session: the profile, what was suggested, what was tried."""
    parts: list[RenderableType] = [profile(report)]
    optimised = bool(report.steps or report.overall)
    if optimised and report.suggestions:
        parts += ["", Group(*_suggestions(report))]
    elif not optimised and (report.suggestions or report.refusals):
        parts += ["", suggestions(report)]
    if optimised:
        parts += [optimisation(report)] if report.suggestions else ["", optimisation(report)]
    return Group(*parts)


class TerminalRenderer:
    """The whole report as text for a terminal of 80 columns, without colour."""

    name = "terminal"
    suffix = ".txt"

    def render(self, report: Report) -> str:
        """The whole text."""
        console = Console(file=io.StringIO(), width=80, color_system=None, force_terminal=True)
        console.print(whole(report))
        output = console.file
        assert isinstance(output, io.StringIO)
        return output.getvalue()


RENDERER: Renderer = TerminalRenderer()
