"""``pdeperf validate``: same results as the baseline, and how fast?"""

import click

from pdeperf.cli.request import request, running


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
    type=click.FloatRange(min=0, min_open=True),
    metavar="RATIO",
    help="Fail beyond this ratio of new time to old (1.2).",
)
@click.option(
    "--min-speedup",
    type=click.FloatRange(min=0, min_open=True),
    metavar="RATIO",
    help="Fail short of this ratio of old time to new.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")  # fmt: skip
def command(
    script: str,
    args: tuple[str, ...],
    timeout: float | None,
    interpreter: str | None,
    observe: tuple[str, ...],
    store: str | None,
    quiet: bool,
    baseline: str,
    max_slowdown: float | None,
    min_speedup: float | None,
    as_json: bool,
) -> int:
    """Run SCRIPT and its baseline side by side on this machine.

    Exit codes: 0 same results and fast enough; 1 results differ; 3 slower than --max-slowdown or
    short of --min-speedup; 4 the baseline is missing, damaged or does not fit; 5 inconclusive; 6
    the script failed or ran out of time. Arguments for the script follow `--`.
    """
    asked = request(script, args, timeout=timeout, interpreter=interpreter, observe=observe, store=store)
    from pdeperf import pipeline
    from pdeperf.cli.output import print_json, show
    from pdeperf.cli.progress import ShownProgress
    from pdeperf.renderers import terminal

    with ShownProgress(quiet=quiet) as progress:
        comparison, code = pipeline.validate(
            asked.workload,
            asked.cwd,
            store=asked.store,
            settings=asked.settings,
            progress=progress,
            baseline=baseline,
            max_slowdown=asked.configured.max_slowdown if max_slowdown is None else max_slowdown,
            min_speedup=min_speedup,
        )
    if as_json:
        print_json(comparison)
    else:
        show(terminal.comparison(comparison))
        show(terminal.plain(_MEANING.get(code, "")))
    return code


_MEANING = {
    0: "The results are the same and it is fast enough.",
    1: "The results differ from the baseline's.",
    3: "The results are the same, and it is too slow.",
    5: "Inconclusive: the times scatter too much, or nothing could be compared.",
    6: "The script failed or ran out of time.",
}
