"""Which of the user's functions a call means."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pdeperf.kernel.definitions import (
    Definition,
    is_compiled,
    is_import,
    late_defaults,
    name_of_lambda,
    reads_globals_only,
    self_of,
    single_definition,
)
from pdeperf.kernel.found_functions import Found as Found
from pdeperf.kernel.given_functions import functions_given, given_to, unknown
from pdeperf.kernel.handed_functions import bound_method, handed
from pdeperf.kernel.lowering import Lowering, Problem
from pdeperf.kernel.object_lists import Element
from pdeperf.kernel.observed import Observed
from pdeperf.kernel.paths import is_path, root_name
from pdeperf.kernel.replaced import is_assigned
from pdeperf.source import Module, Project
from pdeperf.source.flow import writes
from pdeperf.source.scopes import parameters, scope_of


@dataclass(slots=True)
class Search:
    """Finds definitions; keeps the names given to those that have none.

    Attributes
    ----------
    hoists
        New names of lambdas that are passed, by the lambda's identity.
    aliases
        Second names of functions that a parameter hides.
    choices, options
        For a callback's name, the function that is meant now, and all that it was seen to be.
    asked
        For each function that is being compiled, the classes that were chosen for it.
    """

    project: Project
    observed: Observed
    home: Module
    taken: frozenset[str]
    hoists: dict[int, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def find(self, call: ast.Call, caller: Lowering) -> Found | Problem:
        func = call.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            other = self.observed.provable.program.module_of(caller.module, caller.scope, func.value.id)
            if other is not None:
                return self._find_in_module(call, func, other, caller)
        if isinstance(func, ast.Attribute):
            return self._find_method(call, func, caller)
        if isinstance(func, ast.Subscript) and is_path(func):
            return self._find_attribute(call, func, caller)
        if not isinstance(func, ast.Name):
            return Problem(call.lineno, f"it calls `{ast.unparse(func)[:40]}`")
        owner = caller.scope.resolve(func.id)
        if owner is not None:
            found = single_definition(func.id, owner.node)
            if found is not None:
                return Found(caller.module, found, func.id)
        if called := self._find_call_of(call, func, caller):
            return called
        if func.id in self.observed.provable.program.classes:
            reason = f"it makes an object of the class `{func.id}`"
            return Problem(call.lineno, reason, "make it before the loop")
        seen = caller.look(func.id)
        chosen, meant = "", caller.canonical(func.id)
        if func.id in caller.meant:
            chosen = caller.meant[func.id]
        elif seen is not None and seen.functions:
            self.options[meant] = seen.functions
            chosen = self.choices.get(meant, seen.functions[0])
        located = self.located(chosen, len(call.args))
        if located is None:
            return unknown(call, func.id, chosen or (seen.function if seen else ""), self.project)
        if method := bound_method(func, located, caller):
            return method
        module, node, name = located
        imported = func.id not in caller.turned and (owner is None or is_import(func.id, owner.node))
        if imported and seen is not None and seen.function:
            return Found(module, node, func.id)
        home = scope_of(caller.module, caller.scope.node).module
        if isinstance(node, ast.Lambda):
            name = name_of_lambda(node, module)
            if not name and module is caller.module and reads_globals_only(node, module):
                hoist = self._hoisted(node, func.id)
                return Found(module, node, func.id, guard=f"{func.id} is {hoist}", hoist=hoist)
        if made := handed(call, func, located, caller, self):
            return made
        if module is not caller.module or name not in home.binds:
            return Problem(
                call.lineno,
                f"`{func.id}` is a function passed as an argument that has no name of its own here",
                "define it with def at top level of this file",
            )
        if single_definition(name, module.tree) is not node:
            return Problem(call.lineno, f"`{func.id}` is a function that is not defined at top level")
        visible = caller.scope.resolve(name)
        if visible is not None and visible.is_module:
            return Found(module, node, name, guard=f"{func.id} is {name}")
        # The parameter hides the function that it is given: compare with another name of it.
        self.aliases.setdefault(name, self._unused(f"{name}_function"))
        return Found(module, node, name, guard=f"{func.id} is {self.aliases[name]}")

    def _find_in_module(
        self, call: ast.Call, func: ast.Attribute, home: Module, caller: Lowering
    ) -> Found | Problem:
        """``grid.flux(a)``: a function at the top level of one of the user's modules."""
        found = single_definition(func.attr, home.tree)
        is_plain = isinstance(found, ast.FunctionDef) and home.parents.get(found) is home.tree
        if found is None or not is_plain or home is caller.module:
            return Problem(
                call.lineno, f"`{ast.unparse(func)}` is not defined by def at top level of {home.file}"
            )
        return Found(home, found, func.attr, module_name=ast.unparse(func.value))

    def _hoisted(self, node: ast.Lambda, stem: str) -> str:
        """The top-level name that a lambda is given."""
        if id(node) not in self.hoists:
            self.hoists[id(node)] = self._unused(f"{stem}_function")
        return self.hoists[id(node)]

    def _unused(self, name: str) -> str:
        while name in self.taken or name in (*self.hoists.values(), *self.aliases.values()):
            name += "_"
        return name

    def located(self, function: str, arguments_count: int = -1) -> tuple[Module, Definition, str] | None:
        """The definition that an observed function came from; None where several could be meant."""
        if function.count(":") < 2:
            return None
        file, line, qualname = function.split(":", 2)
        if file not in self.project:
            return None
        name = qualname.rpartition(".")[2]
        found: list[Definition] = []
        for node in ast.walk(self.project[file].tree):
            if isinstance(node, ast.FunctionDef) and node.name == name:
                lines = {node.lineno, *(part.lineno for part in node.decorator_list)}
                found += [node] if int(line) in lines else []
            elif isinstance(node, ast.Lambda) and name == "<lambda>" and node.lineno == int(line):
                found += [node] if arguments_count in (-1, len(node.args.args)) else []
        return (self.project[file], found[0], name) if len(found) == 1 else None

    def _find_method(self, call: ast.Call, func: ast.Attribute, caller: Lowering) -> Found | Problem:
        if isinstance(func.value, ast.Name) and func.value.id in caller.elements:
            return self._find_method_of_element(call, func, caller.elements[func.value.id], caller)
        receiver = ast.unparse(func.value)
        if receiver == "super()" and caller.scope.resolve("super") is None:
            return self._find_of_super(call, func.attr, caller)
        methods = [
            (module, node, home)
            for module in self.project.modules.values()
            for home in module.nodes
            if isinstance(home, ast.ClassDef)
            for node in home.body
            if isinstance(node, ast.FunctionDef) and node.name == func.attr
        ]
        if not methods:
            return self._find_attribute(call, func, caller)
        home = self._class_meant(func.value, caller)
        if len(methods) > 1 and receiver == self_of(caller):
            own = self._inherited_method(func.attr, caller)
            methods = [found for found in methods if found[1] is own] or methods
        certain = False
        if home and (len(methods) > 1 or caller.is_property(func)):
            meant = caller.method(home, func.attr)
            certain = meant is not None and caller.demand_class(func.value, home)
            methods = [found for found in methods if certain and meant and found[1] is meant[1]] or methods
        owner, program = methods[0][2] if certain else None, self.observed.provable.program
        if len(methods) > 1 or is_assigned(func.attr, owner, program, self.project):
            return Problem(
                call.lineno, f"`{func.attr}` is defined by several classes: which one is meant is not known"
            )
        module, node, _ = methods[0]
        seen = caller.look(ast.unparse(func))
        located = self.located(seen.function if seen else "")
        mine = receiver == self_of(caller) or certain or self._is_class_of(func.value, node, caller)
        if not mine and (located is None or located[1] is not node):
            return Problem(call.lineno, f"`{ast.unparse(func)}` was not seen to be the method `{func.attr}`")
        names = parameters(node)
        decorators = [ast.unparse(part) for part in node.decorator_list]
        if decorators == ["staticmethod"]:
            return Found(module, node, func.attr, receiver=receiver)
        if decorators == ["property"] and not call.args and not isinstance(call.func, ast.Name):
            decorators = []
        if decorators or not names:
            return Problem(call.lineno, f"the method `{func.attr}` is decorated")
        return Found(module, node, func.attr, receiver=receiver, self_name=names[0])

    def _find_of_super(self, call: ast.Call, name: str, caller: Lowering) -> Found | Problem:
        """``super().flux(i)``: the method of the class that a method's own class is derived from."""
        own, program = caller.module.parents.get(caller.scope.node), self.observed.provable.program
        bases = program.ancestry(f"{caller.module.file}:{own.name}") if isinstance(own, ast.ClassDef) else []
        derived = program.derived(bases[0]) if bases else frozenset()
        is_single = all(len(node.bases) < 2 for one in derived for _, node in program.classes[one])
        home = bases[1] if len(bases) > 1 and is_single and bases[0] is own else None
        module = program.classes[home.name][0][0] if home is not None else caller.module
        found = program.method_of(f"{module.file}:{home.name}", name) if home is not None else None
        names = parameters(found[1]) if found is not None else ()
        if (
            found is None
            or found[1].decorator_list
            or not names
            or is_assigned(name, home, program, self.project)
        ):
            return Problem(call.lineno, f"it is not known what `super().{name}` means")
        return Found(*found, name, receiver=self_of(caller), self_name=names[0])

    def _is_class_of(self, node: ast.expr, method: ast.FunctionDef, caller: Lowering) -> bool:
        """Is it the class itself of which a static method is called, ``Tridiagonal.solve(...)``?"""
        homes = self.observed.provable.program.classes.get(node.id, []) if isinstance(node, ast.Name) else []
        owner = caller.scope.resolve(node.id) if isinstance(node, ast.Name) else None
        decorators = [ast.unparse(part) for part in method.decorator_list]
        known = owner is not None and owner.is_module and len(homes) == 1 and method in homes[0][1].body
        return known and decorators == ["staticmethod"]

    def _chosen_class(self, node: ast.expr, caller: Lowering) -> str:
        """The class that is meant now of the several that an object was seen to be of."""
        if not is_path(node) or root_name(node) in caller.own | caller.assigned:
            return ""
        text = ast.unparse(node)
        seen = caller.look(text)
        if seen is None or seen.kind.base != "object" or not seen.classes:
            return ""
        key = f"{caller.canonical(text)}.__class__"
        self.options[key] = seen.classes
        chosen = self.choices.get(key, seen.classes[0])
        for one in self.asked:
            one[key] = chosen
        return chosen

    def is_chosen(self, made_for: Mapping[str, str]) -> bool:
        """Are the classes meant for which a function was made? What calls it is made for them, too."""
        now = {key: self.choices.get(key, self.options.get(key, (one,))[0]) for key, one in made_for.items()}
        if now != made_for:
            return False
        for one in self.asked:
            one.update(made_for)
        return True

    def _class_meant(self, node: ast.expr, caller: Lowering) -> str:
        """The class of an object: the one that is meant now, or the only one that was seen."""
        text = ast.unparse(node)
        key = f"{caller.canonical(text)}.__class__" if is_path(node) else ""
        home = caller.class_of(node)
        if home and key in self.choices:
            home = self.choices[key]
        for one in self.asked if home else ():
            one[key] = home
        return home or self._chosen_class(node, caller)

    def _find_method_of_element(
        self, call: ast.Call, func: ast.Attribute, element: Element, caller: Lowering
    ) -> Found | Problem:
        """``body.kinetic()`` for a body in a list."""
        found = caller.method(element.home, func.attr)
        other = found is not None and found[1].decorator_list and not caller.is_property_of_element(func)
        if found is None or not (names := parameters(found[1])) or other:
            return Problem(call.lineno, f"`{ast.unparse(func)}` is not a plain method")
        return Found(*found, func.attr, elements=((names[0], element),), leading=(element.index,))

    def _inherited_method(self, name: str, caller: Lowering) -> ast.FunctionDef | None:
        """What ``self.name`` means in a method, if its class and all derived from it agree."""
        home = caller.module.parents.get(caller.scope.node)
        program = self.observed.provable.program
        if not isinstance(home, ast.ClassDef) or len(program.classes[home.name]) > 1:
            return None
        derived = program.derived(home)
        for other in derived - {home.name}:
            if any(name in _methods(node) for _, node in program.classes[other]):
                return None
        chain, current = {home.name}, home
        while name not in _methods(current):
            bases = [part.id for part in current.bases if isinstance(part, ast.Name)]
            homes = program.classes.get(bases[0], []) if len(bases) == len(current.bases) == 1 else []
            if len(homes) != 1 or homes[0][1].name in chain:
                return None
            current = homes[0][1]
            chain.add(current.name)
        several = any(len(node.bases) > 1 for one in derived for _, node in program.classes[one])
        return None if several else _methods(current)[name]

    def _find_attribute(
        self, call: ast.Call, func: ast.Attribute | ast.Subscript, caller: Lowering
    ) -> Found | Problem:
        """``self.limiter(a, b)``, ``self.option.payoff(s)``, ``bc["top"](x)``: a function it holds."""
        text = ast.unparse(func)
        nothing = Problem(call.lineno, f"it calls `{text}`")
        if called := self._find_call_of(call, func, caller):
            return called
        seen = caller.look(text) if is_path(func.value) else None
        if seen is None or not seen.functions or root_name(func.value) in caller.assigned:
            return nothing
        self.options[text] = seen.functions
        located = self.located(self.choices.get(text, seen.functions[0]), len(call.args))
        if located is None:
            return nothing
        module, node, name = located
        is_plain = isinstance(node, ast.Lambda) and reads_globals_only(node, module)
        if not is_plain and (found := handed(call, func, located, caller, self)):
            return found
        if isinstance(node, ast.Lambda):
            mine = module is caller.module and reads_globals_only(node, module)
            if not mine or name_of_lambda(node, module):
                return nothing
            stem = func.attr if isinstance(func, ast.Attribute) else re.findall(r"\b[^\W\d]\w*", text)[-1]
            hoist = self._hoisted(node, stem)
            return Found(module, node, stem, guard=f"{text} is {hoist}", hoist=hoist)
        visible = caller.scope.resolve(name)
        if module is not caller.module or visible is None or not visible.is_module:
            return nothing
        if single_definition(name, module.tree) is not node:
            return nothing
        return Found(module, node, name, guard=f"{text} is {name}")

    def _find_call_of(self, call: ast.Call, func: ast.expr, caller: Lowering) -> Found | None:
        """``source(x, y)``, where an object's class defines ``__call__``."""
        home = caller.class_of(func) or self._chosen_class(func, caller)
        found = caller.method(home, "__call__") if home else None
        if found is None or found[1].decorator_list or not caller.demand_class(func, home):
            return None
        names = parameters(found[1])
        name = home.rpartition(":")[2].lower()
        return Found(*found, name, receiver=ast.unparse(func), self_name=names[0]) if names else None

    def with_objects(self, call: ast.Call, found: Found, caller: Lowering) -> Found:
        """The same function, with those of its parameters that are given the caller's objects."""
        if not isinstance(found.node, ast.FunctionDef):
            return found
        given = given_to(call, found)
        changed = frozenset[str]().union(*(writes(part) for part in found.node.body))
        objects: list[tuple[str, str]] = []
        elements = list(found.elements)
        for name, value in given.items():
            if (element := caller.element(value)) and name not in changed:
                elements.append((name, element))
                continue
            seen = self.observed.look(found.module, found.node, name)
            # Text is compared before the loop, not in it; a function is known by its name.
            bases = ("object", "str", "function")
            is_object = seen is not None and seen.kind.base in bases and name not in changed
            if is_object and is_path(value) and root_name(value) not in caller.assigned | caller.own:
                objects.append((name, caller.canonical(ast.unparse(value))))
        meant = ast.unparse(call.func)
        if is_path(call.func) and root_name(call.func) not in caller.assigned | caller.own:
            late = late_defaults(found.node, found.module, self.project)
            late = {} if meant == found.receiver or is_compiled(found.node) else late
            objects += (
                (name, caller.canonical(f"{meant}.__defaults__[{at}]"))
                for name, at in late.items()
                if name not in given.keys() | changed
            )
        named = functions_given(given, found, caller, self)
        named = tuple(one for one in named if one[0] in dict(objects))
        return replace(found, objects=tuple(objects), elements=tuple(elements), given=named)


def _methods(home: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in home.body if isinstance(node, ast.FunctionDef)}
