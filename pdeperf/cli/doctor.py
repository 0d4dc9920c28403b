"""``pdeperf doctor``: what this machine can do, and what is missing."""

import click


@click.command("doctor", short_help="Say what this machine can do, and what is missing.")
@click.option(
    "--python",
    "interpreter",
    metavar="PATH",
    help="The Python that runs your scripts (the one that runs pdeperf).",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(interpreter: str | None, as_json: bool) -> int:
    """Say what this machine can do, and what is missing.

    Measures memory bandwidth, Numba's and BLAS's threads, the GPU, CuPy and the rates of transfers
    in the interpreter that runs your scripts; each thing that is missing comes with the line that
    mends it. The GPU's rates are kept: they decide what is worth moving there.
    """
    import json
    from dataclasses import asdict
    from pathlib import Path

    from rich.table import Table
    from rich.text import Text

    from pdeperf.cli.configuration import load
    from pdeperf.cli.output import show
    from pdeperf.cli.request import interpreter_at
    from pdeperf.pipeline.checkup import checkup, rows

    result = checkup(interpreter_at(interpreter or load(Path.cwd()).interpreter))
    if as_json:
        advice = [asdict(each) for each in result.advice]
        click.echo(json.dumps({**result.found, "advice": advice}, indent=2))
        return 0
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows(result.found):
        table.add_row(Text(label), Text(value))
    show(table)
    for each in result.advice:
        show("")
        show(Text(each.matter))
        if each.mend:
            show(Text(f"  {each.mend}"))
    if not result.advice:
        show("")
        show("Nothing is missing.")
    return 0
