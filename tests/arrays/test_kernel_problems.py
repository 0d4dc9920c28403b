"""The time loops of the kernel benchmark are one kernel each."""

import ast
import re
from pathlib import Path

import pytest

from pdeperf.arrays.loops.schedule import Form, Recompute
from pdeperf.arrays.planned import plans_of
from tests.arrays.in_process import project_of

PROBLEMS = Path(__file__).parents[2] / "benchmarks" / "kernels" / "problems"
NAMES = sorted(path.stem for path in PROBLEMS.glob("*.py") if not path.stem.endswith("_loops"))
SMALL = {"steps": 2, "sweeps": 2, "n": 24, "nx": 24, "ny": 20, "nz": 12, "time": 0.02}


@pytest.mark.parametrize("name", NAMES)
def test_the_time_loop_is_one_kernel(name, tmp_path):
    sizes = re.compile(rf"\b({'|'.join(SMALL)})=[\d.]+")
    text = sizes.sub(lambda found: f"{found[1]}={SMALL[found[1]]}", (PROBLEMS / f"{name}.py").read_text())
    project = project_of(text, tmp_path)
    assert project is not None
    module = project["script.py"]
    solver = next(
        node for node in module.tree.body if isinstance(node, ast.FunctionDef) and node.name == name
    )
    loop = next(node for node in solver.body if isinstance(node, ast.For | ast.While))
    rewrite, problems = plans_of(project).rewrite(project, module, [loop], Recompute.CHEAP, Form.NESTS)
    assert rewrite is not None and rewrite.is_whole, problems
