"""What callers have checked of a kernel's arrays needs no check in it."""

import ast

import pytest

from pdeperf.kernel.checked_calls import apart_at_calls
from pdeperf.source import Project

SCRIPT = """
import numpy as np

def kernel(u, v):
    for i in range(u.size):
        u[i] = v[i]

class Wave:
    def swap(self):
        self.u = self.v

    def step(self):
        if not np.may_share_memory(self.u, self.v):
BODY
"""


def pairs(body: str) -> frozenset[tuple[str, str]]:
    lines = "\n".join(f"            {line}" for line in body.splitlines())
    project = Project.from_texts({"script.py": SCRIPT.replace("BODY", lines)})
    function = next(node for node in project["script.py"].tree.body if isinstance(node, ast.FunctionDef))
    return apart_at_calls(function, project)


@pytest.mark.parametrize(
    "body",
    [
        "kernel(self.u, self.v)",
        "print(len(self.u))\nkernel(self.u, self.v)",
        "for step in range(3):\n    kernel(self.u, self.v)",
    ],
)
def test_arrays_that_the_caller_has_found_apart_are_apart(body: str) -> None:
    assert pairs(body) == {("u", "v")}


@pytest.mark.parametrize(
    "body",
    [
        "self.u = self.v\nkernel(self.u, self.v)",
        "self.swap()\nkernel(self.u, self.v)",
        "for step in range(3):\n    kernel(self.u, self.v)\n    self.swap()",
        "setattr(self, 'u', self.v)\nkernel(self.u, self.v)",
        "kernel(self.u, self.v)\nkernel(self.v, self.v)",
        "keep = kernel\nkernel(self.u, self.v)",
    ],
)
def test_what_may_be_bound_between_the_check_and_the_call_is_not(body: str) -> None:
    assert not pairs(body)
