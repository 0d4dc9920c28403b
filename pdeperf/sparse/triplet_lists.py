"""Lists that a loop fills for the constructors of matrices alone: arrays may stand in their place."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.vocabulary import WILD
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import reads, writes
from pdeperf.source.scopes import FUNCTIONS

_MATRICES = frozenset(
    f"scipy.sparse.{form}_{kind}" for form in ("coo", "csr", "csc") for kind in ("matrix", "array")
)
_COPIES = frozenset(("tocsr", "tocsc", "tolil", "todok", "todense", "toarray"))
_REPEATS = (ast.For, ast.While, ast.comprehension, *FUNCTIONS, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Appended:
    """``items.append(value)`` in one written line, on a condition: a name, empty for none."""

    line: int
    value: str
    mask: str


def creation_of(
    meaning: Meaning, module: Module, loop: ast.stmt, name: str, *, pieces: bool = False
) -> ast.Assign | None:
    """The statement that makes a list which one loop fills and only constructors of matrices read; or None.

    All that mentions the name stands in the loop's own block, begins with an empty list, and leaves nobody
    who could tell an array from the list; or the one array from many, if it holds pieces.
    """
    home = meaning.home(module, loop)
    block = _block(module, loop)
    mentions = [
        node
        for node in ast.walk(module.tree if isinstance(home, ast.Module) else home)
        if isinstance(node, ast.Name) and node.id == name
    ]
    if not block or _is_known_elsewhere(meaning, module, home, name):
        return None
    holders: dict[int, list[ast.Name]] = {}
    for node in mentions:
        above = (node, *module.ancestors(node))
        place = next((place for place, one in enumerate(block) if one in above), -1)
        if place < 0:
            return None
        holders.setdefault(place, []).append(node)
    here = block.index(loop)
    made = max((place for place in holders if place < here), default=-1)
    first = block[min(holders, default=here)]
    creation = block[made]
    if made < 0 or not _makes_empty(first, name) or not isinstance(creation, ast.Assign):
        return None
    if not _makes_empty(creation, name) or len(holders[made]) > 1:
        return None
    if not all(_grows(module, node) for node in holders[here]):
        return None
    read: list[ast.Name] = []
    for place in sorted(place for place in holders if place > here):
        if _makes_empty(block[place], name) and len(holders[place]) == 1:
            break
        read += [node for node in holders[place] if isinstance(node.ctx, ast.Load)]
        is_read_only = _is_joined if pieces else _is_read_only
        if not all(is_read_only(meaning, module, node) for node in holders[place] if node in read):
            return None
        if name in writes(block[place]):
            if isinstance(block[place], ast.Assign) and len(holders[place]) == 2:
                break  # rows = np.array(rows)
            return None
    read = [node for node in read if not _is_measured(meaning, module, node)]
    if not read or (len(read) > 1 and any(_is_shared(meaning, module, node) for node in read)):
        return None
    return creation if not any(_is_repeated(module, node, block) for node in read) else None


def _block(module: Module, statement: ast.stmt) -> Sequence[ast.stmt]:
    """The statements among which one stands."""
    parent = next(iter(module.ancestors(statement)))
    for field in ("body", "orelse", "finalbody"):
        held = getattr(parent, field, None)
        if isinstance(held, list) and statement in held:
            return held
    return ()


def _is_known_elsewhere(meaning: Meaning, module: Module, home: ast.AST, name: str) -> bool:
    """May another function, another file or code made at run time ask for the name?"""
    for node in ast.walk(home):
        match node:
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                return True
            case ast.Call(func=func) if meaning.full(module, func) in WILD | {"builtins.dir"}:
                return True
    if not isinstance(home, ast.Module):
        return False
    others = (one for one in meaning.project.modules.values() if one is not module)
    return not module.is_script or any(
        isinstance(node, ast.Attribute | ast.alias)
        for one in others
        for node in ast.walk(one.tree)
        if name in (getattr(node, "attr", ""), getattr(node, "name", ""))
    )


def _makes_empty(statement: ast.stmt, name: str) -> bool:
    """``name = []``, alone or as one of several: ``rows, columns = [], []``."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=found)], value=ast.List(elts=[])):
            return found == name
        case ast.Assign(
            targets=[ast.Tuple(elts=targets) | ast.List(elts=targets)],
            value=ast.Tuple(elts=values) | ast.List(elts=values),
        ) if len(targets) == len(values):
            pairs = zip(targets, values, strict=True)
            held = [value for target, value in pairs if isinstance(target, ast.Name) and target.id == name]
            return len(held) == 1 and isinstance(held[0], ast.List) and not held[0].elts
    return False


def _grows(module: Module, node: ast.Name) -> bool:
    """Does the list grow here, and nothing else?"""
    above = module.parents.get(node)
    if isinstance(above, ast.AugAssign) and above.target is node:
        return isinstance(above.op, ast.Add)
    attribute, call, statement = _above(module, node, 3)
    return (
        isinstance(attribute, ast.Attribute)
        and attribute.attr in ("append", "extend")
        and isinstance(call, ast.Call)
        and call.func is attribute
        and isinstance(statement, ast.Expr)
    )


def _above(module: Module, node: ast.AST, count: int) -> list[ast.AST]:
    found = [one for one, _ in zip(module.ancestors(node), range(count), strict=False)]
    return [*found, *[ast.Pass()] * (count - len(found))]


def _is_read_only(meaning: Meaning, module: Module, node: ast.Name) -> bool:
    """Does what takes the list make something of its own from it, and the same from an array?"""
    if _is_measured(meaning, module, node):
        return True
    call = _call_of(module, node)
    if call is not None and meaning.full(module, call.func) in ("numpy.array", "numpy.asarray"):
        return len(call.args) == 1 and all(word.arg == "dtype" for word in call.keywords)
    return _constructor(meaning, module, node) is not None


