"""Whether several suggestions can be written together, and what the files then are."""

import ast
import difflib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pdeperf.cli.script import InputError
from pdeperf.model import Candidate


@dataclass(frozen=True, slots=True, order=True)
class _Edit:
    """Lines ``first`` to ``last`` (excluded) of the original become these."""

    first: int
    last: int
    lines: tuple[str, ...]


def merged(sources: Mapping[str, str], chosen: Sequence[Candidate]) -> dict[str, str]:
    """Every file with all the chosen rewrites.

    Raises
    ------
    InputError
        If two rewrites change the same lines, or bind the same new name.
    """
    texts = dict(sources)
    for file in dict.fromkeys(patch.file for one in chosen for patch in one.patches):
        before = sources.get(file)
        patches = [patch for one in chosen for patch in one.patches if patch.file == file]
        if before is None or any(patch.before != before for patch in patches):
            raise InputError(f"{file}: the suggestions rest on different versions: take one at a time")
        texts[file] = _file(file, before, [patch.after for patch in patches])
    return texts


def _file(file: str, before: str, versions: Sequence[str]) -> str:
    if len(versions) == 1:
        return versions[0]
    bound = _bound(before)
    new: set[str] = set()
    for version in versions:
        names = _bound(version) - bound - _imported(version)
        if both := names & new:
            raise InputError(f"{file}: two suggestions both define {sorted(both)[0]}: take one at a time")
        new |= names
    lines = before.splitlines(keepends=True)
    edits = sorted({edit for version in versions for edit in _edits(lines, version)})
    for one, other in itertools.pairwise(edits):
        inserts_twice = one.first == one.last == other.first == other.last
        if other.first < one.last or (one.first == other.first and not inserts_twice):
            raise InputError(
                f"{file}:{other.first + 1}: two suggestions change the same lines: take one at a time"
            )
    for edit in reversed(edits):
        lines[edit.first : edit.last] = edit.lines
    return "".join(lines)


def _edits(before: Sequence[str], version: str) -> list[_Edit]:
    after = version.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [
        _Edit(i1, i2, tuple(after[j1:j2])) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"
    ]


def _bound(text: str) -> set[str]:
    """Names that a file binds at top level by a definition, an import or an assignment."""
    names = _imported(text)
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        names |= {
            inner.id
            for inner in ast.walk(node)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
        }
    return names


def _imported(text: str) -> set[str]:
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
