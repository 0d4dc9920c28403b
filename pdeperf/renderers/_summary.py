"""A validation for people: on a terminal, and as Markdown for a GitHub step summary."""

import io

from rich.console import Console, Group, RenderableType

from pdeperf.model import Outcome, Validation
from pdeperf.renderers import _findings, _words, terminal
from pdeperf.renderers._findings import as_text

_MEANING = {
    "pass": "The results are the same and it is fast enough.",
    "warn": "The results are the same and it is fast enough; see the warnings.",
    "fail": "The results differ from the baseline's.",
    "slower": "The results are the same, and it is too slow.",
    "inconclusive": "The results are the same; the times scatter too much to tell more.",
    "failed": "The script failed or ran out of time.",
}
_UNTIMED = {
    "pass": "The results are the same; nothing was timed.",
    "warn": "The results are the same; see the warnings. Nothing was timed.",
}
_NOTHING = "Nothing could be compared, so nothing is known of the results."
_COLOURS = {"pass": "bold green", "warn": "bold yellow", "inconclusive": "bold yellow"}
_MOST = 10


def shown(found: Validation) -> RenderableType:
    """The comparison, the other inputs, the orders and what should be looked at."""
    parts: list[RenderableType] = [terminal.comparison(found.comparison)]
    outside = [one for one in found.comparison.trial.differences if not one.within]
    parts += [terminal.plain(f"  {_findings.told(one)}") for one in outside[:_MOST]]
    for tried in found.inputs:
        word = "agrees" if tried.outcome is Outcome.ACCEPTED else tried.outcome.value
        parts.append(terminal.plain(f"With -- {' '.join(tried.argv)}: {word}, {tried.reason}"))
    for order in found.orders:
        parts.append(
            terminal.plain(
                f"Order of {order.observable} over {order.parameter}: {order.before:.2f} before, "
                f"{order.after:.2f} after{'' if order.kept else ': lost'}"
            )
        )
    coverage = found.comparison.verdict.coverage
    if coverage:
        parts.append(
            terminal.plain(f"The interval holds the median with {100 * coverage:.0f} % certainty.", "dim")
        )
    parts += [terminal.plain(f"warning: {one}", "yellow") for one in found.comparison.verdict.warnings]
    parts += [terminal.plain(f"note: {one}", "dim") for one in found.notes]
    return Group(*parts)


def meaning(found: Validation) -> RenderableType:
    """The verdict in one line."""
    return terminal.plain(f"{found.word.upper()}: {_meaning(found)}", _COLOURS.get(found.word, "bold red"))


def _meaning(found: Validation) -> str:
    is_blind = found.word == "inconclusive" and not found.comparison.trial.differences
    if is_blind:
        return _NOTHING
    is_timed = bool(found.comparison.trial.after_s)
    return _MEANING[found.word] if is_timed else _UNTIMED.get(found.word, _MEANING[found.word])


def text(found: Validation) -> str:
    """All of it as plain text."""
    console = Console(file=io.StringIO(), width=80, color_system=None, force_terminal=False)
    console.print(
        terminal.plain(_words.on_one_line(f"pdeperf: {found.script}, held to baseline {found.baseline}"))
    )
    console.print(shown(found), meaning(found))
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def markdown(found: Validation) -> str:
    """A step summary: the verdict, a table of what was compared, what should be looked at."""
    trial, verdict = found.comparison.trial, found.comparison.verdict
    parts = [
        "<!-- pdeperf validation -->",
        f"## {found.word.upper()}: {as_text(found.script)}",
        _meaning(found),
    ]
    if verdict.speedup > 0:
        parts.append(
            f"Speed: **{_words.whole_speed(verdict)}**"
            f"{_words.interval(verdict.speedup_low, verdict.speedup_high)} "
            f"({100 * verdict.coverage:.0f} % certain, {_words.count(len(trial.after_s), 'pair')}): "
            f"{_words.became(trial, verdict)}."
        )
    if found.word not in ("pass", "warn"):
        parts.append(as_text(verdict.reason))
    if trial.differences:
        rows = ["| result | L2 | Linf | allowed | worst cell | |", "|---|---:|---:|---:|---|---|"]
        for one in trial.differences[:_MOST]:
            place = ", ".join(map(str, one.worst_index))
            said = "ok" if one.within else as_text(one.note or "differs")
            rows.append(
                f"| {as_text(one.observable)} | {_words.small(one.l2)} | {_words.small(one.linf)} "
                f"| {_words.small(one.allowed)} | {place} | {said} |"
            )
        if len(trial.differences) > _MOST:
            rows.append(f"| and {len(trial.differences) - _MOST} more | | | | | |")
        parts.append("\n".join(rows))
    if found.inputs:
        parts.append(
            "\n".join(f"- `{as_text(' '.join(one.argv))}`: {as_text(one.reason)}" for one in found.inputs)
        )
    if found.orders:
        rows = ["| converges | order before | order after |", "|---|---:|---:|"]
        rows += [
            f"| {as_text(one.observable)} | {one.before:.2f} | {one.after:.2f} |" for one in found.orders
        ]
        parts.append("\n".join(rows))
    parts += [f"> {as_text(one)}" for one in found.warnings]
    return "\n\n".join(parts) + "\n"
