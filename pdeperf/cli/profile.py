"""``pdeperf profile``: measure where a script's time goes."""

import click

from pdeperf.cli.request import Given, Request, perhaps_running, request, store_at
from pdeperf.cli.script import InputError


@click.command("profile", short_help="Measure where a script's time goes.")
@perhaps_running
@click.option(
    "--compare",
    nargs=2,
    metavar="OLD NEW",
    default=None,
    help="Run nothing: show where the time went between two sessions (`latest` is one).",
)
@click.option(
    "--mpi",
    "ranks_count",
    type=click.IntRange(min=1),
    metavar="N",
    help="Run on N ranks by mpiexec: time of each, waiting in communication, imbalance.",
)
@click.option("--memory", is_flag=True, help="Also memory_profiler's view, line by line (slow).")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    given: Given,
    compare: tuple[str, str] | None,
    ranks_count: int | None,
    memory: bool,
    as_json: bool,
) -> int:
    """Measure where the time of SCRIPT goes, line by line, and store it.

    The script runs several times, in child processes and in a scratch copy of this folder: once
    as it is, then watched by one tool at a time. Arguments for the script follow `--`.
    """
    if compare is not None:
        return _compare(given.store, *compare)
    if not given.script:
        raise InputError("which script? `pdeperf profile SCRIPT`")
    asked = request(
        given,
        views=frozenset({"memory"}) if memory else frozenset(),
    )
    from pdeperf import pipeline
    from pdeperf.cli.output import print_json, show
    from pdeperf.cli.progress import ShownProgress
    from pdeperf.renderers import terminal

    if ranks_count is not None:
        return _ranks(asked, ranks_count, quiet=given.quiet, as_json=as_json)
    with ShownProgress(quiet=given.quiet) as progress:
        report = pipeline.profile(
            asked.workload, asked.cwd, store=asked.store, settings=asked.settings, progress=progress
        )
    if as_json:
        print_json(report)
    else:
        show(terminal.profile(report))
    return 0


def _compare(store: str | None, old: str, new: str) -> int:
    from pdeperf.cli.output import show
    from pdeperf.renderers import _changes

    kept = store_at(store)
    before, after = (kept.load(None if session == "latest" else session) for session in (old, new))
    show(_changes.shown(before, after))
    return 0


def _ranks(asked: Request, ranks_count: int, *, quiet: bool, as_json: bool) -> int:
    from pdeperf.cli.output import print_json, show
    from pdeperf.cli.progress import ShownProgress
    from pdeperf.pipeline.scaling import profile_ranks
    from pdeperf.renderers import _ranks as shown

    with ShownProgress(quiet=quiet) as progress:
        found = profile_ranks(
            asked.workload, asked.cwd, ranks_count=ranks_count, settings=asked.settings, progress=progress
        )
    if as_json:
        print_json(found)
    else:
        show(shown.profile(found))
    return 0
