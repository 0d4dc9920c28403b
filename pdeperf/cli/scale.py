"""``pdeperf scale``: what more threads or ranks gain."""

from typing import TYPE_CHECKING

import click

from pdeperf.cli.destination import destination, write
from pdeperf.cli.request import Given, request, running
from pdeperf.cli.script import InputError

if TYPE_CHECKING:
    from pdeperf.pipeline.refinement import Refinement


@click.command("scale", short_help="Run with more and more threads or ranks: speedup and efficiency.")
@running
@click.option("--threads", metavar="1,2,4", help="Thread counts, for OpenMP, BLAS and Numba alike.")
@click.option("--ranks", metavar="1,2,4", help="Numbers of MPI ranks, by mpiexec.")
@click.option("--weak", is_flag=True, help="The work grows with the count: efficiency is t1 / tn.")
@click.option("--grow", metavar="N=64", help="With --weak: this parameter is multiplied by the count.")
@click.option("--plot", metavar="FILE.svg", help="Also draw the efficiency.")
@click.option("--json", "as_json", is_flag=True, help="Print the times as JSON.")
def command(
    given: Given,
    threads: str | None,
    ranks: str | None,
    weak: bool,
    grow: str | None,
    plot: str | None,
    as_json: bool,
) -> int:
    """Run SCRIPT with more and more threads or ranks, in turns, and compare the medians.

    Strong scaling asks how much faster the same work gets. With --weak the work must grow with the
    count: by itself, as many MPI scripts do, or by --grow N=64, which changes the script's global
    constant N or its option --N. Arguments for the script follow `--`.
    """
    if (threads is None) == (ranks is None):
        raise InputError("give --threads 1,2,4 or --ranks 1,2,4")
    if grow is not None and not weak:
        raise InputError("--grow goes with --weak")
    counts = _counts(threads or ranks or "")
    grown = _grown(grow)
    place = destination(plot, "--plot", suffix=".svg") if plot is not None else None
    asked = request(given)
    from pdeperf.cli.output import print_json, show
    from pdeperf.cli.progress import ShownProgress
    from pdeperf.pipeline.scaling import scale
    from pdeperf.renderers import _ranks as shown

    with ShownProgress(quiet=given.quiet) as progress:
        found = scale(
            asked.workload,
            asked.cwd,
            of="threads" if threads is not None else "ranks",
            counts=counts,
            weak=weak,
            grown=grown,
            settings=asked.settings,
            progress=progress,
        )
    if place is not None:
        write(place, shown.svg(found))
    if as_json:
        print_json(found)
    else:
        show(shown.scaling(found))
    return 0


def _counts(text: str) -> tuple[int, ...]:
    try:
        counts = tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"{text!r}: write numbers, 1,2,4") from error
    if min(counts) < 1 or max(counts) > 4096:
        raise InputError(f"{text!r}: from 1 to 4096")
    return counts


def _grown(text: str | None) -> "Refinement | None":
    from pdeperf.pipeline.refinement import Refinement

    if text is None:
        return None
    name, mark, value = text.partition("=")
    if not mark or not name.strip().isidentifier() or not value.strip().isdecimal() or int(value) < 1:
        raise InputError(f"--grow {text!r}: write a name and its value for one, N=64")
    return Refinement(parameter=name.strip(), values=(int(value),))
