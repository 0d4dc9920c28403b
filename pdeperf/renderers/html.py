"""A report as one self-contained page: no script, no network, light and dark."""

import difflib
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from pdeperf import __version__
from pdeperf.model import Candidate, Difference, Outcome, Patch, Report, SourceFile, Span, Step
from pdeperf.renderers import Renderer, _chart, _flame, _matrices, _words

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_SAME_MOST = 3
_RESULTS_SHOWN = 12
_RESULTS_MOST = 500


class HtmlRenderer:
    """Hotspots on the source, steps with their diffs, speedups, results compared."""

    name = "html"
    suffix = ".html"

    def render(self, report: Report) -> str:
        """The whole page, without a flame graph: that needs the session's files."""
        return page(report)


def page(report: Report, speedscope: str = "") -> str:
    """The whole page.

    Parameters
    ----------
    speedscope
        Text of the session's speedscope file, drawn as a flame graph; empty for none.
    """
    sections = [
        ("time", "Where the time goes", _hotspots(report)),
        ("matrices", "Matrices", _measured(_matrices.matrices(report))),
        ("memory", "Memory", _measured(_words.memory(report))),
        ("steps", "What was tried", _steps(report)),
        ("suggestions", "Suggestions", _suggestions(report)),
        ("refused", "Left alone", _refusals(report)),
        ("results", "Results compared", _results(report)),
        ("source", "Heat by line", "".join(_source(report, source) for source in report.sources)),
        ("flame", "Flame graph", _flame_graph(report, speedscope)),
        ("machine", "Machine and notes", _machine(report)),
    ]
    shown = [section for section in sections if section[2]]
    links = "".join(f'<a href="#{name}">{title}</a>' for name, title, _ in shown)
    body = "".join(
        f'<section id="{name}"><h2>{title}</h2>{content}</section>' for name, title, content in shown
    )
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="pdeperf {__version__}">\n'
        f"<title>pdeperf: {_text(report.workload.script)}</title>\n"
        f"<style>\n{style}</style>\n</head>\n<body>\n"
        f"{_head(report)}<nav>{links}</nav>\n{body}\n</body>\n</html>\n"
    )


def _text(content: str) -> str:
    return escape(_words.visible(content), quote=True)


def _head(report: Report) -> str:
    command = " ".join((report.workload.script, *report.workload.argv))
    return (
        f"<header><h1>{_text(command)}</h1>"
        f'<p class="soft">{_text(report.created)}, session {_text(report.session)}</p>'
        f"{_cards(report)}</header>"
    )


def _cards(report: Report) -> str:
    overall = report.overall
    if overall is None or overall.verdict.outcome is not Outcome.ACCEPTED:
        said = _card("", _words.seconds(report.evidence.elapsed_s), "the script's own time")
        why = _words.why_nothing(report) if report.steps or report.refusals or overall else ""
        if why:
            said += f'<div class="card">Left as it is. {_text(why)}</div>'
        return f'<div class="cards">{said}</div>'
    trial, verdict = overall.trial, overall.verdict
    first = _words.first_run(trial, verdict)
    between = _words.interval(verdict.speedup_low, verdict.speedup_high)
    steady = f"whole script{between}: {_words.became(trial, verdict)}"
    cards = [
        _card("good", _words.whole_speed(verdict), steady),
        _card("", _words.times(verdict.first_run_speedup), first) if first else "",
        _card("", _words.count(len(trial.differences), "result"), _words.results(trial)),
    ]
    return f'<div class="cards">{"".join(cards)}</div>'


def _card(tone: str, large: str, small: str) -> str:
    return f'<div class="card"><b class="{tone}">{_text(large)}</b>{_text(small)}</div>'


def _table(
    heads: tuple[str, ...], lines: Sequence[tuple[str, ...]], numbers: frozenset[int], name: str = ""
) -> str:
    """A table of cells that are escaped already."""

    def row(cells: tuple[str, ...], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=number' if at in numbers else ''}>{cell}</{tag}>"
            for at, cell in enumerate(cells)
        )

    body = "".join(f"<tr>{row(line, 'td')}</tr>" for line in lines)
    head = f"<thead><tr>{row(heads, 'th')}</tr></thead>"
    named = f' class="{name}"' if name else ""
    return f'<div class="wide"><table{named}>{head}<tbody>{body}</tbody></table></div>'


def _hotspots(report: Report) -> str:
    lines = [
        (
            _words.percent(row.hotspot.share),
            _text(row.kind),
            _link(row.hotspot.where),
            _words.times(row.hotspot.headroom),
            _text(row.evidence) + _rules(row),
        )
        for row in _words.rows(report)
    ]  # fmt: skip
    if not lines:
        return "<p>No place takes more than a few per cent of the time.</p>"
    return _table(("share", "class", "place", "headroom", "evidence"), lines, frozenset({0, 3}), "places")


