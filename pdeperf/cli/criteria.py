"""Options that say what must stay the same, shared by ``baseline``, ``validate`` and their like."""

import shlex
from collections.abc import Sequence

import click

from pdeperf.cli.configuration import Configuration
from pdeperf.cli.request import F, FiniteRange
from pdeperf.cli.script import InputError
from pdeperf.model import Tolerance, Workload


def holding(function: F) -> F:
    """Add the options that bound results and name what is conserved."""
    for decorate in reversed(
        (
            click.option("--rtol", type=FiniteRange(min=0), metavar="RTOL",
                         help="Allow this relative difference instead of the derived one."),
            click.option("--atol", type=FiniteRange(min=0), metavar="ATOL",
                         help="Allow this absolute difference instead of the derived one."),
            click.option("--conserve", multiple=True, metavar="EXPRESSION",
                         help="Hold this quantity too, `u.sum()`; may be given again."),
            click.option("--also", multiple=True, metavar='"-- ARGS"',
                         help="Try these arguments too; may be given again."),
        )
    ):  # fmt: skip
        function = decorate(function)
    return function


def held(
    workload: Workload,
    configured: Configuration,
    *,
    rtol: float | None,
    atol: float | None,
    conserve: Sequence[str],
) -> Workload:
    """The workload with the bounds and quantities that were asked for; the command line's win."""
    from dataclasses import replace

    bounds = tuple(Tolerance(observable=name, rtol=r, atol=a) for name, r, a in configured.tolerances)
    if rtol is not None or atol is not None:
        bounds = (*bounds, Tolerance(rtol=rtol or 0.0, atol=atol or 0.0))
    for expression in conserve:
        _check_expression(expression)
    kept = tuple(dict.fromkeys((*configured.conserve, *conserve)))
    return replace(workload, tolerances=bounds, conserved=kept)


def inputs(also: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The argument lists of ``--also "-- --n 65"``."""
    found = []
    for text in also:
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise InputError(f"--also {text!r}: {error}") from error
        found.append(tuple(words[1:] if words[:1] == ["--"] else words))
    return tuple(found)


def _check_expression(expression: str) -> None:
    try:
        compile(expression, "--conserve", "eval")
    except (SyntaxError, ValueError) as error:
        raise InputError(f"--conserve {expression!r}: not an expression: {error}") from error
