"""From the user's statements to statements over plain names only.

``self.u[i, j]``, ``p["dx"]`` and ``scheme == "upwind"`` become the names ``u``, ``dx`` and
``scheme_is_upwind``, which are arguments of the kernel; calls of the user's own functions become
calls of their compiled forms. Each replacement is kept twice: in a copy of the syntax tree, which
the analyses read, and as an edit of the text, which the kernel is printed from.
"""

import ast
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pdeperf.kernel.absent import chosen, decided, without_absent
from pdeperf.kernel.array_stores import Stores
from pdeperf.kernel.calls_before import with_calls_before
from pdeperf.kernel.draws import kind_of_draw
from pdeperf.kernel.extremes import EXTREMES
from pdeperf.kernel.few_things import find_turns, folded_out, with_copies
from pdeperf.kernel.few_things import written_out as written_in_turns
from pdeperf.kernel.given_back import taken, untaken
from pdeperf.kernel.kinds import INT, UNKNOWN, Kind, infer
from pdeperf.kernel.library_calls import LibraryCalls
from pdeperf.kernel.list_making import appended, made_lists
from pdeperf.kernel.nested_loops import Axis, axes, counts_down, kept_range, nest_edits, walked_text
from pdeperf.kernel.numbers_of_arrays import walked_as_numbers
from pdeperf.kernel.observed import Seen
from pdeperf.kernel.paths import CalleeUse as CalleeUse
from pdeperf.kernel.paths import Problem as Problem
from pdeperf.kernel.put_off import computed_first
from pdeperf.kernel.syntax import along_axis, is_flat, minus_one, shallow, spoken, unstarred
from pdeperf.kernel.unrolled import turns, written_out
from pdeperf.kernel.vocabulary import (
    ARRAY_METHODS,
    COPIES,
    LIBRARY,
    ROUND,
    qualified,
    result_kind,
)
from pdeperf.source.edits import Edit, apply, extent, replace, segment

_ASKED = frozenset(("builtins.all", "builtins.any"))
_FOLDS = frozenset(("builtins.sum", "builtins.max", "builtins.min"))