def _measured(seen: Sequence[_words.Memory | _matrices.Matrices]) -> str:
    lines = [(_link(line.where), _text(line.evidence)) for line in seen]
    return _table(("place", "what was measured"), lines, frozenset()) if lines else ""


def _link(where: Span) -> str:
    return f'<a href="#{_anchor(where.file, where.first)}">{_text(str(where))}</a>'


def _rules(row: _words.Row) -> str:
    return f'<br><span class="soft">rule: {_text(", ".join(row.rules))}</span>' if row.rules else ""


def _steps(report: Report) -> str:
    if not report.steps:
        return ""
    bars = [
        _chart.Bar(
            label=f"{number}. {step.candidate.backend} {step.candidate.diagnosis.where}",
            speedup=step.verdict.speedup,
            low=step.verdict.speedup_low,
            high=step.verdict.speedup_high,
            kind="kept" if step.verdict.outcome is Outcome.ACCEPTED else "not",
        )
        for number, step in enumerate(report.steps, 1)
    ]
    if report.overall is not None:
        verdict = report.overall.verdict
        bars.append(
            _chart.Bar(
                label="whole script, first to last",
                speedup=verdict.speedup,
                low=verdict.speedup_low,
                high=verdict.speedup_high,
                kind="all",
            )
        )
    drawn = _chart.svg(bars) + _chart.svg(bars, _chart.NARROW)
    if note := _words.lines_note(report):
        drawn += f'<p class="soft">{_text(note)}</p>'
    return drawn + "".join(_step(number, step) for number, step in enumerate(report.steps, 1))


def _step(number: int, step: Step) -> str:
    tone = {Outcome.ACCEPTED: "good", Outcome.WRONG: "bad", Outcome.FAILED: "bad"}.get(
        step.verdict.outcome, "warn"
    )
    word = _words.OUTCOMES[step.verdict.outcome]
    opened = " open" if step.verdict.outcome is Outcome.ACCEPTED else ""
    speed = f", {_words.times(step.verdict.speedup)}" if step.verdict.speedup > 0 else ""
    return (
        f'<details{opened}><summary>{number}. <b class="{tone}">{word}{speed}</b> '
        f"{_text(step.candidate.title)}</summary>"
        f"<div><p>{_text(step.verdict.reason)}</p><p>{_text(_words.results(step.trial))}</p>"
        f'<p class="soft">{_text(step.candidate.backend)} for {_text(step.candidate.diagnosis.rule)}, '
        f"safety: {_text(step.candidate.safety.value)}</p>"
        f"{''.join(side_by_side(patch) for patch in step.candidate.patches)}</div></details>"
    )


def _suggestions(report: Report) -> str:
    if report.steps:
        return ""
    return "".join(_suggestion(number, one) for number, one in enumerate(_words.ranked(report), 1))


def _suggestion(number: int, candidate: Candidate) -> str:
    diagnosis = candidate.diagnosis
    gain = f", at most {_words.times(diagnosis.predicted_speedup)}" if diagnosis.headroom > 0 else ""
    return (
        f"<details><summary>{number}. {_text(candidate.title)}{gain}</summary>"
        f"<div><p>{_text(diagnosis.message)}</p>"
        f'<p class="soft">class {_text(diagnosis.kind.value)}, rule {_text(diagnosis.rule)}, '
        f"by {_text(candidate.backend)}, safety: {_text(candidate.safety.value)}</p>"
        f"{''.join(f'<p>Assumes: {_text(line)}</p>' for line in candidate.assumes)}"
        f"{''.join(side_by_side(patch) for patch in candidate.patches)}</div></details>"
    )


def _refusals(report: Report) -> str:
    lines = [
        (_text(str(refusal.where)), _text(refusal.backend), _text(refusal.reason), _text(refusal.advice))
        for refusal in report.refusals
    ]
    return _table(("place", "by", "reason", "what you can do"), lines, frozenset()) if lines else ""


def _results(report: Report) -> str:
    if report.overall is None:
        return ""
    trial = report.overall.trial
    worst = sorted(trial.differences, key=lambda one: -max(one.l2, one.linf))
    lines = [
        (
            _text(one.observable),
            _words.small(one.l2),
            _words.small(one.linf),
            _words.small(one.allowed) if one.l2 or one.linf else "",
            _judged(one),
        )
        for one in worst[:_RESULTS_MOST]
    ]  # fmt: skip
    said = [_words.results(trial), _words.left_out(trial)]
    text = "".join(f"<p>{_text(line)}</p>" for line in said if line)
    heads, numbers = ("result", "relative L2", "relative max", "allowed", ""), frozenset({1, 2, 3})
    shown, rest = lines[:_RESULTS_SHOWN], lines[_RESULTS_SHOWN:]
    if shown:
        text += _table(heads, shown, numbers)
    if rest:
        more = f"{len(rest)} more" if len(lines) == len(worst) else f"the next {len(rest)} of {len(worst)}"
        text += f"<details><summary>{more}</summary><div>{_table(heads, rest, numbers)}</div></details>"
    return text