def _is_joined(meaning: Meaning, module: Module, node: ast.Name) -> bool:
    """``np.concatenate(rows)`` of a list of arrays, the same if they are one array already."""
    call = _call_of(module, node)
    joins = ("numpy.concatenate", "numpy.hstack")
    return (
        call is not None
        and meaning.full(module, call.func) in joins
        and len(call.args) == 1
        and not call.keywords
    )


def _is_measured(meaning: Meaning, module: Module, node: ast.Name) -> bool:
    """``len(rows)``"""
    call = _call_of(module, node)
    return call is not None and meaning.full(module, call.func) == "builtins.len"


def _call_of(module: Module, node: ast.AST) -> ast.Call | None:
    above = next(iter(module.ancestors(node)))
    return above if isinstance(above, ast.Call) and node in above.args else None


def _constructor(meaning: Meaning, module: Module, node: ast.Name) -> ast.Call | None:
    """The call that makes a matrix of triplets of which the list is a part: ``((data, (rows, cols)))``."""
    call = next((one for one in module.ancestors(node) if not isinstance(one, ast.Tuple | ast.List)), None)
    if not isinstance(call, ast.Call) or meaning.full(module, call.func) not in _MATRICES:
        return None
    if len(call.args) != 1 or any(word.arg not in ("shape", "dtype") for word in call.keywords):
        return None
    match call.args[0]:
        case ast.Tuple(elts=[data, ast.Tuple(elts=[rows, columns]) | ast.List(elts=[rows, columns])]):
            return call if node in (data, rows, columns) else None
    return None


def _is_shared(meaning: Meaning, module: Module, node: ast.Name) -> bool:
    """May what is made of the list go on with an array itself, where it had copied the list?"""
    call = _call_of(module, node)
    if call is not None and meaning.full(module, call.func) == "numpy.array":
        return False
    made = _constructor(meaning, module, node)
    if made is None or "coo" not in meaning.full(module, made.func):
        return made is None
    attribute, converted = _above(module, made, 2)
    is_converted = isinstance(attribute, ast.Attribute) and attribute.attr in _COPIES
    return not (is_converted and isinstance(converted, ast.Call))


def _is_repeated(module: Module, node: ast.AST, block: Sequence[ast.stmt]) -> bool:
    """Is it read several times, or later?"""
    for above in module.ancestors(node):
        if isinstance(above, (*_REPEATS, ast.Lambda)):
            return True
        if above in block:
            return False
    return True


def made_alone(
    meaning: Meaning, module: Module, loop: ast.stmt, names: Sequence[str], pieces: Collection[str] = ()
) -> dict[str, ast.Assign]:
    """Those of some lists that can be arrays, with what has made them until now."""
    pairs = (
        (name, creation_of(meaning, module, loop, name, pieces=name in pieces))
        for name in names
        if name.isidentifier()
    )
    return {name: creation for name, creation in pairs if creation is not None}


def needless(module: Module, made: Mapping[str, ast.Assign]) -> Iterator[ast.Assign]:
    """The statements that did nothing but make lists, with lines of their own."""
    for creation in dict.fromkeys(made.values()):
        names = {node.id for node in ast.walk(creation) if isinstance(node, ast.Name)}
        first, last = creation.lineno, creation.end_lineno or creation.lineno
        has_comment = any("#" in line for line in module.lines[first - 1 : last])
        siblings = len(_block(module, creation))
        if names <= set(made) and owns_lines(module, [creation]) and not has_comment and siblings > 1:
            yield creation


def written_last(appended: Mapping[int, Appended], name: str, lines: Sequence[str]) -> list[Appended]:
    """What stands in the lines still: those of a loop are written anew until they fit."""
    return [
        one
        for number, one in sorted(appended.items())
        if number < len(lines)
        and lines[number].lstrip() == f"{name}.append(({one.value}, {one.mask or 'True'}))"
    ]


def gathered_together(
    lists: Mapping[str, Sequence[Appended]], lines: Sequence[str], name: str
) -> dict[int, list[str]] | None:
    """The lines in place of those that append to several lists, as one line for each round of them.

    None if the lists do not grow side by side, on the same conditions, of values that stay meanwhile.
    """
    columns = list(lists.values())
    if len({len(column) for column in columns}) > 1:
        return None
    found: dict[int, list[str]] = {}
    for parts in zip(*columns, strict=True):
        ordered = sorted(parts, key=lambda one: one.line)
        first, last = ordered[0].line, ordered[-1].line
        leads = {len(lines[one.line]) - len(lines[one.line].lstrip()) for one in parts}
        if len(leads) > 1 or len({one.mask for one in parts}) > 1:
            return None
        between = [
            lines[number] for number in range(first, last) if number not in {one.line for one in parts}
        ]
        if any(not _is_name_alone(line, lines[first]) for line in between):
            return None
        bound = {line.partition("=")[0].strip() for line in between}
        if any(bound & reads(ast.parse(one.value)) and one is not ordered[-1] for one in ordered):
            return None
        lead = lines[last][: len(lines[last]) - len(lines[last].lstrip())]
        found |= {one.line: [] for one in parts}
        values = ", ".join(one.value for one in parts)
        found[last] = [f"{lead}{name}.append(({values}, {parts[0].mask or 'True'}))"]
    return found


def _is_name_alone(line: str, first: str) -> bool:
    """Does a line bind one name, in the same block?"""
    lead = len(first) - len(first.lstrip())
    if len(line) - len(line.lstrip()) != lead:
        return False
    if line.rstrip().endswith(":"):
        return False
    match ast.parse(line.strip()).body:
        case [ast.Assign(targets=[ast.Name()])]:
            return True
    return False
