"""``pdeperf sessions``: what is stored here."""

from typing import TYPE_CHECKING

import click

from pdeperf.cli.request import store_at, storing

if TYPE_CHECKING:
    from pdeperf.model import Report


@click.command("sessions", short_help="List the stored sessions.")
@storing
@click.option("--remove", multiple=True, metavar="ID", help="Delete this session; may be given again.")
def command(store: str | None, remove: tuple[str, ...]) -> int:
    """List the sessions stored in this folder, the latest first."""
    from pdeperf.renderers._words import times, visible
    from pdeperf.store import StoreError

    kept = store_at(store)
    for session in remove:
        kept.remove_session(session)
    found = kept.sessions()
    if not found and not remove:
        click.echo("No session here: `pdeperf profile SCRIPT` makes one.")
    for session in found:
        try:
            report = kept.load(session)
        except StoreError as error:
            click.echo(f"{session}  cannot be read: {visible(str(error))}")
            continue
        verdict = report.overall.verdict if report.overall is not None else None
        done = f"optimised, {times(verdict.speedup)}" if verdict is not None else _unfinished(report)
        command_line = " ".join((report.workload.script, *report.workload.argv))
        click.echo(f"{session}  {visible(command_line)}  {done}")
    return 0


def _unfinished(report: "Report") -> str:
    from pdeperf.model import Outcome
    from pdeperf.renderers._words import count

    kept = sum(step.verdict.outcome is Outcome.ACCEPTED for step in report.steps)
    return f"not finished, {count(kept, 'rewrite')} kept" if kept else "profiled"
