"""Functions that other functions make, ``rhs = make_rhs(nu)``, and methods handed around: ``f = self.rhs``.

A function made by another one holds the variables that it captured in cells, of which the values are
arguments of its compiled copy. Which function a name stands for is asked by its code: that of the one that
was seen is one of the constants of the function that makes it.
"""

import ast
import re
from dataclasses import dataclass

from pdeperf.kernel.definitions import Definition
from pdeperf.source import Module
from pdeperf.source.flow import reach
from pdeperf.source.scopes import FUNCTIONS, Scope, own_nodes, parameters, scope_of

_CELL = "{}.__closure__[{}].cell_contents"
CHECKED = re.compile(r"is_made_by\((?P<path>[^,]+), ")
"""How a condition that names a function made by another one begins."""
MADE_TEXT = '''def is_made_by(function, maker, name, captured, place=0, count=1):
    """Is it the function of this name that the maker defines, with these variables of the maker's?"""
    if type(function) is not type(maker):
        return False
    made = [code for code in maker.__code__.co_consts if getattr(code, "co_name", None) == name]
    return len(made) == count and made[place] == function.__code__ and made[place].co_freevars == captured
'''


@dataclass(frozen=True, slots=True)
class Made:
    """A function that another one made, at an access path.

    Attributes
    ----------
    check
        What shows at run time that the path stands for it; empty if nothing does.
    cells
        Captured variables, and the paths of their values.
    trouble
        A variable that may be bound anew while the function is in use.
    own, home
        The variable that is the maker's own object, and its class, where the maker is a method.
    """

    check: str
    cells: tuple[tuple[str, str], ...] = ()
    trouble: str = ""
    own: str = ""
    home: ast.AST | None = None


def is_made(node: Definition, module: Module) -> bool:
    """Is a function defined within another one?"""
    return _maker(node, module) is not None


def made_at(path: str, node: Definition, module: Module) -> Made:
    """What a function made by another one holds."""
    maker = _maker(node, module)
    text = _text_of(maker, module) if maker is not None else ""
    if maker is None or not text or not _place(node, maker):
        return Made("")
    checks: list[str] = []
    found: dict[str, str] = {}
    wanted = [(path, node)]
    while wanted:
        holder, function = wanted.pop()
        captured = _captured(function, module)
        place = _place(function, maker)
        checks.append(f"is_made_by({holder}, {text}, {_name(function)!r}, {(*captured,)!r}{place.rstrip()})")
        for at, (one, owner) in enumerate(captured.items()):
            if one in found:
                continue
            if not _is_settled(one, owner, function, node, module):
                return Made(" and ".join(checks), trouble=one)
            found[one] = _CELL.format(holder, at)
            made = [part for part in own_nodes(owner.node) if _name(part) == one]
            wanted += [(found[one], part) for part in made if isinstance(part, ast.FunctionDef)]
    home = module.parents.get(maker)
    own = parameters(maker)[:1] if isinstance(home, ast.ClassDef) else ()
    return Made(" and ".join(checks), tuple(found.items()), "", "".join(own), home)


def _place(node: Definition, maker: ast.FunctionDef) -> str:
    """Which of the functions of one name it is that a function defines, of how many; empty if unknown."""
    alike = [part for part in own_nodes(maker) if _name(part) == _name(node)]
    if alike == [node]:
        return " "
    in_order = sorted(alike, key=lambda part: (getattr(part, "lineno", 0), getattr(part, "col_offset", 0)))
    plain = all(isinstance(part, ast.FunctionDef) for part in alike)  # statements are compiled in order
    return f", {in_order.index(node)}, {len(alike)}" if plain and node in alike else ""


def bound_cells(node: Definition) -> frozenset[str]:
    """Captured variables that a function binds anew."""
    return frozenset(
        name for part in own_nodes(node) if isinstance(part, ast.Nonlocal) for name in part.names
    )


def method_check(path: str, node: Definition, module: Module) -> str:
    """What shows at run time that a path stands for this method of some object; empty if nothing does."""
    text = _text_of(node, module) if isinstance(node, ast.FunctionDef) else ""
    return f"getattr({path}, '__func__', None) is {text}" if "." in text else ""


def held_depth(condition: str) -> int:
    """How many functions a condition looks into: what they are is asked before what they hold."""
    subject = CHECKED.match(condition)
    parts = [subject["path"]] if subject else condition.split()
    return max((part.count("].cell_contents") + part.count(".__self__") for part in parts), default=0)


