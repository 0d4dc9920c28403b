"""``pdeperf profile``: measure where a script's time goes."""

import click

from pdeperf.cli.request import request, running


@click.command("profile", short_help="Measure where a script's time goes.")
@running
@click.option("--memory", is_flag=True, help="Also memory_profiler's view, line by line (slow).")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    script: str,
    args: tuple[str, ...],
    timeout: float | None,
    interpreter: str | None,
    observe: tuple[str, ...],
    store: str | None,
    quiet: bool,
    memory: bool,
    as_json: bool,
) -> int:
    """Measure where the time of SCRIPT goes, line by line, and store it.

    The script runs several times, in child processes and in a scratch copy of this folder: once
    as it is, then watched by one tool at a time. Arguments for the script follow `--`.
    """
    asked = request(
        script,
        args,
        timeout=timeout,
        interpreter=interpreter,
        observe=observe,
        store=store,
        views=frozenset({"memory"}) if memory else frozenset(),
    )
    from pdeperf import pipeline
    from pdeperf.cli.output import print_json, show
    from pdeperf.cli.progress import ShownProgress
    from pdeperf.renderers import terminal

    with ShownProgress(quiet=quiet) as progress:
        report = pipeline.profile(
            asked.workload, asked.cwd, store=asked.store, settings=asked.settings, progress=progress
        )
    if as_json:
        print_json(report)
    else:
        show(terminal.profile(report))
    return 0
