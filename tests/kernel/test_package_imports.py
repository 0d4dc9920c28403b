"""Names that the script of a package imports are found, by whichever name the package gives them."""

import ast

import pytest

from pdeperf.kernel.program import Program
from pdeperf.source import Project


@pytest.mark.parametrize("statement", ["from .flux import flux", "from pde.flux import flux"])
def test_a_module_is_found_by_its_relative_and_by_its_whole_name(statement):
    project = Project.from_texts(
        {"src/pde/main.py": statement, "src/pde/__init__.py": "", "src/pde/flux.py": "def flux(): pass"}
    )
    script = project["src/pde/main.py"]
    imported = script.tree.body[0]
    assert isinstance(imported, ast.ImportFrom)
    found = Program(project).imported(script, imported, "flux")
    assert found is not None
    assert found[0].file == "src/pde/flux.py"
    assert {"flux", "pde.flux"} <= script.local_modules