def _judged(one: Difference) -> str:
    is_equal = not (one.l2 or one.linf or one.note)
    tone, word = ("good", "equal" if is_equal else "within") if one.within else ("bad", "differs")
    return f'<span class="{tone}">{word}</span> {_text(one.note)}'


def side_by_side(patch: Patch) -> str:
    """Two versions of one file beside each other; long equal parts are left out."""
    before, after = patch.before.splitlines(), patch.after.splitlines()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    rows: list[str] = []
    for group in matcher.get_grouped_opcodes(_SAME_MOST):
        rows.append(f'<tr class="gap"><td colspan="4">line {group[0][1] + 1}</td></tr>')
        for tag, i1, i2, j1, j2 in group:
            rows += _side_rows(
                tag, list(enumerate(before[i1:i2], i1 + 1)), list(enumerate(after[j1:j2], j1 + 1))
            )
    table = f'<table class="code side">{"".join(rows)}</table>'
    return f'<h3>{_text(patch.file)}</h3><div class="wide">{table}</div>'


def _side_rows(tag: str, left: list[tuple[int, str]], right: list[tuple[int, str]]) -> Iterator[str]:
    def cells(side: list[tuple[int, str]], at: int, kind: str) -> str:
        if at >= len(side):
            return '<td class="number none"></td><td class="text none"></td>'
        number, line = side[at]
        return f'<td class="number">{number}</td><td class="text {kind}">{_text(line)}</td>'

    cut, add = ("", "") if tag == "equal" else ("cut", "add")
    for at in range(max(len(left), len(right))):
        same = ' class="same"' if tag == "equal" else ""
        yield f"<tr{same}>{cells(left, at, cut)}{cells(right, at, add)}</tr>"


def _source(report: Report, source: SourceFile) -> str:
    shares, hits = _by_line(report, source.file, "line_share"), _by_line(report, source.file, "hits_count")
    hottest = max(shares.values(), default=0.0)
    rows = []
    for number, line in enumerate(source.text.splitlines(), 1):
        share = shares.get(number, 0.0)
        heat = (
            f' style="background: rgba(var(--heat), {0.08 + 0.62 * share / hottest:.2f})"'
            if share > 0
            else ""
        )
        rows.append(
            f'<tr id="{_anchor(source.file, number)}"><td class="number">{number}</td>'
            f'<td class="number">{f"{hits[number]:,.0f}" if number in hits else ""}</td>'
            f'<td class="number"{heat}>{_words.percent(share) if share >= 0.0005 else ""}</td>'
            f'<td class="text"{heat}>{_text(line)}</td></tr>'
        )
    opened = " open" if shares or len(report.sources) == 1 else ""
    head = "<tr><th class=number>line</th><th class=number>hits</th><th class=number>share</th><th></th></tr>"
    return (
        f"<details{opened}><summary>{_text(source.file)}</summary><div class=wide>"
        f'<table class="code">{head}{"".join(rows)}</table></div></details>'
    )


def _by_line(report: Report, file: str, metric: str) -> dict[int, float]:
    found: dict[int, float] = {}
    for row in report.evidence.rows:
        if row.metric == metric and row.where.file == file and row.where.first == row.where.last:
            found[row.where.first] = found.get(row.where.first, 0.0) + float(row.value)
    return found


def _anchor(file: str, line: int) -> str:
    return f"{re.sub('[^A-Za-z0-9]', '-', file)}-{line}"


def _flame_graph(report: Report, speedscope: str) -> str:
    if not speedscope:
        return ""
    users = frozenset(source.file for source in report.sources) | {report.workload.script}
    try:
        drawn = _flame.svg(speedscope, users)
    except _flame.FlameError as error:
        return f"<p>It could not be drawn: {_text(str(error))}</p>"
    hint = "Your files are coloured; point at a box for its place and share."
    return f'<p class="soft">{hint}</p><div class="wide">{drawn}</div>'


def _machine(report: Report) -> str:
    found = report.evidence.environment
    versions = ", ".join(f"{name} {version}" for name, version in found.versions)
    cores = f"{_words.count(found.cores_count, 'core')}, {_words.count(found.threads_count, 'thread')}"
    bandwidth = found.memory_bandwidth_bytes_per_s
    lines = [
        f"{found.cpu_model}, {cores}",
        f"Python {found.python_version} on {found.platform}" + (f", {versions}" if versions else ""),
        f"measured memory bandwidth {bandwidth / 1e9:.1f} GB/s" if bandwidth > 0 else "",
        f"GPU: {found.gpu}" if found.gpu else "",
        *report.evidence.notes,
    ]
    return "".join(f"<p>{_text(line)}</p>" for line in lines if line)


RENDERER: Renderer = HtmlRenderer()