@dataclass(slots=True)
class Lowering(LibraryCalls):
    """The lowering of one run of statements of one scope, as it grows."""

    array_stores: Stores = field(default_factory=dict)

    def statements(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Lowered copies of statements."""
        self.lists = made_lists(statements)
        find_turns(statements, self)
        self.find_elements(statements)
        lowered = [self.statement(statement) for statement in statements]
        untaken(lowered, self)
        return lowered

    def statement(self, node: ast.stmt) -> ast.stmt:
        """A lowered copy of a statement."""
        if self.is_forgotten(node):
            return ast.copy_location(ast.Pass(), node)
        if isinstance(node, ast.Return) and self.leaves:
            self.exits.append(node)
            return ast.copy_location(ast.Return(value=None), node)
        made = written_in_turns(node, self) or self.objects_statement(node) or self.rows_statement(node)
        if made is not None:
            return made
        if (
            isinstance(node, ast.If)
            and (left := decided(node, self) or without_absent(node, self)) is not None
        ):
            return left
        if isinstance(node, ast.Raise):
            return self._raise(node)
        if isinstance(node, ast.Try):
            return self._try(node)
        if isinstance(node, ast.For) and (source := counts_down(node, self.module, self.scope)):
            return self._downward(node, source)
        if isinstance(node, ast.For) and (asked := kept_range(node.iter, self)):
            return self._over_range(node, node.iter, asked)
        if isinstance(node, ast.For) and (nest := axes(node, self.module, self.scope)):
            return self._nest(node, nest)
        if isinstance(node, ast.For) and (values := walked_text(node, self)):
            return self._counted(node, values)
        fresh = shallow(node)
        for name, value in ast.iter_fields(node):
            if name == "annotation":
                continue  # of a local variable: never evaluated
            if isinstance(value, ast.expr):
                setattr(fresh, name, self.expression(value))
            elif isinstance(value, list):
                setattr(fresh, name, [self._part(part) for part in value])
        first = computed_first(node, fresh, self)
        fresh = with_calls_before(node, taken(node, fresh, self), self)
        test = ast.copy_location(ast.Constant(True), node)
        return ast.copy_location(ast.If(test=test, body=[*first, fresh], orelse=[]), node) if first else fresh

    def _try(self, node: ast.Try) -> ast.stmt:
        """A branch of which the condition is found when the kinds of numbers are known."""
        body = [self.statement(part) for part in node.body]
        handled = [self.statement(part) for part in node.handlers[0].body] if node.handlers else []
        branch = ast.copy_location(ast.If(test=ast.Constant(True), body=body, orelse=handled), node)
        ast.copy_location(branch.test, node)
        self.tries.append((node, branch))
        return branch

    def _downward(self, loop: ast.For, source: ast.Call) -> ast.stmt:
        """The same loop with a range that counts down."""
        texts = [self.lowered_text(argument) for argument in source.args]
        low, high = ("0", texts[0]) if len(texts) == 1 else (texts[0], texts[1])
        return self._counted(loop, f"range({minus_one(high)}, {minus_one(low)}, -1)")

    def _over_range(self, loop: ast.For, source: ast.expr, asked: Sequence[str]) -> ast.stmt:
        """``for i in interior``, a range that was made before."""
        text = self.canonical(ast.unparse(source))
        stem = text.rpartition(".")[2].strip("_")
        ends = (self.name_of(f"{text}.{end}", Seen(INT), f"{stem}_{end}") for end in asked)
        return self._counted(loop, f"range({', '.join(ends)})")

    def _counted(self, loop: ast.For, text: str) -> ast.stmt:
        """The same loop over a range, or over numbers written out."""
        source = loop.iter
        self.edits.append(replace(self.module, source, text))
        fresh = shallow(loop)
        fresh.target = self.expression(loop.target)
        fresh.iter = ast.parse(text, mode="eval").body
        for part in ast.walk(fresh.iter):
            if isinstance(part, ast.expr):
                ast.copy_location(part, source)
        fresh.body = [self.statement(part) for part in loop.body]
        fresh.orelse = [self.statement(part) for part in loop.orelse]
        return fresh

    def _nest(self, loop: ast.For, nest: Sequence[Axis]) -> ast.stmt:
        """A loop over several counters, written as a nest."""
        count = len(self.edits)
        fresh = shallow(loop)
        assert isinstance(loop.iter, ast.Call)
        call = fresh.iter = shallow(loop.iter)
        call.args = [self.expression(unstarred(argument)) for argument in loop.iter.args]
        self.edits[count:] = []
        made = nest_edits(loop, self.module, [axis.header(self.lowered_text) for axis in nest])
        if not made:
            self.problem(loop, "the loop shares its line with other code", "put it on lines of its own")
        self.edits.extend(made)
        fresh.target = self.expression(loop.target)
        fresh.body = [self.statement(part) for part in loop.body]
        return fresh

    def lowered_text(self, node: ast.expr, lower: Callable[[ast.expr], ast.expr] | None = None) -> str:
        """An expression's text with its own edits done, which are taken back."""
        count = len(self.edits)
        (lower or self.expression)(node)
        inner, self.edits[count:] = self.edits[count:], []
        start, end = extent(self.module, node)
        inner = [edit for edit in with_copies(inner, self) if start <= edit.start and edit.end <= end]
        return apply(
            self.module.text[start:end], [Edit(e.start - start, e.end - start, e.text) for e in inner]
        )

    def _raise(self, node: ast.Raise) -> ast.stmt:
        """An exception with a fixed text: what the user's text is made of besides values."""
        call = node.exc
        if not isinstance(call, ast.Call):
            return node  # the class alone, or what is no kernel's anyway
        if len(call.args) == 1 and not isinstance(call.args[0], ast.Constant):
            words = [
                part.value
                for part in ast.walk(call.args[0])
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
            text = " ".join(word.strip() for word in words if word.strip()) or f"line {node.lineno}"
            fixed = ast.copy_location(ast.Constant(text), call.args[0])
            self.edits.append(replace(self.module, call.args[0], json.dumps(text)))
            exc = ast.copy_location(ast.Call(func=call.func, args=[fixed], keywords=[]), call)
            return ast.copy_location(ast.Raise(exc=exc, cause=None), node)
        if not all(isinstance(argument, ast.Constant) for argument in call.args):
            self.problem(node, "an exception with values")
        return node

    def _part(self, part: object) -> object:
        if isinstance(part, ast.stmt):
            return self.statement(part)
        return self.expression(part) if isinstance(part, ast.expr) else part

    def expression(self, node: ast.expr) -> ast.expr:
        """A lowered copy of an expression."""
        if isinstance(node, ast.Attribute) and self.is_property_of_element(node):
            return self._property(node)
        if (made := self.of_element(node)) is not None:
            return made
        match node:
            case ast.Constant() | ast.UnaryOp() | ast.BinOp() if self.is_put_in(node):
                text = ast.unparse(node)
                text = text if isinstance(node, ast.Constant) else f"({text})"
                self.edits.append(replace(self.module, node, text))
                return node
            case ast.Call():
                return self._call(node)
            case ast.Compare():
                return self.compared(node)
            case ast.IfExp() if (value := chosen(node, self)) is not None:
                return value
            case ast.Name(ctx=ast.Load()):
                return self.name(node)
            case ast.Attribute(ctx=ast.Load()) if self.is_property(node):
                return self._property(node)
            case ast.Attribute() | ast.Subscript():
                return self.access(node)
            case ast.Lambda() | ast.JoinedStr() | ast.Dict() | ast.Set() | ast.Await() | ast.Yield():
                self.problem(node, f"{spoken(node)} cannot be compiled")
                return node
            case ast.ListComp(generators=[_]):
                return self.list_of(node)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp() | ast.NamedExpr():
                self.problem(node, f"{spoken(node)} cannot be compiled")
                return node
            case ast.Starred():
                self.problem(node, "a starred expression cannot be compiled")
                return node
            case _:
                return self.children(node)

    def is_put_in(self, node: ast.expr) -> bool:
        """Does a number or a text stand where a loop that is written out has a name?"""
        return bool(self.turned) and segment(self.module, node) in self.turned

    def children(self, node: ast.expr) -> ast.expr:
        fresh = shallow(node)
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                setattr(fresh, name, self.expression(value))
            elif isinstance(value, list):
                setattr(fresh, name, [self._part(part) for part in value])
        return fresh

    def _call(self, node: ast.Call) -> ast.expr:
        full = qualified(node.func, self.module, self.scope, self.function_of(node.func))
        if full == "builtins.len" and len(node.args) == 1 and (home := self.list_class(node.args[0])):
            return self.length_of(node, node.args[0], home)
        if full in ROUND and len(node.args) == 1 and not node.keywords:
            return self.rounded(node)
        if full in COPIES and len(node.args) == 1 and not node.keywords and self.is_array(node.args[0]):
            return self.copied(node)
        if full == "numpy.clip":
            return self.clipped(node)
        if (source := walked_as_numbers(node, full, self)) is not None:
            return self.numbers_of(node, source)
        if full in _ASKED and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            self.note_library(node.func, "builtins.sum")
            return self.asked_of_all(node, full)
        if full in LIBRARY:
            if full.startswith("numpy.") and along_axis(node, full.rpartition(".")[2], 1):
                self.problem(node, f"it calls {full} along an axis, which Numba lacks")
                return node
            self.note_library(node.func, full)
            if full in _FOLDS and node.args and (made := folded_out(node, full, self)) is not None:
                return made
            fresh = shallow(node)
            if (
                full in EXTREMES
                and len(node.args) == 1
                and not isinstance(node.args[0], ast.List | ast.Tuple)
            ):
                return self.extreme(node, full)
            if full in _FOLDS and len(node.args) == 1:
                fresh.args = self.folded(full, node.args[0])
                return fresh
            fresh.args = [self.expression(argument) for argument in node.args]
            fresh.keywords = [
                ast.keyword(arg=keyword.arg, value=self.element_type(node, keyword.value))
                if keyword.arg == "dtype"
                else ast.keyword(arg=keyword.arg, value=self.expression(keyword.value))
                for keyword in node.keywords
            ]
            return fresh
        if full == "builtins.tuple" and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            found = turns(node.args[0], self.module, self.scope)
            if found:
                return written_out(node, node.args[0], found, self)
        if full == "builtins.print":
            return self.printing(node)
        if self.draws(node, full):
            return self.draw(node, full)
        if full:
            self.problem(node, f"it calls {full}, which a compiled kernel cannot do the same way")
            return node
        if self.is_of_element(node.func):
            return self._user_call(node)
        if appended(node) in self.lists and isinstance(node.func, ast.Attribute):
            fresh = shallow(node)
            fresh.func = shallow(node.func)
            fresh.args = [self.expression(argument) for argument in node.args]
            return fresh
        if (made := self.dotted(node)) is not None:
            return made
        if isinstance(node.func, ast.Attribute) and self.is_array(node.func.value):
            if (
                node.func.attr not in ARRAY_METHODS
                and id(node) not in self._flat
                and not self.is_flattened(node)
            ):
                self.problem(node, f"it calls the array method `{node.func.attr}`")
                return node
            if along_axis(node, node.func.attr, 0):
                self.problem(
                    node, f"it calls the array method `{node.func.attr}` along an axis, which Numba lacks"
                )
                return node
            self.library.add(f"numpy.{node.func.attr}")
            fresh = shallow(node)
            receiver = shallow(node.func)
            receiver.value = self.expression(node.func.value)
            fresh.func = receiver
            fresh.args = [self.expression(argument) for argument in node.args]
            return fresh
        return self._user_call(node)

    def _user_call(self, node: ast.Call) -> ast.expr:
        use = self.resolve(node, self)
        if isinstance(use, Problem):
            self.problems.append(use)
            return node
        fresh = shallow(node)
        fresh.func = ast.copy_location(ast.Name(id=use.name, ctx=ast.Load()), node.func)
        if use.keeps_name:
            self.note_import(node.func)
        elif segment(self.module, node.func) != use.name:
            self.edits.append(replace(self.module, node.func, use.name))
        kept = [one for at, one in enumerate(node.args) if at not in use.dropped]
        words = [word for word in node.keywords if word.arg not in use.dropped]
        # A flat view that only a function sees, which has its element type and one dimension.
        self._flat |= {id(argument) for argument in kept if is_flat(argument)}
        if use.dropped:
            at = self.module.text.index("(", extent(self.module, node.func)[1]) + 1
            texts = [*use.extras, *use.leading, *(self.lowered_text(one, self.given) for one in kept)]
            texts += [f"{word.arg}={self.lowered_text(word.value, self.given)}" for word in words]
            written = Edit(at, extent(self.module, node)[1] - 1, ", ".join(texts))
        elif first := (*use.extras, *use.leading):
            at = self.module.text.index("(", replace(self.module, node.func, "").end) + 1
            tail = ", " if node.args or node.keywords else ""
            self.edits.append(Edit(at, at, ", ".join(first) + tail))
        count = len(self.edits)
        extras: list[ast.expr] = [
            ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node) for name in use.extras
        ]
        extras += [ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node) for name in use.leading]
        fresh.args = extras + [self.given(argument) for argument in kept]
        fresh.keywords = [ast.keyword(arg=word.arg, value=self.given(word.value)) for word in words]
        if use.dropped:
            self.edits[count:] = [written]
        self.uses[id(fresh)] = use
        if use.changes:
            self.changing.add(id(fresh))
        return fresh

    def _property(self, node: ast.Attribute) -> ast.expr:
        """A property read, ``self.dx``: a method called without arguments."""
        call = ast.copy_location(ast.Call(func=node, args=[], keywords=[]), node)
        use = self.resolve(call, self)
        if isinstance(use, Problem):
            self.problem(node, f"`{ast.unparse(node)}` is a property: {use.reason}", use.advice)
            return node
        if use.changes:
            self.problem(node, f"`{ast.unparse(node)}` is a property that changes `{use.changes[0][0]}`")
        given_names = (*use.extras, *use.leading)
        self.edits.append(replace(self.module, node, f"{use.name}({', '.join(given_names)})"))
        name = ast.copy_location(ast.Name(id=use.name, ctx=ast.Load()), node)
        given: list[ast.expr] = [
            ast.copy_location(ast.Name(id=extra, ctx=ast.Load()), node) for extra in given_names
        ]
        fresh = ast.copy_location(ast.Call(func=name, args=given, keywords=[]), node)
        self.uses[id(fresh)] = use
        return fresh

    def call_kind(self, node: ast.Call, arguments: list[Kind]) -> Kind:
        """Kind of what a lowered call returns."""
        if id(node) in self.uses:
            return self.uses[id(node)].result
        full = qualified(node.func, self.module, self.scope, self.function_of(node.func))
        if full:
            return result_kind(full, node, arguments)
        if isinstance(node.func, ast.Attribute):
            receiver = infer(node.func.value, self.kinds, self.call_kind)
            if receiver.base == "generator":
                return kind_of_draw(node.func.attr)
            if node.func.attr == "copy":
                return receiver
            if node.func.attr == "tolist":
                return Kind("list", receiver.dtype, receiver.ndim)
            if node.func.attr in ("ravel", "flatten"):
                return Kind("array", receiver.dtype, 1)
            return result_kind(
                f"numpy.{node.func.attr}", ast.Call(node.func, [node.func.value], []), [receiver]
            )
        return UNKNOWN
