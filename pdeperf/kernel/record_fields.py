"""Named tuples, small classes and dicts of numbers as plain tuples: ``w[0]`` for ``w.rho``, ``w["rho"]``.

Kernels take tuples as they are. A class goes, in the whole file, if each of its objects is only ever asked
for its fields, handed on or stored in lists: nobody can tell then that it was no tuple. Where one is
printed, an object is made again.
"""

import ast
from dataclasses import dataclass, field

from pdeperf.kernel.record_changes import StaysError, check_changes, check_class
from pdeperf.kernel.record_keys import check_key, places_walked
from pdeperf.kernel.record_makers import Record
from pdeperf.kernel.records import OTHER, Key, Parts, Records, RecordTypes, Type, is_whole
from pdeperf.kernel.rendering import Rendering
from pdeperf.kernel.vocabulary import COPIES, qualified
from pdeperf.source.scopes import FUNCTIONS, scope_of

_SHOWS = frozenset("print str repr format".split())
_READS_TUPLES = frozenset("tuple list sum max min len zip enumerate sorted".split())
_LIBRARIES = ("numpy.", "math.", "statistics.", "matplotlib.")
_OF_LISTS = frozenset("len list enumerate zip reversed range".split())


@dataclass(slots=True)
class Fields:
    """One file whose named records become plain tuples.

    Attributes
    ----------
    rendering
        What is written for each expression.
    changed
        Classes of which a field is stored in an element of a list.
    """

    types: RecordTypes
    rendering: Rendering
    changed: set[Record] = field(default_factory=set)
    whole: list[tuple[Record, ast.expr]] = field(default_factory=list)

    def write(self) -> None:
        """Look at every expression.

        Raises
        ------
        StaysError
            If one cannot be written for tuples.
        """
        for node in self.types.module.nodes:
            if isinstance(node, ast.Name):
                check_class(node, self.types)
            if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                match self.types.of(node):
                    case Record(maker=maker) as found if maker:
                        self._made(node, found)
                        self._use(node, self.types.module.parents[node], found)
                    case Records(of=Record(maker=maker) as found) if maker:
                        self._list(node, self.types.module.parents[node], found)
                    case Parts(types=types):
                        self._parts(node, types)
                    case Key(is_one=True) as key:
                        check_key(node, key, self.types)
            walked = (
                places_walked(node, self.types) if isinstance(node, ast.For | ast.comprehension) else None
            )
            if isinstance(node, ast.For | ast.comprehension) and walked is not None:
                self._put(node.iter, f"range({walked})")
        for found in self.changed:
            check_changes(found, [node for one, node in self.whole if one == found], self.types)

    # ---- what makes records

    def _made(self, node: ast.expr, found: Record) -> None:
        """What makes a record makes a tuple."""
        match node:
            case ast.Call(func=ast.Name(id=name)) if name == found.maker:
                self._put(node, lambda: self._constructed(node, found))
                if any(isinstance(one, ast.Starred) for one in node.args):
                    if len(node.args) > 1 or node.keywords:
                        raise StaysError(found, "an argument is starred")
                elif None in (given := self._given(node, found)) or len(given) != found.width:
                    raise StaysError(found, f"`{name}` is given something else")
            case ast.Dict():
                texts = [one.value for one in node.keys if isinstance(one, ast.Constant)]
                calls = any(isinstance(one, ast.Call) for one in ast.walk(node))
                if texts != [*found.fields] and calls:
                    raise StaysError(found, "keys stand in several orders")
                values = [node.values[texts.index(name)] for name in found.fields]
                self._put(node, lambda: self._tuple(values))
            case ast.DictComp():
                self._put(node, lambda: self._written_out(node))
            case ast.List():
                self._put(node, lambda: f"({self.rendering.within(node)[1:-1]})")
            case ast.ListComp():
                self._put(node, lambda: f"tuple({self.rendering.within(node)[1:-1]})")
            case ast.BinOp(left=ast.List(elts=[value])):
                self._put(node, lambda: self._tuple([value] * found.width))
            case ast.Subscript(value=base, slice=ast.Slice()):
                self._put(node, lambda: self.rendering.text(base))
            case ast.Call(func=ast.Attribute(value=base, attr="copy"), args=[]):
                self._put(node, lambda: self.rendering.text(base))
            case ast.Call(args=[base]) if not self.types.function_called(node):
                self._put(node, lambda: self.rendering.text(base))

    def _put(self, node: ast.expr, text: object) -> None:
        self.rendering.made[id(node)] = text  # type: ignore[assignment]

    def _given(self, call: ast.Call, found: Record) -> list[ast.expr | str | None]:
        """What each field is given by a call."""
        words = {word.arg: word.value for word in call.keywords}
        names = [word.arg for word in call.keywords]
        in_order = [name for name in found.fields if name in names]
        if (in_order != names and any(isinstance(one, ast.Call) for one in words.values())) or None in words:
            return [None]
        missing = dict(zip(found.fields[::-1], found.defaults[::-1], strict=False))
        rest = found.fields[len(call.args) :]
        if not set(words) <= set(rest):
            return [None]
        return [*call.args, *(words.get(name, missing.get(name)) for name in rest)]

    def _constructed(self, call: ast.expr, found: Record) -> str:
        assert isinstance(call, ast.Call)
        match call.args:
            case [ast.Starred(value=ast.Tuple() as value)]:
                return self.rendering.text(value)
            case [ast.Starred(value=value)]:
                return f"tuple{self._in_brackets(value)}"
        parts = [
            one if isinstance(one, str) else self.rendering.text(one)
            for one in self._given(call, found)
            if one
        ]
        text = "".join(parts)
        if "\n" in text or len(text) > 90:
            indent = " " * (self._column(call) + 4)
            return "(\n" + "".join(f"{indent}{part},\n" for part in parts) + f"{indent[4:]})"
        return f"({', '.join(parts)})"

    def _column(self, node: ast.expr) -> int:
        line = self.types.module.lines[node.lineno - 1]
        return len(line) - len(line.lstrip())

    def _in_brackets(self, node: ast.expr) -> str:
        text = self.rendering.text(node)
        return text if text.startswith("(") and isinstance(node, ast.GeneratorExp) else f"({text})"

    def _tuple(self, values: list[ast.expr]) -> str:
        return f"({', '.join(self.rendering.text(one) for one in values)})"

    def _written_out(self, node: ast.DictComp) -> str:
        """``{k: f(a[k]) for k in keys}`` by places."""
        part = node.generators[0]
        source = self.types.element(part.iter)
        assert isinstance(source, Key)
        target = self.rendering.text(part.target)
        return f"tuple({self.rendering.text(node.value)} for {target} in range({len(source.fields)}))"

    # ---- what is done with them

    def _use(self, node: ast.expr, above: ast.AST, found: Record) -> None:
        match above:
            case ast.Attribute(value=value, attr=name) if value is node:
                self._field(above, name, found)
            case ast.Subscript(value=value, slice=index) if value is node:
                self._entry(above, index, found)
            case ast.Assign(targets=targets):
                for target in targets:
                    self._bound(target, found)
            case ast.AnnAssign(target=target) | ast.NamedExpr(target=target):
                self._bound(target, found)
                if isinstance(above, ast.NamedExpr) and self.types.of(above) != found:
                    raise StaysError(found, "it is bound within an expression")
            case ast.Return():
                function = next(
                    one for one in self.types.module.ancestors(above) if isinstance(one, FUNCTIONS)
                )
                self._expect(self.types.types.get(self.types.slot("result", function, "")), found)
            case ast.Call(func=func) if func is not node:
                self._given_to(node, above, found)
            case ast.keyword(arg=str(word)):
                call = self.types.module.parents[above]
                assert isinstance(call, ast.Call)
                self._given_to(node, call, found, word)
            case ast.Tuple() | ast.List() | ast.ListComp() | ast.IfExp():
                if isinstance(above, ast.IfExp) and above.test is node:
                    raise StaysError(found, "it is tested")
                if isinstance(above, ast.ListComp) and above.elt is not node:
                    raise StaysError(found, "it is walked")
                self._expect(self.types.of(above), found)
            case ast.For(iter=source) | ast.comprehension(iter=source) if source is node:
                if not found.is_tuple and found.maker != "{}":
                    raise StaysError(found, "it is walked")
            case ast.FormattedValue():
                self._show(node, found)
            case ast.Starred() if found.is_tuple:
                pass
            case ast.GeneratorExp() if found.is_tuple and above.elt is node:
                pass
            case ast.Expr():
                pass
            case _:
                raise StaysError(found, f"`{ast.unparse(node)[:40]}` is used as a whole")
        if isinstance(node, ast.Subscript | ast.Name | ast.Attribute) and not isinstance(
            above, ast.Attribute | ast.Subscript
        ):
            self.whole.append((found, node))

    def _expect(self, known: Type, found: Record) -> None:
        match known:
            case Records(of=of) if of == found:
                return
            case Parts():
                return
        if known != found:
            raise StaysError(found, "it meets something else")

    def _bound(self, target: ast.expr, found: Record) -> None:
        match target:
            case ast.Name() | ast.Attribute():
                slot = self.types.slot_of(target)
                self._expect(self.types.types.get(slot) if slot is not None else OTHER, found)
            case ast.Tuple() | ast.List():
                if not found.is_tuple or any(not isinstance(one, ast.Name) for one in target.elts):
                    raise StaysError(found, "it is unpacked")
            case ast.Subscript(value=base):
                if self.types.of(base) != Records(found):
                    raise StaysError(found, f"it is stored in `{ast.unparse(base)[:40]}`")
            case _:
                raise StaysError(found, "it is bound in a way that is not followed")

    def _field(self, part: ast.Attribute, name: str, found: Record) -> None:
        is_called = isinstance(self.types.module.parents[part], ast.Call)
        if found.maker in ("{}", "[]") and name == "copy" and is_called:
            return
        if name not in found.fields or found.maker == "{}":
            raise StaysError(found, f"`.{name}` is no field")
        self._place(part, found.fields.index(name), found)

    def _entry(self, part: ast.Subscript, index: ast.expr, found: Record) -> None:
        if found.maker == "[]":
            if isinstance(index, ast.Slice) and not is_whole(index):
                raise StaysError(found, "a part of it is cut out")
            self._stored(part, found)
        elif found.maker != "{}":
            if not found.is_tuple or not isinstance(part.ctx, ast.Load) or isinstance(index, ast.Slice):
                raise StaysError(found, "it is asked by number")
        else:
            self._key(part, index, found)

    def _key(self, part: ast.Subscript, index: ast.expr, found: Record) -> None:
        match index:
            case ast.Constant(value=str(name)) if name in found.fields:
                self._place(part, found.fields.index(name), found)
            case ast.Name() if self.types.of(index) == Key(found.fields, is_one=True):
                self._stored(part, found)
            case _:
                raise StaysError(found, f"`{ast.unparse(index)[:40]}` may be no key of it")

    def _place(self, part: ast.Attribute | ast.Subscript, at: int, found: Record) -> None:
        self._stored(part, found)
        self._put(part, lambda: f"{self.rendering.text(part.value)}[{at}]")

    def _stored(self, part: ast.Attribute | ast.Subscript, found: Record) -> None:
        """A field may be stored in an element of a list, which becomes a row of an array."""
        if isinstance(part.ctx, ast.Load):
            return
        base = part.value
        home = self.types.module.parents[part]
        is_plain = isinstance(home, ast.Assign | ast.AugAssign)
        in_list = isinstance(base, ast.Subscript) and self.types.of(base.value) == Records(found)
        if found.maker not in ("{}", "[]") and found.is_tuple:
            raise StaysError(found, "a tuple never changes")
        if not in_list or not is_plain:
            raise StaysError(found, f"`{ast.unparse(part)[:40]}` changes an object")
        self.changed.add(found)

    def _given_to(self, node: ast.expr, call: ast.Call, found: Record, word: str = "") -> None:
        full = qualified(call.func, self.types.module, scope_of(self.types.module, call))
        name = full.removeprefix("builtins.")
        if name in _SHOWS:
            self._show(node, found)
            return
        if found.is_tuple and (name in _READS_TUPLES or full.startswith(_LIBRARIES)):
            return
        if full in (*COPIES, "copy.deepcopy") or (full in ("builtins.dict", "builtins.len")):
            return
        match call.func:
            case ast.Attribute(value=base, attr="append"):
                self._expect(self.types.of(base), found)
                return
        function = self.types.function_called(call) if not full else None
        if function is None or function.name == "__init__":
            raise StaysError(found, f"`{ast.unparse(call.func)[:40]}` is given it")
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        names = names[isinstance(self.types.module.parents.get(function), ast.ClassDef) :]
        if not word:
            at = call.args.index(node)
            word = names[at] if at < len(names) else ""
        self._expect(self.types.types.get(self.types.slot("name", function, word)), found)

    def _show(self, node: ast.expr, found: Record) -> None:
        """An object is made again where one is printed."""
        made = self.rendering.made.get(id(node))

        def text() -> str:
            inner = self.rendering.within(node) if made is None else made if isinstance(made, str) else made()
            return found.again(inner)

        self._put(node, text)

    def _show_list(self, node: ast.expr, found: Record) -> None:
        row = "row" if ast.unparse(node) != "row" else "one"
        self._put(node, lambda: f"[{found.again(row)} for {row} in {self.rendering.within(node)}]")

    def _list(self, node: ast.expr, above: ast.AST, found: Record) -> None:
        """A list of them is used."""
        same = Records(found)
        match above:
            case ast.Subscript(value=value) if value is node:
                pass
            case ast.Assign(targets=targets):
                for target in targets:
                    if not isinstance(target, ast.Name | ast.Attribute) or self.types.of(target) != same:
                        raise StaysError(found, "a list of them is stored")
            case ast.AnnAssign(target=target) if self.types.of(target) == same:
                pass
            case ast.Return():
                function = next(
                    one for one in self.types.module.ancestors(above) if isinstance(one, FUNCTIONS)
                )
                self._expect(self.types.types.get(self.types.slot("result", function, "")), found)
            case ast.Attribute(attr="append" | "copy"):
                pass
            case ast.Tuple():
                self._expect(self.types.of(above), found)
            case ast.BinOp() | ast.IfExp() if self.types.of(above) == same:
                pass
            case ast.For(iter=source) | ast.comprehension(iter=source) if source is node:
                pass
            case ast.Call(func=func) if func is not node:
                full = qualified(func, self.types.module, scope_of(self.types.module, above))
                name = full.removeprefix("builtins.")
                if name in _OF_LISTS or full in (*COPIES, "copy.deepcopy"):
                    return
                if name in _SHOWS:
                    self._show_list(node, found)
                    return
                called = self.types.function_called(above) if not full else None
                if called is None or called.name == "__init__" or node not in above.args:
                    raise StaysError(found, f"`{ast.unparse(func)[:40]}` is given a list of them")
                names = [one.arg for one in (*called.args.posonlyargs, *called.args.args)]
                at = above.args.index(node) + isinstance(self.types.module.parents.get(called), ast.ClassDef)
                slot = self.types.slot("name", called, names[at] if at < len(names) else "")
                self._expect(self.types.types.get(slot), found)
            case ast.Expr():
                pass
            case _:
                raise StaysError(found, f"`{ast.unparse(node)[:40]}` is used as a whole")

    def _parts(self, node: ast.expr, types: tuple[Type, ...]) -> None:
        """Several together are unpacked, or returned."""
        found = next(
            (
                one.of if isinstance(one, Records) else one
                for one in types
                if (isinstance(one, Record) and one.maker)
                or (isinstance(one, Records) and one.of is not None and one.of.maker)
            ),
            None,
        )
        if not isinstance(found, Record):
            return
        above = self.types.module.parents[node]
        match above:
            case ast.Assign(targets=[ast.Tuple(elts=parts)]) if len(parts) == len(types):
                known = self.types.unpacked(parts, self.types.of(node), node)
                for part, one in zip(parts, known, strict=True):
                    is_name = isinstance(part, ast.Name | ast.Attribute)
                    if one != OTHER and (not is_name or self.types.of(part) != one):
                        raise StaysError(found, "it is unpacked into something else")
            case ast.Return():
                function = next(
                    one for one in self.types.module.ancestors(above) if isinstance(one, FUNCTIONS)
                )
                if self.types.types.get(self.types.slot("result", function, "")) != Parts(types):
                    raise StaysError(found, "it is returned with something else")
            case _:
                raise StaysError(found, "it is put into a tuple")
