"""``pdeperf explain``: the page of one rule or technique."""

import click

_WIDEST = 100
"""Columns; longer lines are hard to read."""


@click.command("explain", short_help="Explain one rule or technique.")
@click.argument("rule")
@click.option("--markdown", is_flag=True, help="Print Markdown.")
def command(rule: str, markdown: bool) -> int:
    """Explain RULE: why it is slow, what is faster, and when the faster way is wrong.

    RULE is a name from `pdeperf rules`.
    """
    import difflib
    import shutil

    from pdeperf.cli import rulebook
    from pdeperf.cli.script import InputError

    pages = rulebook.pages()
    found = [page for page in pages if page.name == rule.replace("_", "-")]
    if not found:
        near = difflib.get_close_matches(rule, [page.name for page in pages], 3)
        hint = f"did you mean {', '.join(near)}?" if near else "`pdeperf rules` lists them"
        raise InputError(f"no rule or technique {rule!r}: {hint}")
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    for page in found:
        click.echo(rulebook.markdown(page) if markdown else rulebook.plain(page, width), nl=False)
    return 0
