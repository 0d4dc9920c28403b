"""Writes the generated pages: the rules, the techniques and the commands.

``python docs/make_pages.py`` writes them; ``tests/docs`` checks that they are current.
"""

import sys
from pathlib import Path

import click

from pdeperf.cli import rulebook
from pdeperf.cli.group import COMMANDS, EXIT_CODES, cli

HERE = Path(__file__).parent
_WRITTEN = "<!-- Written by docs/make_pages.py: change the docstring, not this page. -->"


def pages() -> dict[str, str]:
    """Path below docs/ to text of every generated page."""
    found = {f"rules/{page.name}.md": f"{_WRITTEN}\n\n{rulebook.markdown(page)}" for page in rulebook.pages()}
    return {**found, "rules/index.md": _rules(), "commands.md": _commands()}


def _rules() -> str:
    rules = [page for page in rulebook.pages() if page.is_rule]
    techniques = [page for page in rulebook.pages() if not page.is_rule]
    lines = [
        _WRITTEN,
        "",
        "# Rules and techniques",
        "",
        "A rule finds one fault; a technique is one way to mend it. `pdeperf explain NAME` prints the page.",
        "",
        "| rule | class | answered by | what it is |",
        "|---|---|---|---|",
        *(
            f"| {_links((page.name,))} | {page.kind} | {_links(page.related)} | {_cell(page.summary)} |"
            for page in rules
        ),
        "",
        "| technique | what it does |",
        "|---|---|",
        *(f"| [{page.name}]({page.name}.md) | {_cell(page.summary)} |" for page in techniques),
    ]
    return "\n".join(lines) + "\n"


def _links(names: tuple[str, ...]) -> str:
    return ", ".join(f"[{name}]({name}.md)" for name in names) or "nothing yet"


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def _commands() -> str:
    parts = [_WRITTEN, "# Commands"]
    with cli.make_context("pdeperf", [], resilient_parsing=True) as above:
        for name in COMMANDS:
            command = cli.get_command(above, name)
            assert command is not None
            with click.Context(command, info_name=name, parent=above, max_content_width=90) as context:
                context.terminal_width = 90
                parts += [f"## {name}", f"```text\n{command.get_help(context)}\n```"]
    codes = EXIT_CODES.removeprefix("\b\n").strip("\n")
    parts += ["## Exit codes", f"```text\n{codes}\n```"]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Write what differs, remove what is no longer made, and name both."""
    made = pages()
    stale = {path.relative_to(HERE).as_posix() for path in (HERE / "rules").glob("*.md")} - set(made)
    for name in sorted(stale):
        (HERE / name).unlink()
        print(f"removed docs/{name}")
    for name, text in made.items():
        path = HERE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"written docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
