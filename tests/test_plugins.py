"""What must be true of every plugin, whoever wrote it."""

import ast
import importlib
import inspect
import json
import subprocess
import sys
import textwrap

import pytest

from pdeperf import plugins
from pdeperf.cli import rulebook
from pdeperf.model import Kind

DETECTORS, BACKENDS = plugins.detectors(), plugins.backends()


def module_of(plugin):
    return importlib.import_module(type(plugin).__module__)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.rule)
def test_a_rule_is_named_like_its_module(detector):
    assert module_of(detector).__name__.rpartition(".")[2].replace("_", "-") == detector.rule
    assert module_of(detector).DETECTOR is detector
    assert isinstance(detector.kind, Kind)


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
def test_a_technique_is_named_like_its_module(backend):
    assert module_of(backend).__name__.rpartition(".")[2].replace("_", "-") == backend.name
    assert module_of(backend).BACKEND is backend


def test_names_are_given_once():
    names = [detector.rule for detector in DETECTORS] + [backend.name for backend in BACKENDS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
def test_a_technique_answers_rules_that_exist(backend):
    assert backend.answers
    assert backend.answers <= {detector.rule for detector in DETECTORS}


@pytest.mark.parametrize("page", rulebook.pages(), ids=lambda page: page.name)
def test_a_plugin_explains_itself_in_the_fixed_sections(page):
    assert tuple(title for title, _ in page.sections) == rulebook.SECTIONS
    assert all(text.strip() for _, text in page.sections)
    assert page.summary.endswith(".")
    assert len(page.summary) <= 110


@pytest.mark.parametrize("page", rulebook.pages(), ids=lambda page: page.name)
@pytest.mark.parametrize("title", ["Slow", "Faster"])
def test_the_examples_are_python(page, title):
    fenced = rulebook.markdown(page).split(f"## {title}\n")[1].split("\n## ")[0]
    blocks = fenced.split("```python\n")[1:]
    assert blocks or title == "Faster", "show what is slow"
    for block in blocks:
        ast.parse(textwrap.dedent(block.split("```")[0]))


@pytest.mark.parametrize("plugin", [*DETECTORS, *BACKENDS], ids=lambda plugin: type(plugin).__name__)
def test_a_plugin_imports_no_other(plugin):
    module = module_of(plugin)
    shelf = module.__name__.rpartition(".")[0]
    others = {module_of(other).__name__ for other in (*DETECTORS, *BACKENDS)} - {module.__name__}
    imported = {
        name
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not imported & others, f"{shelf}: a plugin stands on its own"


def test_finding_the_plugins_imports_nothing_that_only_the_user_needs():
    code = (
        "import json, sys\nfrom pdeperf import plugins\n"
        "plugins.detectors(), plugins.backends(), plugins.renderers()\n"
        "print(json.dumps(sorted({'numba', 'cupy', 'scipy', 'matplotlib'} & set(sys.modules))))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(out) == []
