"""The user's functions of one element, written anew for all elements at once."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.lifetimes.sharing import passed
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.scopes import FUNCTIONS, parameters
from pdeperf.sparse.batched_calls import library
from pdeperf.sparse.batched_comments import comments_at
from pdeperf.sparse.batched_expressions import Expressions
from pdeperf.sparse.batched_iteration import listed
from pdeperf.sparse.batched_objects import is_method_of, with_objects
from pdeperf.sparse.batched_solves import is_by_factors, with_one_matrix
from pdeperf.sparse.batched_statements import Statements
from pdeperf.sparse.batched_tables import functions_of
from pdeperf.sparse.batched_texts import text_of_each
from pdeperf.sparse.batched_values import Guard, NotAtOnce, Value, made
from pdeperf.sparse.functions_given import function_given, is_parameter, may_be_another, numbers_of_the_file
from pdeperf.sparse.written import Additions

_Flags = tuple[str, int | None, bool, bool, bool, bool, str]
_Key = tuple[ast.AST, tuple[_Flags, ...], bool]


@dataclass(slots=True)
class Functions:
    """Writes functions, each once for each kind of arguments.

    Attributes
    ----------
    texts
        The definitions, in the order in which they call one another.
    replaced
        The user's functions in whose place they are called.
    """

    added: Additions
    texts: list[str] = field(default_factory=list)
    replaced: list[tuple[Module, ast.FunctionDef]] = field(default_factory=list)
    _known: dict[_Key, tuple[str, Value]] = field(default_factory=dict)
    _open: list[ast.AST] = field(default_factory=list)
    _closed_over: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _guards: dict[str, str] = field(default_factory=dict)

    def call(self, write: Expressions, node: ast.Call) -> Value:
        """The call of one of the user's functions."""
        if several := functions_of(write, node.func):
            return self._one_of(write, node, several)
        if is_by_factors(write, node):
            return with_one_matrix(write, node, node.func, None, node.args[0])
        text = ast.unparse(node.func)
        if is_parameter(write.meaning, write.module, node):
            function = function_given(write.meaning, write.module, node)
            functions = [(write.module, function)] if function is not None else []
        else:
            functions = write.meaning.called(write.module, node) or []
        if len(functions) != 1:
            raise NotAtOnce(f"it is not known what `{text}` runs")
        home, function = functions[0]
        given = {name: _given(write, argument) for name, argument in passed(node, function)}
        if any(one.ragged is not None for one in given.values()):
            raise NotAtOnce(f"`{text}` is given a list that is longer for some elements")
        if home is not write.module or None in given:
            raise NotAtOnce(f"`{text}` is given its arguments otherwise than one by one")
        if isinstance(function, ast.Lambda):
            return self._lambda(write, node, function, given)
        is_read = node not in home.parents  # a property, which no call stands for
        is_same = not any(value.varies for value in given.values())
        is_kernel = isinstance(function, ast.FunctionDef) and is_same and _is_kernel(write, home, function)
        is_decorated = isinstance(function, ast.FunctionDef) and function.decorator_list and not is_read
        if not isinstance(function, ast.FunctionDef) or (is_decorated and not is_kernel):
            raise NotAtOnce(f"`{text}` is no plain function")
        if may_be_another(write.meaning, home, function):
            raise NotAtOnce(f"`{text}` is bound anew")
        arguments = [_given(write, argument).node for argument in node.args]
        keywords = [ast.keyword(one.arg, _given(write, one.value).node) for one in node.keywords]
        parent = home.parents.get(function)
        is_beside = isinstance(parent, FUNCTIONS) and self._sees(write, node, parent)
        if is_beside and (inside := self._within(write, function, given)) is not None:
            return inside
        if is_same and not _has_owner(write, node):
            return self._as_it_is(write, node, function, given if is_kernel else {})
        if function in self._open:
            raise NotAtOnce(f"`{text}` calls itself")
        is_method = isinstance(node.func, ast.Attribute)
        if is_method:
            assert isinstance(node.func, ast.Attribute)
            owner = node.func.value
            while isinstance(owner, ast.Attribute):
                owner = owner.value
            plain = isinstance(parent, ast.ClassDef) and isinstance(owner, ast.Name)
            each = write.names.get(owner.id) if isinstance(owner, ast.Name) else None
            each = write.value(node.func.value) if each is not None else None
            if each is not None and each.objects is not None:
                plain = plain and is_method_of(write, function, each.objects.kind)
                given[function.args.args[0].arg] = each
                arguments.insert(0, each.node)
            elif each is not None:
                plain = False
            else:
                arguments.insert(0, node.func.value)
            if not plain:
                raise NotAtOnce(f"`{text}` is no plain method")
        elif not isinstance(parent, ast.Module) and not self._sees(write, node, parent):
            raise NotAtOnce(f"`{text}` is a function within another")
        known = {name: value for name, value in given.items() if name is not None}
        name, returned = self._written(write, function, known, home)
        if name == function.name:
            assert not any(value.objects for value in known.values())
            call = ast.Call(node.func, arguments[1:] if is_method else arguments, keywords)
        else:
            more = self._around(write, name, function)
            keywords = [*keywords, *(ast.keyword(one, ast.Name(one, ast.Load())) for one in more)]
            if name in self._guards:
                keywords.append(ast.keyword(self._guards[name], made(write.asked)))
            call = ast.Call(ast.Name(name, ast.Load()), arguments, keywords)
        return replace(returned, node=call)

    def _sees(self, write: Expressions, node: ast.Call, parent: ast.AST | None) -> bool:
        """Do the names around a function within another mean the same where it is called?"""
        home = write.meaning.home(write.module, node)
        is_beside = self._open[-1:] == [home] and write.module.parents.get(home) is parent
        return home is parent or is_beside

    def _around(self, write: Expressions, name: str, function: ast.FunctionDef) -> tuple[str, ...]:
        """Names of the function around that a function within it reads: it is given them."""
        names = self._closed_over.get(name, ())
        if bound := {*names} & {*write.own, *write.names}:
            raise NotAtOnce(f"`{function.name}` reads `{min(bound)}`, which the elements bind")
        return names

    def _within(
        self, write: Expressions, function: ast.FunctionDef, given: dict[str | None, Value]
    ) -> Value | None:
        """What a function within the function of the loop returns: its expression, in the call's place."""
        match [one for one in function.body if not _is_text(one)]:
            case [ast.Return(value=ast.expr() as value)] if len(given) == len(parameters(function)):
                names = {name: one for name, one in given.items() if name is not None}
                return replace(write, names=write.names | names, at=(function, *write.at)).value(value)
        return None

    def _as_it_is(
        self,
        write: Expressions,
        node: ast.Call,
        function: ast.FunctionDef,
        given: Mapping[str | None, Value],
    ) -> Value:
        """The same arguments for all elements: the function itself, if it gives one number or array.

        What a kernel is given was not seen in it.
        """
        names = [one.arg for one in function.args.args]
        if any(isinstance(one, ast.Raise | ast.Assert) for one in ast.walk(function)):
            raise NotAtOnce(f"`{function.name}` raises errors, and may be called for no element")
        inner = _expressions(write, function, "0", self)
        for name in names:
            try:
                inner.names[name] = (
                    replace(given[name].named(name), is_fresh=False)
                    if name in given
                    else inner.observed_as(ast.Name(name, ast.Load()), name)
                )
            except NotAtOnce:
                if name != "self":
                    raise
        block = Statements(inner, changed_names(function), set(names) | writes(function), is_same=True)
        returned = block.function(function.body)
        if returned is None or returned.varies:
            raise NotAtOnce(f"`{function.name}` returns nothing")
        return replace(_as_returned(returned), node=node)

    def _written(
        self, write: Expressions, function: ast.FunctionDef, given: dict[str, Value], home: Module
    ) -> tuple[str, Value]:
        flags = tuple(
            (
                name,
                one.rank,
                one.varies,
                one.is_plain,
                one.is_row,
                one.is_text,
                one.objects.kind if one.objects else "",
            )
            for name, one in sorted(given.items())
        )
        key = (function, flags, write.is_partial)
        if key in self._known:
            return self._known[key]
        arguments = function.args
        if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs:
            raise NotAtOnce(f"`{function.name}` takes any number of arguments")
        if not all(isinstance(one, ast.Constant) for one in arguments.defaults):
            raise NotAtOnce(f"`{function.name}` has defaults that are computed")
        first = next(name for name, one in given.items() if one.varies)
        count = f"len({first}[0])" if given[first].is_list else f"len({first})"
        has_objects = any(one.objects for one in given.values())
        renamed = {name: name for name in given}
        if has_objects and "self" in given:
            held = given["self"].node
            used = {one.id for one in ast.walk(function) if isinstance(one, ast.Name)} | set(given)
            free = "objects" if "objects" not in used else self.added.name("objects")
            is_free = isinstance(held, ast.Name) and held.id not in used
            renamed["self"] = ast.unparse(held) if is_free else free
            count = count.replace("len(self)", f"len({renamed['self']})")
        inner = _expressions(write, function, count, self)
        inner.is_guarded = write.is_partial
        mentioned = {one.id for one in ast.walk(function) if isinstance(one, ast.Name)} | given.keys()
        if write.is_partial and not write.is_unasked:
            inner.guard = Guard("asked" if "asked" not in mentioned else self.added.name("asked"))
        inner.names = {name: replace(one.named(renamed[name]), is_fresh=False) for name, one in given.items()}
        left = arguments.args[len(arguments.args) - len(arguments.defaults) :]
        for argument, default in zip(left, arguments.defaults, strict=True):
            if argument.arg not in given:
                inner.names[argument.arg] = inner.value(default).named(argument.arg)
        self._open.append(function)
        try:
            block = Statements(inner, changed_names(function), set(inner.names) | writes(function))
            if has_objects:
                with_objects(block, self.added, function)
            returned = block.function(function.body)
        finally:
            self._open.pop()
        if returned is None:
            raise NotAtOnce(f"`{function.name}` does not end with what it returns")
        if first in writes(ast.Module(function.body, [])):
            raise NotAtOnce(f"`{function.name}` binds its parameter anew")
        text = [line for line in map(ast.unparse, function.body) if not line.startswith(("'", '"'))]
        if not has_objects and "\n".join(block.lines) == "\n".join(text).replace("\n\n", "\n"):
            self._known[key] = function.name, _as_returned(returned)
            return self._known[key]
        name = self.added.name(f"{function.name}_of_all")
        self._closed_over[name] = closed = tuple(_closed_over(write, function, block.lines))
        given_more = [ast.arg(one) for one in closed]
        if inner.guard is not None and inner.guard.is_used:
            self._guards[name] = inner.guard.name
            given_more.append(ast.arg(inner.guard.name))
        heading = ast.unparse(
            ast.arguments(
                [], [*arguments.args], None, given_more, [None] * len(given_more), None, arguments.defaults
            )
        )
        if renamed.get("self", "self") != "self":
            heading = renamed["self"] + heading.removeprefix("self")
        head = f"def {name}({heading}):"
        about = f'    """What {function.name} gives for each of many elements, which are the first axis."""'
        notes = comments_at(write.module, block.begun, len(block.lines))
        lines = [line for number, one in enumerate(block.lines) for line in notes.around(number, [one])]
        lines = [head, about, *(f"    {line}" for line in lines)]
        self.texts.append("\n".join(lines) + "\n")
        self.replaced.append((home, function))
        self._known[key] = name, _as_returned(returned)
        return self._known[key]

    def _lambda(
        self, write: Expressions, node: ast.Call, function: ast.Lambda, given: dict[str | None, Value]
    ) -> Value:
        """A function that is one expression: it is called as it is if that is the same for arrays."""
        inner = replace(write, names={}, own=frozenset(), mask="", is_guarded=write.is_partial)
        inner.names = {
            name: Value(made(name), is_plain=True) for name in numbers_of_the_file(write.module, function)
        }
        inner.names |= {name: one.named(name) for name, one in given.items() if name is not None}
        found = inner.value(function.body)
        if found.text != ast.unparse(function.body):
            raise NotAtOnce(f"`{ast.unparse(node.func)}` is written otherwise for arrays")
        call = ast.Call(node.func, [write.value(one).node for one in node.args], [])
        if node.keywords:
            raise NotAtOnce(f"`{ast.unparse(node.func)}` is given names")
        return replace(found, node=call)

    def _one_of(self, write: Expressions, node: ast.Call, functions: Sequence[ast.Lambda]) -> Value:
        """The call of one of several functions, which give the same kind of thing."""
        found: list[Value] = []
        for function in functions:
            names = [one.arg for one in function.args.args]
            if len(names) != len(node.args) or node.keywords:
                raise NotAtOnce(f"`{ast.unparse(node)}` is given its arguments otherwise than one by one")
            given: dict[str | None, Value] = {
                name: write.number(argument) for name, argument in zip(names, node.args, strict=True)
            }
            found.append(self._lambda(write, node, function, given))
        kinds = {(one.rank, one.varies, one.is_list) for one in found}
        if len(kinds) > 1 or found[0].is_list:
            raise NotAtOnce(f"`{ast.unparse(node.func)}` gives things of different kinds")
        plain = any(one.is_plain for one in found)
        return replace(found[0], is_plain=plain, is_fresh=False)


