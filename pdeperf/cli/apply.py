"""``pdeperf apply``: write chosen suggestions of a session."""

from pathlib import Path

import click

from pdeperf.cli.request import choosing
from pdeperf.cli.target import writing


@click.command("apply", short_help="Write chosen suggestions of a session into the script.")
@click.argument("numbers", nargs=-1, type=click.IntRange(min=1), metavar="[ID]...")
@choosing
@writing
def command(
    numbers: tuple[int, ...],
    session: str | None,
    store: str | None,
    output: str | None,
    in_place: bool,
    force: bool,
) -> int:
    """Write the suggestions with these numbers, as `pdeperf suggest` lists them.

    Without a number: what `pdeperf optimize` accepted in that session. The result goes to
    SCRIPT_optimized.py, unless -o or --in-place say otherwise. Suggestions have not been tried:
    `pdeperf optimize` tries them, and `pdeperf validate` checks what you wrote.
    """
    from dataclasses import replace

    from pdeperf import pipeline
    from pdeperf.cli import written
    from pdeperf.cli.merge import merged
    from pdeperf.cli.output import show
    from pdeperf.cli.request import report_of, store_at
    from pdeperf.cli.script import InputError
    from pdeperf.cli.target import target
    from pdeperf.renderers import terminal
    from pdeperf.renderers._words import count, ranked

    kept = store_at(store)
    report = report_of(kept, session)
    cwd = Path.cwd()
    place = target(cwd / report.workload.script, output, in_place=in_place, force=force)
    if numbers:
        suggestions = ranked(report)
        if max(numbers) > len(suggestions):
            held = count(len(suggestions), "suggestion") if suggestions else "no suggestion"
            raise InputError(f"no suggestion {max(numbers)}: the session holds {held}; see `pdeperf suggest`")
        chosen = [suggestions[number - 1] for number in dict.fromkeys(numbers)]
        sources = merged({source.file: source.text for source in report.sources}, chosen)
    else:
        sources = pipeline.final_sources(report)
    patches = written.changes(report, sources)
    if not patches:
        raise InputError(
            "nothing was accepted in this session: give the numbers of suggestions (`pdeperf suggest`)"
        )
    older = () if in_place else written.outdated(report, cwd)
    paths = written.shown(written.write(report, sources, place, cwd), cwd)
    kept.save(replace(report, outputs=tuple(dict.fromkeys((*report.outputs, *paths)))))
    show(terminal.written(paths, patches))
    if older:
        show(terminal.made_of_older(older))
    if numbers:
        show(terminal.plain("Not tried yet: run it, or check it with `pdeperf validate`."))
    return 0
