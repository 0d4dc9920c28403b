"""``pdeperf rules``: which faults pdeperf finds, and what answers them."""

import click


@click.command("rules", short_help="List the rules and the techniques that answer them.")
def command() -> int:
    """List the rules and the techniques that answer them."""
    from rich.table import Table
    from rich.text import Text

    from pdeperf.cli import rulebook
    from pdeperf.cli.output import show

    pages = rulebook.pages()
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="underline")
    table.add_column("rule", no_wrap=True)
    table.add_column("class", no_wrap=True)
    table.add_column("answered by", no_wrap=True)
    table.add_column("what it is", overflow="fold", ratio=1)
    for page in pages:
        if page.is_rule:
            table.add_row(
                Text(page.name),
                Text(page.kind),
                Text("\n".join(page.related) or "nothing yet"),
                Text(page.summary.replace("``", "")),
            )
    techniques = Table(box=None, padding=(0, 1), pad_edge=False, show_edge=False, header_style="underline")
    techniques.add_column("technique", no_wrap=True)
    techniques.add_column("what it does", overflow="fold", ratio=1)
    for page in pages:
        if not page.is_rule:
            techniques.add_row(Text(page.name), Text(page.summary.replace("``", "")))
    show(table)
    show("")
    show(techniques)
    show("")
    show("`pdeperf explain NAME` tells more.")
    return 0
