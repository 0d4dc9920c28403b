"""What the documentation says is what the program does."""

import importlib.util
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from pdeperf.cli.configuration import Configuration
from pdeperf.cli.group import COMMANDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def load(name):
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_pages_are_current():
    made = load("make_pages").pages()
    for name, text in made.items():
        assert (DOCS / name).is_file(), f"run `python docs/make_pages.py`: {name} is missing"
        assert (DOCS / name).read_text() == text, f"run `python docs/make_pages.py`: {name} is stale"
    assert {path.relative_to(DOCS).as_posix() for path in (DOCS / "rules").glob("*.md")} <= set(made)


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda path: path.name
)
def test_every_link_inside_the_tree_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


@pytest.mark.parametrize("line", [1, 2])
def test_the_readme_has_the_two_lines_that_ci_runs(line):
    found = re.search(rf"^line_{line}='(.+)'$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert found
    assert found.group(1) in (ROOT / "README.md").read_text().splitlines()


def test_every_configuration_entry_is_documented_with_its_default():
    text = (DOCS / "configuration.md").read_text()
    for field in fields(Configuration):
        assert f"| `{field.name}` |" in text
    example = text.split("```toml\n")[1].split("```")[0]
    entries = tomllib.loads(example)["tool"]["pdeperf"]
    assert set(entries) <= {field.name for field in fields(Configuration)}
    for field in fields(Configuration):
        row = next(line for line in text.splitlines() if line.startswith(f"| `{field.name}` |"))
        shown = row.split("|")[2].strip().strip("`")
        value = tomllib.loads(f"x = {shown}")["x"]
        assert (tuple(value) if isinstance(value, list | dict) else value) == field.default


def test_every_command_named_in_the_texts_exists():
    for path in (ROOT / "README.md", *DOCS.rglob("*.md")):
        for name in re.findall(r"`pdeperf ([a-z]+)", path.read_text()):
            assert name in COMMANDS, f"{path.name}: pdeperf {name}"


def test_the_exit_codes_of_the_documentation_are_those_of_the_help():
    help_lines = dict(re.findall(r"^  (\d)  (.+)$", (DOCS / "commands.md").read_text(), re.MULTILINE))
    page = (DOCS / "exit-codes.md").read_text()
    assert set(help_lines) == {"0", "1", "2", "3", "4", "5", "6"}
    for code in help_lines:
        assert f"| {code} |" in page
