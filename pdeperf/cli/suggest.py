"""``pdeperf suggest``: rank what would make the profiled script faster."""

import sys

import click

from pdeperf.cli.request import choosing, quieting, report_of, store_at


@click.command("suggest", short_help="Rank what would make the profiled script faster, with diffs.")
@choosing
@quieting
@click.option("--allow-opt-in", is_flag=True, help="Also what rests on assumptions that cannot be checked.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(session: str | None, store: str | None, quiet: bool, allow_opt_in: bool, as_json: bool) -> int:
    """Rank what would make the profiled script faster.

    Reads the latest session and runs nothing. Each suggestion has its class, its rule, the
    predicted speedup of the whole script, how far it may move the results, and its diff.
    """
    from pathlib import Path

    from pdeperf import pipeline
    from pdeperf.cli import configuration
    from pdeperf.cli.output import print_json, show
    from pdeperf.cli.progress import ShownProgress
    from pdeperf.renderers import terminal

    kept = store_at(store)
    report = report_of(kept, session)
    configured = configuration.load(Path.cwd())
    settings = pipeline.Settings(
        interpreter=configured.interpreter or sys.executable,
        threshold=configured.threshold,
        min_speedup=configured.min_speedup,
        allow_opt_in=allow_opt_in or configured.allow_opt_in,
        timeout_s=configured.timeout_s,
    )
    with ShownProgress(quiet=quiet) as progress:
        report = pipeline.suggest(report, store=kept, settings=settings, progress=progress)
    if as_json:
        print_json(report)
    else:
        show(terminal.suggestions(report))
    return 0
