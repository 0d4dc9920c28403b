"""The nodes of a tree are those that ``ast`` gives, in its order."""

import ast
from pathlib import Path

import pytest

from pdeperf.source import Module
from pdeperf.source.walking import children, nodes_in

SOURCES = [
    "global a, b\nnonlocal_ = {**x, 'k': f'{y!r:>{w}}'}\nlambda *a, b=1, **k: (yield)",
    "try:\n    pass\nexcept* (A, B) as e:\n    raise e from None",
    "match p:\n    case {'a': 1, **rest}:\n        pass\n    case C(x, y=[_, *z]) | None if z:\n        pass",
    "@d\nclass C(B, metaclass=M):\n    x: int = 1\n    async def f(self, /, a, *, b: int = 2) -> None:\n"
    "        async with a as b:\n            [await i async for i in b if i]",
    "import a.b as c\nfrom . import *\na[1:2, ..., None] = b @ c\nif (n := 3) < 4 <= 5: del x.y",
    Path(__file__).read_text(),
    *(path.read_text() for path in sorted(Path(__file__).parent.glob("*.py"))[:12]),
]


@pytest.mark.parametrize("source", SOURCES)
def test_every_node_is_given_in_the_order_of_ast(source):
    tree = ast.parse(source)
    assert [id(node) for node in nodes_in(tree)] == [id(node) for node in ast.walk(tree)]
    for node in ast.walk(tree):
        assert [id(each) for each in children(node)] == [id(each) for each in ast.iter_child_nodes(node)]


def test_nodes_that_lack_fields_are_walked_too():
    tree = ast.Assign(targets=[ast.Name("x")], value=ast.Constant(1))
    assert len(list(nodes_in(tree))) == len(list(ast.walk(tree)))


@pytest.mark.parametrize("source", SOURCES)
def test_a_file_knows_its_nodes_by_kind_in_their_order(source):
    module = Module("a.py", source)
    assert [id(node) for node in module.nodes] == [id(node) for node in ast.walk(module.tree)]
    for kind in (ast.Name, ast.FunctionDef, ast.Call, ast.Global):
        expected = [node for node in ast.walk(module.tree) if type(node) is kind]
        assert list(module.all(kind)) == expected
