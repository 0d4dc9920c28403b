"""``pdeperf report``: write a session as one page, Markdown or JSON."""

import os
from pathlib import Path

import click

from pdeperf.cli.destination import destination, write
from pdeperf.cli.request import choosing, report_of, store_at
from pdeperf.cli.script import InputError


@click.command("report", short_help="Write a session as a page, Markdown or JSON.")
@choosing
@click.option("--html", is_flag=True, help="One self-contained page.")
@click.option("--markdown", is_flag=True, help="Markdown.")
@click.option("--json", "as_json", is_flag=True, help="JSON.")
@click.option("--format", "form", metavar="NAME", help="Any renderer by name.")
@click.option("-o", "--output", metavar="FILE", help="Write here; `-` for standard output.")
@click.option("--force", is_flag=True, help="Overwrite a file that is no report of pdeperf.")
def command(
    session: str | None,
    store: str | None,
    html: bool,
    markdown: bool,
    as_json: bool,
    form: str | None,
    output: str | None,
    force: bool,
) -> int:
    """Write the latest session, or --session, as one file. Runs nothing.

    Without a format it prints the session on the terminal; --html writes SCRIPT_report.html unless
    -o says otherwise.
    """
    from pdeperf import plugins
    from pdeperf.cli.output import show
    from pdeperf.renderers import html as page
    from pdeperf.renderers import terminal

    known = {renderer.name: renderer for renderer in plugins.renderers()}
    flags = {"html": html, "markdown": markdown, "json": as_json}
    asked = [*(name for name, is_given in flags.items() if is_given), *((form,) if form else ())]
    if len(set(asked)) > 1:
        raise InputError(f"one format at a time, not {' and '.join(asked)}")
    name = (
        asked[0]
        if asked
        else _by_suffix(output, {renderer.suffix: renderer.name for renderer in known.values()})
    )
    if name not in known:
        raise InputError(f"no format {name!r}; known: {', '.join(sorted(known))}")
    kept = store_at(store)
    report = report_of(kept, session)
    if name == "terminal" and output is None:
        show(terminal.whole(report))
        return 0
    if name == "html":
        stacks = kept.artifact(report, "speedscope")
        text = page.page(report, _read(stacks) if stacks else "")
    else:
        text = known[name].render(report)
    if output is None and name == "html":
        output = f"{Path(report.workload.script).stem}_report.html"
    if output is None or output == "-":
        click.echo(text, nl=False)
        return 0
    path = destination(output, "-o", force=force)
    write(path, text)
    click.echo(f"Written: {os.path.relpath(path)}")
    return 0


def _by_suffix(output: str | None, names: dict[str, str]) -> str:
    """The format that a file's suffix asks for; the terminal's where there is no file."""
    if output is None or output == "-":
        return "terminal"
    suffix = Path(output).suffix
    if suffix not in names:
        raise InputError(f"{output}: no format ends in {suffix!r}: name one, --html for example")
    return names[suffix]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
