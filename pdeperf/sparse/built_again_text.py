"""Statements that build matrices, written so that they run only when something has changed."""

import ast

from pdeperf.lifetimes.text import before, fresh_name, newline, on_one_line, taken_out
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, indentation, lines_extent, segment
from pdeperf.source.flow import writes
from pdeperf.sparse.built_again import BuiltAgain
from pdeperf.sparse.written import Additions

KEPT = '''
class KeptWhileSame:
    """Calls a function that builds something again only if one of the values that it uses has changed.

    All values are compared to the bit. What was built of the last three sets of values is kept.
    """

    PARTS = {"dia": ("data", "offsets"), "coo": ("data", "row", "col")}
    PARTS.update(dict.fromkeys(("csr", "csc", "bsr"), ("data", "indices", "indptr")))

    def __init__(self):
        self.kept = []

    def __call__(self, build, *values):
        try:
            key = self.frozen(values)
        except TypeError:  # not only numbers, arrays, text and sparse matrices
            return build()
        for known, built in self.kept:
            if known == key:
                return built
        built = build()
        self.kept = [(key, built), *self.kept[:2]]
        return built

    def frozen(self, value):
        kind = type(value)
        if kind is {numpy}.ndarray and value.dtype.kind in "biufc":
            return kind, value.dtype, value.shape, value.tobytes()
        if kind is float:
            return kind, value.hex()
        if value is None or kind in (int, bool) or isinstance(value, (str, type)):
            return kind, value
        if isinstance(value, (tuple, list)):
            return kind, *map(self.frozen, value)
        if isinstance(value, (dict, set)):
            return kind, *map(self.frozen, value.items() if isinstance(value, dict) else value)
        if {sparse}.issparse(value) and value.format in self.PARTS:
            parts = (getattr(value, part) for part in self.PARTS[value.format])
            return kind, value.shape, *map(self.frozen, parts)
        if isinstance(value, (complex, {numpy}.number, {numpy}.bool_)):
            return kind, {numpy}.asarray(value).tobytes()
        raise TypeError("it may change unseen")
'''


KEPT_FOR_NUMBERS = '''
class KeptForNumbers:
    """Calls a function that builds something again only if one of the numbers that it uses has changed."""

    def __init__(self):
        self.kept = {}

    def __call__(self, build, *numbers):
        if not all(isinstance(one, (int, float, complex, {numpy}.number)) for one in numbers):
            return build()
        key = repr((*numbers, *map(type, numbers)))
        if key not in self.kept:
            self.kept = {**dict([*self.kept.items()][-2:]), key: build()}
        return self.kept[key]
'''


def hoisted(found: BuiltAgain) -> list[Edit]:
    """The edits that build before the loop."""
    assert not isinstance(found.home, ast.FunctionDef)
    lines, edits = taken_out(found.module, found.home, found.statements)
    return [before(found.module, found.home, lines), *edits]


def kept(module: Module, found: BuiltAgain, added: Additions) -> tuple[list[Edit], list[str]]:
    """The edits that build once for all equal values, and the names that are forgotten."""
    stem = "_".join(result.rpartition(".")[2] for result in found.results[:2])
    name = added.name(f"kept_{stem}")
    kind = added.definition(KEPT_FOR_NUMBERS if found.is_of_numbers else KEPT)
    added.line(f"{name} = {kind}()")
    *others, last = found.statements
    lead, end = indentation(module, last), newline(module)
    keys = "".join(f", {key}" for key in found.keys)
    target = ", ".join(found.results)
    start, stop = extent(module, last)
    if not others and isinstance(last, ast.Assign) and not isinstance(last.targets[0], ast.Tuple):
        only = last.value
        plain = isinstance(only, ast.Call) and not only.args and not only.keywords
        build = (
            segment(module, only.func)
            if plain and isinstance(only, ast.Call) and not found.converted
            else f"lambda: {_converted(on_one_line(module, only), only, found.converted)}"
        )
        return [Edit(start, stop, f"{target} = {name}({build}{keys})")], []
    build = fresh_name("build", added.taken)
    pieces = []
    for run in _runs(module, found):
        piece = module.text[extent(module, run[0])[0] : extent(module, run[-1])[1]]
        pieces.append(piece.replace(f"{end}{lead}", f"{end}{lead}    "))
    lines = [
        f"def {build}():",
        *(f"    {piece}" for piece in pieces),
        f"    return {target}{found.converted}",
        "",
        f"{target} = {name}({build}{keys})",
    ]
    text = end.join(lines[:1] + [f"{lead}{line}" if line else "" for line in lines[1:]])
    *early, (*_, final) = _runs(module, found)
    edits = [Edit(*lines_extent(module, run), "") for run in early]
    first = _runs(module, found)[-1][0]
    edits.append(Edit(extent(module, first)[0], extent(module, final)[1], text))
    made = frozenset[str]().union(*(writes(one) for one in found.statements))
    return edits, sorted(made - set(found.results))


def _converted(text: str, value: ast.expr, conversion: str) -> str:
    """The text of a value, in the format in which it is used."""
    plain = not conversion or isinstance(value, ast.Call | ast.Name | ast.Attribute | ast.Subscript)
    return f"{text}{conversion}" if plain else f"({text}){conversion}"


def _runs(module: Module, found: BuiltAgain) -> list[list[ast.stmt]]:
    """The statements, those together that follow each other."""
    runs: list[list[ast.stmt]] = []
    for statement in found.statements:
        place = found.home.body.index(statement)
        if runs and found.home.body.index(runs[-1][-1]) == place - 1:
            runs[-1].append(statement)
        else:
            runs.append([statement])
    return runs
