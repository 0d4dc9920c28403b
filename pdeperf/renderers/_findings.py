"""What a validation or a session has to say, finding by finding: for formats that list findings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.model import Diagnosis, Difference, Outcome, Span, Validation
from pdeperf.renderers import _words

RULES = {
    "wrong-result": "A result differs from the baseline's by more than rounding and the solver's own "
    "tolerance explain.",
    "slower": "The script takes longer than the baseline's source, side by side on this machine.",
    "inconclusive": "The times scatter too much to tell, or nothing could be compared.",
    "failed": "The script failed or ran out of time.",
    "order-lost": "The order of convergence is not that of the baseline.",
    "look-at": "Nothing failed, but this should be looked at.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to say, at one place.

    Attributes
    ----------
    level
        ``error``, ``warning`` or ``note``.
    """

    rule: str
    level: str
    name: str
    message: str
    where: Span


def of_validation(found: Validation) -> Iterator[Finding]:
    """What a validation found, the worst first."""
    where = Span(file=found.script, first=1, last=1)

    def finding(rule: str, level: str, name: str, message: str) -> Finding:
        return Finding(
            rule=rule, level=level, name=_words.visible(name), message=_words.visible(message), where=where
        )

    verdict = found.comparison.verdict
    outside = [one for one in found.comparison.trial.differences if not one.within]
    for one in outside:
        yield finding("wrong-result", "error", one.observable, told(one))
    for tried in found.inputs:
        if tried.outcome in (Outcome.WRONG, Outcome.FAILED):
            arguments = " ".join(tried.argv)
            yield finding(
                "wrong-result", "error", f"-- {arguments}", f"with `-- {arguments}`: {tried.reason}"
            )
    for order in found.orders:
        if not order.kept:
            message = (
                f"the order of convergence of {order.observable} was {order.before:.2f}, is {order.after:.2f}"
            )
            yield finding("order-lost", "error", order.observable, message)
    named = bool(outside) or any(one.outcome in (Outcome.WRONG, Outcome.FAILED) for one in found.inputs)
    if verdict.outcome is Outcome.WRONG and not named and all(order.kept for order in found.orders):
        yield finding("wrong-result", "error", "results", verdict.reason)
    if verdict.outcome is Outcome.SLOWER:
        yield finding("slower", "error", "speed", verdict.reason)
    if verdict.outcome is Outcome.FAILED and not named:
        yield finding("failed", "error", "run", verdict.reason)
    if verdict.outcome is Outcome.UNPROVEN:
        yield finding("inconclusive", "warning", "verdict", verdict.reason)
    for warning in verdict.warnings:
        yield finding("look-at", "warning", "warning", warning)
    for note in found.notes:
        yield finding("look-at", "note", "note", note)


def told(one: Difference) -> str:
    """One difference in a sentence: how far, where, and how far it may be."""
    if one.note:
        return f"{one.observable}: {one.note}"
    place = f", worst at {list(one.worst_index)}" if one.worst_index else ""
    return (
        f"{one.observable} differs by {_words.small(one.l2)} in L2 and "
        f"{_words.small(one.linf)} in Linf{place}; allowed {_words.small(one.allowed)}"
    )


def of_diagnosis(diagnosis: Diagnosis) -> Finding:
    """One diagnosis of a profiled session."""
    message = f"{_words.sentence(diagnosis.message)} It takes {_words.percent(diagnosis.share)} of the time."
    return Finding(
        rule=diagnosis.rule,
        level="warning" if diagnosis.share >= 0.1 else "note",
        name=_words.visible(f"{diagnosis.rule} at {diagnosis.where}"),
        message=_words.visible(message),
        where=diagnosis.where,
    )


def as_text(content: str) -> str:
    """User text in Markdown: no markup, no table cell, no line of its own."""
    flat = " ".join(_words.visible(content).split()).replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|#])", r"\\\1", flat)
