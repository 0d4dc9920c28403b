"""JUnit XML, as Jenkins and most CI systems read it (schema junit-10)."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from pdeperf.model import Outcome, Report, Step, Validation
from pdeperf.renderers import Renderer, _findings, _words

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JunitRenderer:
    """Each tried rewrite is a test case; a wrong or failed one is a failure, another unkept one skipped."""

    name = "junit"
    suffix = ".xml"

    def render(self, report: Report) -> str:
        """The whole text."""
        cases = [_step(report.workload.script, step) for step in report.steps]
        if not cases:
            cases = [_case(report.workload.script, "profile", report.evidence.elapsed_s)]
        return _suite(report.workload.script, cases)


def validation(found: Validation) -> str:
    """Results, speed, and each further input and order, as test cases."""
    trial, verdict = found.comparison.trial, found.comparison.verdict
    results = _case(found.script, "results", sum(trial.after_s))
    outside = [one for one in trial.differences if not one.within]
    if verdict.outcome is Outcome.FAILED and trial.failure:
        _add(results, "error", trial.failure)
    elif outside:
        _add(results, "failure", "\n".join(_findings.told(one) for one in outside))
    elif not trial.differences:
        _add(results, "skipped", verdict.reason)
    cases = [results]
    if verdict.speedup > 0:
        speed = _case(found.script, "speed", sum(trial.before_s) + sum(trial.after_s))
        if verdict.outcome is Outcome.SLOWER:
            _add(speed, "failure", verdict.reason)
        elif verdict.outcome is Outcome.UNPROVEN:
            _add(speed, "skipped", verdict.reason)
        cases.append(speed)
    for tried in found.inputs:
        case = _case(found.script, f"-- {' '.join(tried.argv)}", 0.0)
        if tried.outcome is not Outcome.ACCEPTED:
            wrong = tried.outcome in (Outcome.WRONG, Outcome.FAILED)
            _add(case, "failure" if wrong else "skipped", tried.reason)
        cases.append(case)
    for order in found.orders:
        case = _case(found.script, f"order of {order.observable} over {order.parameter}", 0.0)
        if not order.kept:
            _add(case, "failure", f"{order.before:.2f} became {order.after:.2f}")
        cases.append(case)
    if not any(case.find("failure") is not None or case.find("error") is not None for case in cases) and (
        verdict.outcome in (Outcome.WRONG, Outcome.FAILED)
    ):
        _add(results, "failure", verdict.reason)
    return _suite(found.script, cases, "\n".join(found.warnings))


def _step(script: str, step: Step) -> ElementTree.Element:
    case = _case(script, step.candidate.title, sum(step.trial.after_s))
    if step.verdict.outcome in (Outcome.WRONG, Outcome.FAILED):
        _add(case, "failure", step.verdict.reason)
    elif step.verdict.outcome is not Outcome.ACCEPTED:
        _add(case, "skipped", step.verdict.reason)
    return case


def _case(script: str, name: str, elapsed_s: float) -> ElementTree.Element:
    return ElementTree.Element(
        "testcase", classname=_legal(script), name=_legal(name), time=f"{elapsed_s:.3f}"
    )


def _add(case: ElementTree.Element, tag: str, message: str) -> None:
    first = message.partition("\n")[0]
    element = ElementTree.SubElement(case, tag, message=_legal(first))
    if tag != "skipped":
        element.set("type", "pdeperf")
    element.text = _legal(message)


def _suite(script: str, cases: Sequence[ElementTree.Element], said: str = "") -> str:
    counts = {
        tag: sum(case.find(tag) is not None for case in cases) for tag in ("failure", "error", "skipped")
    }
    suite = ElementTree.Element(
        "testsuite",
        name=_legal(f"pdeperf {script}"),
        tests=str(len(cases)),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
        time=f"{sum(float(case.get('time', '0')) for case in cases):.3f}",
    )
    suite.extend(cases)
    if said:
        ElementTree.SubElement(suite, "system-out").text = _legal(said)
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _legal(text: str) -> str:
    """Control characters spelt out, and nothing that XML cannot hold."""
    return _ILLEGAL.sub("?", _words.visible(text))


RENDERER: Renderer = JunitRenderer()
