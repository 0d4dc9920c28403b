"""A report as Markdown, for an issue or a pull request."""

import re

from pdeperf.model import Outcome, Patch, Refusal, Report
from pdeperf.renderers import Renderer, _words


class MarkdownRenderer:
    """Hotspots, suggestions or steps, results, and the diffs."""

    name = "markdown"
    suffix = ".md"

    def render(self, report: Report) -> str:
        """The whole text."""
        parts = [f"<!-- pdeperf, session {_text(report.session)} -->", f"# {_text(report.workload.script)}"]
        parts += _overall(report)
        parts += _hotspots(report)
        parts += _steps(report) if report.steps else _suggestions(report)
        if report.refusals:
            parts += ["## Left alone", "\n".join(_refusal(one) for one in report.refusals)]
        return "\n\n".join(parts) + "\n"


def _refusal(one: Refusal) -> str:
    said = f"{one.where} ({one.backend}): {one.reason} {one.advice}"
    return f"- {_text(said)}"


def _overall(report: Report) -> list[str]:
    if report.overall is None or report.overall.verdict.outcome is not Outcome.ACCEPTED:
        why = _words.why_nothing(report) if report.steps or report.overall else ""
        return [f"Left as it is. {_text(why)}"] if why else []
    trial, verdict = report.overall.trial, report.overall.verdict
    said = [
        f"**{_words.whole_speed(verdict)}**"
        f"{_words.interval(verdict.speedup_low, verdict.speedup_high)}: {_words.became(trial, verdict)}.",
        _words.first_run(trial, verdict),
        _text(_words.results(trial)),
        _text(_words.left_out(trial)),
    ]
    return [line for line in said if line]


def _hotspots(report: Report) -> list[str]:
    lines = ["| share | class | place | headroom | evidence |", "|---:|---|---|---:|---|"]
    for row in _words.rows(report):
        rule = f" ({', '.join(row.rules)})" if row.rules else ""
        lines.append(
            f"| {_words.percent(row.hotspot.share)} | {_text(row.kind)} | {_text(str(row.hotspot.where))} "
            f"| {_words.times(row.hotspot.headroom)} | {_text(row.evidence + rule)} |"
        )
    return ["## Where the time goes", "\n".join(lines)] if len(lines) > 2 else []


def _steps(report: Report) -> list[str]:
    parts = ["## What was tried"]
    for number, step in enumerate(report.steps, 1):
        word = _words.OUTCOMES[step.verdict.outcome]
        parts.append(
            f"{number}. **{word}** ({_words.step_times(step)}) {_text(step.candidate.title)}: "
            f"{_text(step.verdict.reason)}"
        )
        if step.verdict.outcome is Outcome.ACCEPTED:
            parts += [_diff(patch) for patch in step.candidate.patches]
    return parts


def _suggestions(report: Report) -> list[str]:
    parts = ["## Suggestions"] if report.suggestions else []
    for number, one in enumerate(_words.ranked(report), 1):
        parts.append(
            f"{number}. {_text(one.title)} (rule {_text(one.diagnosis.rule)}, safety {one.safety.value}, "
            f"at most {_words.times(one.diagnosis.predicted_speedup)})"
        )
        parts += [_diff(patch) for patch in one.patches]
    return parts


def _diff(patch: Patch) -> str:
    lines = [_words.visible(line) for line in _words.diff(patch)]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join((f"{fence}diff", *lines, fence))


def _text(content: str) -> str:
    """User text as text: no markup, no table cell, no line of its own."""
    flat = " ".join(_words.visible(content).split())
    for char in "\\`*_[]<>|#":
        flat = flat.replace(char, f"\\{char}" if char not in "<>" else {"<": "&lt;", ">": "&gt;"}[char])
    return flat


RENDERER: Renderer = MarkdownRenderer()
