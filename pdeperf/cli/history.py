"""``pdeperf history``: what was run here before, and how the speed went."""

import sys
from pathlib import Path

import click

from pdeperf.cli.destination import destination, write
from pdeperf.cli.request import store_at, storing


@click.command("history", short_help="Show past runs, and plot how the speed went.")
@click.argument("script", required=False)
@storing
@click.option("--last", type=click.IntRange(min=1), default=40, show_default=True, help="At most so many.")
@click.option("--plot", metavar="FILE.svg", help="Also draw the ratios old / new, with their intervals.")
@click.option("--json", "as_json", is_flag=True, help="Print the runs as JSON.")
def command(script: str | None, store: str | None, last: int, plot: str | None, as_json: bool) -> int:
    """Show the stored profiles, optimisations and validations, of SCRIPT or of all. Runs nothing.

    Times of different days say little, ratios that were measured side by side more: these are
    plotted.
    """
    from pdeperf.cli.output import show
    from pdeperf.pipeline.history import past_runs
    from pdeperf.renderers import _history, terminal
    from pdeperf.renderers.json import listed

    place = destination(plot, "--plot", suffix=".svg") if plot is not None else None
    runs = past_runs(store_at(store), Path(script).as_posix() if script else "")[-last:]
    if place is not None:
        write(place, _history.svg(runs))
    if as_json:
        sys.stdout.write(listed(runs))
    elif runs:
        show(_history.table(runs))
    else:
        of = f" of {script}" if script else ""
        show(terminal.plain(f"Nothing{of} was run here yet: `pdeperf profile SCRIPT` begins."))
    return 0
