"""``pdeperf baseline``: keep a script's source and results."""

import click

from pdeperf.cli.request import request, running


@click.command("baseline", short_help="Keep a script's source and results, to validate against.")
@running
@click.option("--name", default="default", show_default=True, help="The baseline's name.")
def command(
    script: str,
    args: tuple[str, ...],
    timeout: float | None,
    interpreter: str | None,
    observe: tuple[str, ...],
    store: str | None,
    quiet: bool,
    name: str,
) -> int:
    """Keep the source and the results of SCRIPT as a baseline.

    No times are kept: `pdeperf validate` runs old and new side by side on the machine that it is
    on. Arguments for the script follow `--`.
    """
    asked = request(script, args, timeout=timeout, interpreter=interpreter, observe=observe, store=store)
    asked.store.baseline_folder(name)
    from pdeperf import pipeline
    from pdeperf.cli.progress import ShownProgress
    from pdeperf.cli.written import shown
    from pdeperf.renderers._words import visible

    with ShownProgress(quiet=quiet) as progress:
        path = pipeline.baseline(
            asked.workload,
            asked.cwd,
            store=asked.store,
            settings=asked.settings,
            progress=progress,
            name=name,
        )
    click.echo(f"Baseline {visible(name)} of {visible(script)}: {shown((path,), asked.cwd)[0]}")
    return 0
