"""Which functions are not looked into because a compiler reads their bytecode."""

import ast

from pdeperf.collectors.instrumentation import compiled_functions

SOURCE = """
from numba import njit

@njit
def update(u, dx):
    slope = u[1] - u[0]
    return limited(slope / dx)

def limited(x):
    return x

def slope(u):
    return u

class Grid:
    @property
    def dx(self):
        return self.length / self.n

    def limited(self):
        return self.n
"""


def test_a_variable_of_a_compiled_function_is_no_function_of_that_name():
    tree = ast.parse(SOURCE)
    names = {(node.name, node.lineno) for node in compiled_functions(tree)}
    assert names == {("update", 5), ("limited", 9)}
