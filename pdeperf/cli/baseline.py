"""``pdeperf baseline``: keep a script's source and results."""

from pathlib import Path

import click

from pdeperf.cli import criteria
from pdeperf.cli.criteria import held, holding
from pdeperf.cli.request import Given, request, running
from pdeperf.cli.script import InputError


@click.command("baseline", short_help="Keep a script's source and results, to validate against.")
@running
@holding
@click.option(
    "--name",
    default="default",
    show_default=True,
    help="The baseline's name; with a slash, a folder of its own: baselines/heat.",
)
@click.option("--update", is_flag=True, help="Renew the baseline that is there.")
def command(
    given: Given,
    rtol: float | None,
    atol: float | None,
    conserve: tuple[str, ...],
    also: tuple[str, ...],
    name: str,
    update: bool,
) -> int:
    """Keep the source and the results of SCRIPT as a baseline.

    No times are kept: `pdeperf validate` runs old and new side by side on the machine that it is
    on. The tolerance of each result is derived now, from the original under planted rounding
    errors, and kept. A baseline that is there is renewed by --update only. Arguments for the
    script follow `--`.
    """
    asked = request(given)
    if "/" not in name:
        asked.store.baseline_folder(name)
    elif ".." in Path(name).parts:
        raise InputError(f"--name {name}: leads out of the folder")
    workload = held(asked.workload, asked.configured, rtol=rtol, atol=atol, conserve=conserve)
    inputs = criteria.inputs(also)
    from pdeperf import pipeline
    from pdeperf.cli.progress import ShownProgress
    from pdeperf.cli.written import shown
    from pdeperf.renderers._words import on_one_line

    with ShownProgress(quiet=given.quiet) as progress:
        path = pipeline.baseline(
            workload,
            asked.cwd,
            store=asked.store,
            settings=asked.settings,
            progress=progress,
            name=name,
            update=update,
            also=inputs,
        )
    click.echo(f"Baseline {on_one_line(name)} of {on_one_line(given.script)}: {shown((path,), asked.cwd)[0]}")
    return 0
