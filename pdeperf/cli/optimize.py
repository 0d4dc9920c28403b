"""``pdeperf optimize``: rewrite, try, and keep what is right and faster."""

from pathlib import Path

import click

from pdeperf.cli.request import FiniteRange, Given, request, running
from pdeperf.cli.target import target, writing


@click.command("optimize", short_help="Rewrite, try and keep what is right and faster.")
@running
@writing
@click.option(
    "--min-speedup",
    type=FiniteRange(min=0, min_open=True),
    metavar="RATIO",
    help="Keep a rewrite only from this whole-script speedup on (1.1).",
)
@click.option(
    "--threshold",
    type=FiniteRange(0, 1),
    metavar="SHARE",
    help="Leave places below this share of the time alone (0.03).",
)
@click.option(
    "--max-passes",
    type=click.IntRange(min=1),
    metavar="N",
    help="At most N rounds of profile and rewrite (12).",
)
@click.option(
    "--budget",
    type=FiniteRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Begin nothing more after so long (ten runs of the script, 900 at least).",
)
@click.option(
    "--first-run/--any-run",
    default=None,
    help="Keep only what is faster in its first run already, compilation counted.",
)
@click.option(
    "--allow-opt-in/--no-opt-in",
    default=None,
    help="Also try what rests on assumptions that cannot be checked.",
)
@click.option(
    "--precision",
    type=click.Choice(("float64", "float32")),
    default="float64",
    help="float32: also try the GPU in single precision, and allow a difference of 1e-4.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")  # fmt: skip
def command(
    given: Given,
    output: str | None,
    in_place: bool,
    force: bool,
    min_speedup: float | None,
    threshold: float | None,
    max_passes: int | None,
    budget: float | None,
    first_run: bool | None,
    allow_opt_in: bool | None,
    precision: str,
    as_json: bool,
) -> int:
    """Make SCRIPT faster, and prove that its results are the same.

    Profiles the script, rewrites the costliest place, runs old and new side by side in fresh
    processes, keeps the rewrite if its results are the same and it is faster, and begins again. The
    script itself is left as it is: the result is written to SCRIPT_optimized.py, unless -o or
    --in-place say otherwise. Arguments for the script follow `--`.
    """
    asked = request(
        given,
        min_speedup=min_speedup,
        threshold=threshold,
        max_passes=max_passes,
        budget_s=budget,
        first_run=first_run,
        allow_opt_in=allow_opt_in,
    )
    place = target(Path(given.script), output, in_place=in_place, force=force)
    from dataclasses import replace

    from pdeperf import pipeline
    from pdeperf.cli import written
    from pdeperf.cli.output import print_json, show
    from pdeperf.cli.progress import ShownProgress
    from pdeperf.guest.accelerator import SINGLE_RTOL, asked_for
    from pdeperf.model import Outcome, Step, Tolerance
    from pdeperf.renderers import terminal

    workload = asked.workload
    if precision == "float32":
        workload = replace(workload, tolerances=(Tolerance(rtol=SINGLE_RTOL), *workload.tolerances))
    tried: list[Step] = []
    with asked_for(precision), ShownProgress(quiet=given.quiet) as progress:

        def on_step(step: Step) -> None:
            tried.append(step)
            progress.show(terminal.step_line(len(tried), step))

        try:
            report = pipeline.optimize(
                workload,
                asked.cwd,
                store=asked.store,
                settings=asked.settings,
                progress=progress,
                on_step=on_step,
            )
        except BaseException as ended:
            if any(step.verdict.outcome is Outcome.ACCEPTED for step in tried):
                ended.add_note("`pdeperf apply` writes what was kept")
            raise
    paths: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    if report.overall is not None and report.overall.verdict.outcome is Outcome.ACCEPTED:
        sources = pipeline.final_sources(report)
        patches = written.changes(report, sources)
        if patches:
            older = () if in_place else written.outdated(report, asked.cwd)
            paths = written.shown(written.write(report, sources, place, asked.cwd), asked.cwd)
            report = replace(report, outputs=paths)
            asked.store.save(report)
    if as_json:
        print_json(report)
        return 0
    show(terminal.optimisation(report))
    if paths:
        show(terminal.written(paths, patches))
        if older:
            show(terminal.made_of_older(older))
    elif not in_place and place.out.exists():
        show(terminal.plain(f"{place.out.name} is from an earlier run and was not touched."))
    return 0
