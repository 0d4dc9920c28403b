"""``pdeperf view``: a session's profile in the viewers made for it."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pdeperf.cli.destination import destination, write
from pdeperf.cli.request import choosing, report_of, store_at
from pdeperf.cli.script import InputError

if TYPE_CHECKING:
    from pdeperf.model import Report
    from pdeperf.store import Store

_COLLECTORS = {"pstats": "cprofile", "flame": "pyinstrument", "speedscope": "py-spy"}
"""What makes each file, by the name that notes give it."""
_WAYS = {
    "pstats": "`pdeperf view`",
    "flame": "`pdeperf view --flame`",
    "speedscope": "`pdeperf view --speedscope`",
}
"""What shows each file."""


@click.command("view", short_help="Open a session's profile: snakeviz, flame graph, speedscope.")
@choosing
@click.option("--flame", is_flag=True, help="Open pyinstrument's flame graph instead.")
@click.option("--speedscope", is_flag=True, help="Write the samples for https://www.speedscope.app instead.")
@click.option("-o", "--output", metavar="FILE", help="With --flame or --speedscope: copy the file here.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Its port.")
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
def command(
    session: str | None,
    store: str | None,
    flame: bool,
    speedscope: bool,
    output: str | None,
    port: int,
    no_browser: bool,
) -> int:
    """Serve the latest session's cProfile statistics in snakeviz, until Ctrl-C."""
    if flame and speedscope:
        raise InputError("--flame or --speedscope, not both")
    if output is not None and not flame and not speedscope:
        raise InputError("-o goes with --flame or --speedscope; snakeviz shows, it writes nothing")
    kept = store_at(store)
    report = report_of(kept, session)
    role = "flame" if flame else "speedscope" if speedscope else "pstats"
    path = kept.artifact(report, role)
    if path is None:
        raise InputError(
            f"session {report.session} holds no {role} file: {_why(role, report.evidence.notes)}"
            f"run `pdeperf profile` again, with a larger problem{_instead(kept, report)}"
        )
    if role == "pstats":
        return _snakeviz(path, port, no_browser)
    stem = Path(report.workload.script).stem
    if speedscope or output is not None:
        path = _copied(path, output or f"{stem}.speedscope.json")
        click.echo(f"Written: {os.path.relpath(path)}")
    if speedscope:
        click.echo("Drop it on https://www.speedscope.app, or run `speedscope FILE`.")
    elif no_browser or not _opened(path):
        click.echo(path.absolute().as_uri())
    return 0


def _why(role: str, notes: tuple[str, ...]) -> str:
    found = [note for note in notes if note.startswith(_COLLECTORS[role])]
    return f"{found[0]}; " if found else ""


def _instead(kept: "Store", report: "Report") -> str:
    """What the session does hold: a short script leaves no time for all of it."""
    held = [way for role, way in _WAYS.items() if kept.artifact(report, role) is not None]
    return f", or see what is there by {' or '.join(held)}" if held else ""


def _copied(path: Path, name: str) -> Path:
    target = destination(name, "-o")
    write(target, path.read_bytes())
    return target


def _opened(path: Path) -> bool:
    import webbrowser

    try:
        return webbrowser.open(path.absolute().as_uri())
    except webbrowser.Error:
        return False


def _snakeviz(path: Path, port: int, no_browser: bool) -> int:
    import marshal
    import webbrowser
    from io import TextIOWrapper

    try:
        with path.open("rb") as stream:
            marshal.load(stream)
    except (OSError, ValueError, EOFError, TypeError) as error:
        raise InputError(f"{path.name} is damaged ({error}): run `pdeperf profile` again") from error
    from snakeviz.cli import main as serve

    if not no_browser:
        try:
            webbrowser.get()
        except webbrowser.Error:
            no_browser = True
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    code = serve([str(path), "--port", str(port), *(("--server",) if no_browser else ())])
    return 2 if code else 0
