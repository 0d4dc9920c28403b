"""How many neighbours of a hot loop join its region, and how often that is asked."""

import ast

import pytest

from pdeperf.kernel import region
from pdeperf.kernel.region import Regions
from pdeperf.source import Module, Project, parsed


@pytest.mark.parametrize(
    ("neighbours", "joining", "most_asked"),
    [
        ("a" * 40, 40, 1),
        ("a" * 39 + "P", 39, 12),
        ("P" + "a" * 39, 0, 7),
        ("aaaPaaa", 3, 6),
        ("", 0, 0),
        ("a", 1, 1),
    ],
)
def test_many_neighbours_are_asked_for_at_once(
    neighbours: str, joining: int, most_asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(f"{each} = 1\n" for each in neighbours) or "\n"
    module = parsed("solver.py", text, is_script=True)
    asked: list[int] = []

    def are_kernel(self: Regions, module: Module, several: list[ast.stmt], lists: frozenset[str]) -> bool:
        asked.append(len(several))
        return "P" not in {ast.unparse(each)[0] for each in several}

    def joins(
        self: Regions, module: Module, statement: ast.stmt, stops: list[object], lists: frozenset[str]
    ) -> bool:
        return are_kernel(self, module, [statement], lists)

    monkeypatch.setattr(region.Regions, "_are_kernel", are_kernel)
    monkeypatch.setattr(region.Regions, "_joins", joins)
    regions = Regions(Project({"solver.py": module}, ()))
    assert regions._joining(module, module.tree.body, [], frozenset()) == joining
    assert len(asked) <= most_asked
