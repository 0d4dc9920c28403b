"""``sum([... for k in r])`` in compiled functions as the loop that it means: no list is made."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent, indentation, lines_extent, owns_lines

_PURE = frozenset("abs min max float int len round range sum bool pow".split())
_LIBRARIES = frozenset(("np", "numpy", "math"))
_DEEPEST = 4


def with_sums_as_loops(texts: Mapping[str, str]) -> dict[str, str]:
    """The same functions, with sums in a row of statements added up before the statement that needs them."""
    made = dict(texts)
    for name in texts:
        for _ in range(_DEEPEST):
            fresh = _written(made[name]) if "sum([" in made[name] else made[name]
            if fresh == made[name]:
                break
            made[name] = fresh
    return made


def _written(text: str) -> str:
    module = Module("", text)
    taken = {node.id for node in module.all(ast.Name)} | {node.arg for node in module.all(ast.arg)}
    edits: list[Edit] = []
    for statement in module.nodes:
        if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return | ast.Expr | ast.If):
            continue
        value = statement.test if isinstance(statement, ast.If) else statement.value
        if value is None or not owns_lines(module, [statement]) or _is_elif(statement, module):
            continue
        sums = [*_sums(value)]
        if sums and _is_pure(value if isinstance(statement, ast.If) else statement, sums):
            edits += _edits(module, statement, sums, taken)
    return apply(text, edits)


def _sums(node: ast.AST) -> Iterator[ast.Call]:
    """The sums over comprehensions that an expression always needs."""
    match node:
        case ast.Call(func=ast.Name(id="sum"), args=[ast.ListComp(generators=parts)], keywords=[]):
            if all(map(_is_plain, parts)):
                yield node
        case ast.Compare(left=first):
            yield from _sums(first)
        case ast.IfExp() | ast.BoolOp() | ast.Lambda() | ast.ListComp():
            pass
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _sums(child)


def _is_plain(part: ast.comprehension) -> bool:
    names = [part.target] if isinstance(part.target, ast.Name) else getattr(part.target, "elts", [])
    return bool(names) and all(isinstance(name, ast.Name) for name in names)


def _is_elif(statement: ast.stmt, module: Module) -> bool:
    above = module.parents.get(statement)
    return isinstance(statement, ast.If) and isinstance(above, ast.If) and above.orelse == [statement]


def _is_pure(statement: ast.stmt | ast.expr, sums: Sequence[ast.Call]) -> bool:
    """Does nothing else in the statement do more than compute?"""
    inside = {id(node) for one in sums for node in ast.walk(one)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and id(node) not in inside:
            match node.func:
                case ast.Name(id=name) if name in _PURE:
                    pass
                case ast.Attribute(value=ast.Name(id=name)) if name in _LIBRARIES:
                    pass
                case _:
                    return False
    return True


def _edits(
    module: Module,
    statement: ast.Assign | ast.AugAssign | ast.Return | ast.Expr | ast.If,
    sums: Sequence[ast.Call],
    taken: set[str],
) -> Iterator[Edit]:
    indent, start = indentation(module, statement), lines_extent(module, [statement])[0]
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    target = target if isinstance(target, ast.Name) else None
    whole = None if isinstance(statement, ast.If) else statement.value
    text = ""
    for call in sums:
        made = call.args[0]
        assert isinstance(made, ast.ListComp)
        read = {node.id for node in ast.walk(made) if isinstance(node, ast.Name)}
        is_whole = whole is call and target is not None and target.id not in read
        if (
            is_whole
            and target is not None
            and isinstance(statement, ast.Assign)
            and len(statement.targets) == 1
        ):
            total = target.id
        else:
            stem = f"{target.id}_sum" if target is not None else "total"
            total = unused("count" if isinstance(made.elt, ast.IfExp) else stem, taken)
        fresh = renamed(module, statement, made, taken)
        text += f"{indent}{total} = 0\n"
        deeper = indent
        for at, part in enumerate(made.generators):
            source = one_line(module, part.iter, fresh if at else {})
            text += f"{deeper}for {one_line(module, part.target, fresh)} in {source}:\n"
            deeper += "    "
            for test in part.ifs:
                text += f"{deeper}if {one_line(module, test, fresh)}:\n"
                deeper += "    "
        text += _added(module, made.elt, total, deeper, fresh)
        if whole is call and total == getattr(target, "id", ""):
            yield Edit(*lines_extent(module, [statement]), text)
            return
        yield Edit(*extent(module, call), total)
    yield Edit(start, start, text)


def _added(module: Module, node: ast.expr, total: str, indent: str, fresh: Mapping[str, str]) -> str:
    """The lines that add one element; of ``1 if v < 0 else 0`` a branch."""
    match node:
        case ast.IfExp(test=test, body=ast.Constant(value=1), orelse=ast.Constant(value=0)):
            return f"{indent}if {one_line(module, test, fresh)}:\n{indent}    {total} += 1\n"
        case ast.IfExp(test=test, body=ast.Constant(value=0), orelse=ast.Constant(value=1)):
            return f"{indent}if not ({one_line(module, test, fresh)}):\n{indent}    {total} += 1\n"
    return f"{indent}{total} += {one_line(module, node, fresh)}\n"


def renamed(module: Module, statement: ast.stmt, made: ast.ListComp, taken: set[str]) -> dict[str, str]:
    """New names for a comprehension's variables that the function uses for something else."""
    return {
        part.id: unused(part.id, taken)
        for one in made.generators
        for part in ast.walk(one.target)
        if isinstance(part, ast.Name) and _means_else(module, part.id, statement, made)
    }


def _means_else(module: Module, name: str, statement: ast.stmt, made: ast.ListComp) -> bool:
    """Is a name more than what other loops bind for themselves?"""
    if any(node.arg == name for node in module.all(ast.arg)):
        return True
    around = {id(node) for node in module.ancestors(statement)}
    inside = {id(node) for node in ast.walk(made)}
    for node in module.all(ast.Name):
        if node.id != name or id(node) in inside:
            continue
        binders = [above for above in module.ancestors(node) if name in _bound_by(above)]
        if not binders or any(id(one) in around for one in binders):
            return True
    return False


def _bound_by(node: ast.AST) -> list[str]:
    targets: list[ast.expr] = []
    if isinstance(node, ast.For):
        targets = [node.target]
    elif isinstance(node, ast.ListComp):
        targets = [part.target for part in node.generators]
    return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]


def unused(name: str, taken: set[str]) -> str:
    """A name that nothing has, which is taken from then on."""
    made, count = name, 2
    while made in taken:
        made, count = f"{name}_{count}", count + 1
    taken.add(made)
    return made


def one_line(module: Module, node: ast.expr, names: Mapping[str, str]) -> str:
    """An expression on one line, with other names."""
    start, end = extent(module, node)
    edits: list[Edit] = []
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in names:
            first, last = extent(module, part)
            edits.append(Edit(first - start, last - start, names[part.id]))
    text = apply(module.text[start:end], edits)
    return text if "\n" not in text else ast.unparse(ast.parse(f"({text})", mode="eval").body)
