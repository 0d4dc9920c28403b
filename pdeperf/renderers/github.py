"""Annotations for GitHub Actions: one workflow command a finding."""

from collections.abc import Iterable

from pdeperf.model import Report, Validation
from pdeperf.renderers import Renderer, _findings, _words
from pdeperf.renderers._findings import Finding

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


class GithubRenderer:
    """Diagnoses as annotations at their lines."""

    name = "github"
    suffix = ".annotations"

    def render(self, report: Report) -> str:
        """The whole text."""
        if not report.diagnoses:
            where = f"file={_property(report.workload.script)},line=1"
            return f"::notice {where},title=pdeperf::Nothing to mend was found.\n"
        return _lines(_findings.of_diagnosis(one) for one in report.diagnoses)


def validation(found: Validation) -> str:
    """What a validation found, as annotations; one notice where all is well."""
    findings = list(_findings.of_validation(found))
    if not findings:
        verdict = found.comparison.verdict
        where = f"file={_property(found.script)},line=1"
        return f"::notice {where},title=pdeperf%3A pass::{_data(_words.sentence(verdict.reason))}\n"
    return _lines(findings)


def _lines(findings: Iterable[Finding]) -> str:
    return "".join(
        f"::{_COMMANDS[one.level]} file={_property(one.where.file)},line={one.where.first},"
        f"endLine={one.where.last},title={_property(f'pdeperf: {one.rule}')}::{_data(one.message)}\n"
        for one in findings
    )


def _data(text: str) -> str:
    """The runner ends a command at a line's end and reads percent codes."""
    return _words.visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


RENDERER: Renderer = GithubRenderer()