def _closed_over(write: Expressions, function: ast.FunctionDef, lines: Sequence[str]) -> Iterator[str]:
    """Names of the functions around that what is written for a function reads."""
    scope = write.meaning.scope(write.module, function)
    read = {node.id for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.Name)}
    for name in sorted(read):
        owner = scope.resolve(name)
        if owner is not None and not owner.is_module and owner.node is not function:
            yield name


def _given(write: Expressions, argument: ast.expr) -> Value:
    """What a function is given: a number, an array, an object or a text."""
    return text_of_each(write, argument) or write.value(argument)


def _is_kernel(write: Expressions, home: Module, function: ast.FunctionDef) -> bool:
    """Is a function compiled by Numba, and nothing else done with it?"""
    decorators = [one.func if isinstance(one, ast.Call) else one for one in function.decorator_list]
    return bool(decorators) and all(write.meaning.full(home, one) == "numba.njit" for one in decorators)


def _has_owner(write: Expressions, node: ast.Call) -> bool:
    """Is it a method of something that differs between the elements?"""
    owner = node.func
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    known = write.names.get(owner.id) if isinstance(owner, ast.Name) else None
    return known is not None and known.objects is not None


def _expressions(
    write: Expressions, function: ast.FunctionDef, count: str, functions: Functions
) -> Expressions:
    return Expressions(
        meaning=write.meaning,
        module=write.module,
        numpy=write.numpy,
        at=(function,),
        count=count,
        stored=write.stored,
        stores_numbers=write.stores_numbers,
        own=writes(ast.Module(function.body, [])),
        called=functions.call,
        library=library,
        listed=listed,
        added=functions.added,
    )


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _as_returned(value: Value) -> Value:
    """A value without the names that a function knew it by."""
    parts = tuple(_as_returned(part) for part in value.parts) if value.parts is not None else None
    return replace(value, parts=parts, node=ast.Constant(0))


def changed_names(scope: ast.AST) -> frozenset[str]:
    """Names of lists and arrays that some statement changes in place."""
    return frozenset(_changed(scope))


def _changed(scope: ast.AST) -> Iterator[str]:
    for node in ast.walk(scope):
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                yield name
            case ast.AugAssign(target=ast.Name(id=name)):
                yield name
            case _ if isinstance(node, FUNCTIONS) and node is not scope:
                raise NotAtOnce("a function holds another")