def _maker(node: Definition, module: Module) -> ast.FunctionDef | None:
    """The function that a function is defined in."""
    home: ast.AST | None = module.parents.get(node)
    while home is not None and not isinstance(home, (*FUNCTIONS, ast.ClassDef, ast.Module)):
        home = module.parents.get(home)
    return home if isinstance(home, ast.FunctionDef) else None


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Lambda):
        return "<lambda>"
    return node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else ""


def _text_of(function: ast.FunctionDef, module: Module) -> str:
    """How any place of the file reaches a function at its top level, or a method; empty for others."""
    home = module.parents.get(function)
    top = home if isinstance(home, ast.ClassDef) else function
    name = _name(top)
    if (
        function.decorator_list
        or module.parents.get(top) is not module.tree
        or _times_bound(name, module) > 1
    ):
        return ""
    if top is function:
        return name
    same = [part for part in top.body if _name(part) == function.name]
    return f"{name}.{function.name}" if same == [function] else ""


def _times_bound(name: str, module: Module) -> int:
    """How often a file binds a name, in whatever scope."""
    count = 0
    for node in module.nodes:
        match node:
            case ast.Name(id=bound, ctx=ast.Store() | ast.Del()) | ast.arg(arg=bound):
                count += bound == name
            case ast.FunctionDef(name=bound) | ast.ClassDef(name=bound):
                # Methods and attributes of classes are no variables.
                count += bound == name and not isinstance(module.parents.get(node), ast.ClassDef)
            case ast.alias():
                count += name in ((node.asname or node.name).split(".")[0], "*")
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                count += name in names
            case ast.ExceptHandler(name=bound) | ast.MatchAs(name=bound) | ast.MatchStar(name=bound):
                count += bound == name
    return count


def _captured(function: Definition, module: Module) -> dict[str, Scope]:
    """Variables of functions around that a function, or one within it, uses: in the order of its cells."""
    inside: list[ast.AST] = [function]
    for scope in inside:
        inside += [part for part in own_nodes(scope) if isinstance(part, (*FUNCTIONS, ast.ClassDef))]
    found: dict[str, Scope] = {}
    for scope in inside:
        nodes = list(own_nodes(scope))
        turning = (part.target for part in nodes if isinstance(part, ast.comprehension))
        walked = {part.id for target in turning for part in ast.walk(target) if isinstance(part, ast.Name)}
        for name in {part.id for part in nodes if isinstance(part, ast.Name)} - walked:
            owner = scope_of(module, scope).resolve(name)
            if owner is not None and not owner.is_module and owner.node not in inside:
                found[name] = owner
    return dict(sorted(found.items()))


def _is_settled(name: str, owner: Scope, function: Definition, user: Definition, module: Module) -> bool:
    """Has a captured variable its one value for good when a function that captured it is made?

    A variable that only one function binds anew, and nobody else looks at, is as good.
    """
    home = owner.node
    if not isinstance(home, ast.FunctionDef):
        return False
    uses = [part for part in ast.walk(home) if isinstance(part, ast.Name) and part.id == name]
    mine = [part for part in uses if scope_of(module, part).resolve(name) is owner]
    stored = [part for part in mine if not isinstance(part.ctx, ast.Load)]
    made = [part for part in own_nodes(home) if _name(part) == name]
    own = {id(part) for part in ast.walk(function)}
    if any(isinstance(part, ast.Nonlocal) and name in part.names for part in ast.walk(home)):
        outside = [part for part in mine if id(part) not in own]
        first = [part for part in outside if isinstance(part.ctx, ast.Store)]
        alone = outside == first and len(first) + (name in parameters(home)) == 1
        if (
            function is not user
            or name not in bound_cells(function)
            or not alone
            or _is_called_at_home(user, home)
        ):
            return False
        stored = first
    if len(stored) + len(made) + (name in parameters(home)) != 1:
        return False
    at = next(at for at, part in enumerate(home.body) if any(one is function for one in ast.walk(part)))
    return name in parameters(home) or name in reach(home.body[:at]).surely


def _is_called_at_home(function: Definition, home: ast.FunctionDef) -> bool:
    """Does the function that makes another one call it by its name, too?"""
    name = _name(function)
    return any(
        isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == name
        for part in ast.walk(home)
    )
