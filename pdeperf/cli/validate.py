"""``pdeperf validate``: same results as the baseline, and how fast?"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pdeperf.cli import criteria
from pdeperf.cli.criteria import held, holding
from pdeperf.cli.destination import destination, write
from pdeperf.cli.request import FiniteRange, Given, request, running
from pdeperf.cli.script import InputError

if TYPE_CHECKING:
    from pdeperf.model import Validation
    from pdeperf.pipeline.refinement import Refinement

SUFFIXES = {".xml": "junit", ".sarif": "sarif", ".md": "markdown", ".json": "json", ".txt": "terminal"}
FORMATS = ("terminal", "json", "junit", "markdown", "sarif", "github")


@click.command("validate", short_help="Run a script against its baseline: same results, same speed?")
@running
@click.option(
    "--baseline",
    "baseline",
    is_flag=False,
    flag_value="default",
    default="default",
    metavar="[NAME|PATH]",
    help="A name given to `pdeperf baseline`, or a baseline's folder.",
)
@click.option(
    "--max-slowdown",
    type=FiniteRange(min=0, min_open=True),
    metavar="RATIO",
    help="Fail beyond this ratio of new time to old (1.2).",
)
@click.option(
    "--min-speedup",
    type=FiniteRange(min=0, min_open=True),
    metavar="RATIO",
    help="Fail short of this ratio of old time to new.",
)
@holding
@click.option(
    "--refine",
    metavar="N=32,64,128",
    help="Also run both with this parameter's values: the order of convergence must be kept.",
)
@click.option("--no-timing", is_flag=True, help="Judge the results only.")
@click.option("--allow-inconclusive", is_flag=True, help="Exit 0, not 5, where nothing can be told.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="terminal",
    show_default=True,
    help="markdown suits a GitHub step summary, github prints annotations.",
)
@click.option("-o", "--output", metavar="FILE", help="Write there, not on the terminal.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE",
    help="Also write this file: .xml, .sarif, .md, .json or .txt; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def command(
    given: Given,
    baseline: str,
    max_slowdown: float | None,
    min_speedup: float | None,
    rtol: float | None,
    atol: float | None,
    conserve: tuple[str, ...],
    also: tuple[str, ...],
    refine: str | None,
    no_timing: bool,
    allow_inconclusive: bool,
    form: str,
    output: str | None,
    reports: tuple[str, ...],
    as_json: bool,
) -> int:
    """Run SCRIPT and its baseline side by side on this machine.

    Each result has a tolerance of its own, derived from the baseline. The baseline's source runs as
    it is: validate only baselines that you trust. Exit codes: 0 same results and fast enough; 1
    results differ; 3 slower than --max-slowdown or short of --min-speedup; 4 the baseline is
    missing, damaged or does not fit; 5 inconclusive; 6 the script failed or ran out of time.
    Arguments for the script follow `--`.
    """
    asked = request(given)
    from pdeperf import pipeline
    from pdeperf.cli.progress import ShownProgress

    if as_json and form not in ("terminal", "json"):
        raise InputError(f"one format at a time, not json and {form}: --report FILE writes further ones")
    if max_slowdown is not None and min_speedup is not None:
        raise InputError("--max-slowdown or --min-speedup, not both")
    places = [(destination(report, "--report"), _form_of(report)) for report in reports]
    place = destination(output, "-o") if output is not None and output != "-" else None
    workload = held(asked.workload, asked.configured, rtol=rtol, atol=atol, conserve=conserve)
    demands = pipeline.Demands(
        max_slowdown=asked.configured.max_slowdown if max_slowdown is None else max_slowdown,
        min_speedup=min_speedup,
        also=criteria.inputs(also),
        refine=_refinement(refine),
        allow_inconclusive=allow_inconclusive,
        timed=not no_timing,
    )
    with ShownProgress(quiet=given.quiet) as progress:
        found = pipeline.validate(
            workload,
            asked.cwd,
            store=asked.store,
            settings=asked.settings,
            progress=progress,
            baseline=baseline,
            demands=demands,
        )
    _print(found, "json" if as_json else form, place, plain=output is None)
    for path, name in places:
        write(path, _text(found, name))
    return found.exit_code


def _form_of(path: str) -> str:
    """The format that a file's suffix asks for."""
    form = SUFFIXES.get(Path(path).suffix)
    if form is None:
        raise InputError(f"--report {path}: the name must end in {', '.join(SUFFIXES)}")
    return form


def _refinement(text: str | None) -> "Refinement | None":
    from pdeperf.pipeline.refinement import parse

    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise InputError(f"--refine {error}") from error


def _print(found: "Validation", form: str, place: Path | None, *, plain: bool) -> None:
    from pdeperf.cli.output import show
    from pdeperf.renderers import _summary as summary

    if place is not None:
        write(place, _text(found, form))
        show(summary.meaning(found))
    elif form == "terminal" and plain:
        show(summary.shown(found))
        show(summary.meaning(found))
    else:
        sys.stdout.write(_text(found, form))


def _text(found: "Validation", form: str) -> str:
    from pdeperf.renderers import _summary as summary
    from pdeperf.renderers import github, json, junit, sarif

    texts = {
        "terminal": summary.text,
        "json": json.written,
        "junit": junit.validation,
        "markdown": summary.markdown,
        "sarif": sarif.validation,
        "github": github.validation,
    }
    return texts[form](found)
