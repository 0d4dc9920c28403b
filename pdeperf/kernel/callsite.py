"""What stands in the script where a region stood: the call of its kernel."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from pdeperf.kernel.columns import COLUMN_TYPES, DICTS, columns_of, part_of
from pdeperf.kernel.draws import OF_PYTHON, is_stream, kept_by, source_of
from pdeperf.kernel.kinds import FLOAT, Kind
from pdeperf.kernel.outline import Kernel
from pdeperf.kernel.paths import is_column
from pdeperf.kernel.row_lists import MIXED, rows_of
from pdeperf.kernel.tuple_columns import tuple_places
from pdeperf.source.edits import Edit, apply, indentation, lines_extent, segment
from pdeperf.source.scopes import Scope

WIDTH = 100


def wrapped(head: str, parts: Sequence[str], tail: str, indent: str) -> str:
    """A call or a def on one line, or with its arguments broken over lines."""
    line = f"{indent}{head}({', '.join(parts)}){tail}"
    if len(line) <= WIDTH:
        return line + "\n"
    rows, row = [], ""
    for part in parts:
        if row and len(indent) + 4 + len(row) + len(part) + 2 > WIDTH:
            rows.append(row.rstrip())
            row = ""
        row += part + ", "
    rows.append(row.rstrip())
    inner = "\n".join(f"{indent}    {text}" for text in rows)
    return f"{indent}{head}(\n{inner}\n{indent}){tail}\n"


def lists_of(kernel: Kernel) -> list[str]:
    """Arguments that are lists at the call site."""
    return [
        name
        for name in kernel.arguments
        if kernel.kinds.get(name, Kind("")).base == "list"
        and name not in kernel.arrays
        and not is_column(kernel.lowering.sources.get(name, ""))
    ]


def conditions(kernel: Kernel) -> list[str]:
    """Under what a kernel may be called in place of the original."""
    return [
        *kernel.guards,
        *(guard.text for guard in kernel.type_guards),
        *_object_guards(kernel),
        *_tuple_guards(kernel),
        *_list_guards(kernel, lists_of(kernel)),
    ]


def call_site(
    choices: Sequence[tuple[Kernel, str]], numpy_name: str = "np", within: Sequence[Edit] = ()
) -> str:
    """What stands where the region stood: a call, or a choice between calls and the original.

    ``within`` are edits of the original.
    """
    module, statements = choices[0][0].module, choices[0][0].statements
    indent = indentation(module, statements[0])
    deeper = "\t" if indent.endswith("\t") else "    "
    text = ""
    guarded = True
    for kernel, name in choices:
        guards = conditions(kernel)
        guarded = bool(guards)
        if not guarded:
            text = _call(kernel, name, indent, deeper)
            break
        text += _condition(f"{indent}{'elif' if text else 'if'} ", guards, indent)
        text += _call(kernel, name, indent + deeper, deeper)
    if numpy_name != "np":
        text = re.sub(r"(?<![\w.])np\.", f"{numpy_name}.", text)
    if not guarded:
        return text
    start, end = lines_extent(module, statements)
    mine = [edit for edit in within if start <= edit.start and edit.end <= end]
    kept = apply(module.text[start:end], [Edit(e.start - start, e.end - start, e.text) for e in mine])
    rows = kept.splitlines(keepends=True)
    inner = (  # tabs, which others may follow, stay in front
        (indent if row.startswith(indent) else "") + deeper + row.removeprefix(indent) for row in rows
    )
    kept = "".join(new if row.strip() else row for new, row in zip(inner, rows, strict=True))
    return f"{text}{indent}else:\n{kept}"


def _condition(head: str, guards: Sequence[str], indent: str) -> str:
    line = f"{head}{' and '.join(guards)}:\n"
    if len(line) <= WIDTH:
        return line
    return (
        f"{head}(\n"
        + "".join(
            f"{indent}    {'and ' if index else ''}{guard}\n".replace("\n        ", f"\n{indent}        ")
            for index, guard in enumerate(guards)
        )
        + f"{indent}):\n"
    )


def _call(kernel: Kernel, name: str, inner: str, deeper: str) -> str:
    """The call of a kernel, lists turned into arrays and back around it."""
    sources = kernel.lowering.sources
    lists = lists_of(kernel)
    columns = [name for names in columns_of(kernel.lowering).values() for name in names.values()]
    restores = kernel.restores and not kernel.stored.isdisjoint((*lists, *columns))
    called = inner + deeper if restores else inner
    before, after = _columns(kernel, inner, deeper)[0], ""
    back = _columns(kernel, called, deeper)[1]
    for rows, names in rows_of(sources).items():
        before += f"{inner}{', '.join(names)} = map(np.array, zip(*{rows}))\n"
    passed: list[str] = []
    for argument in kernel.arguments:
        text = sources.get(argument, argument)
        if text.startswith(OF_PYTHON.split("{}")[0]) and is_stream(text):
            stream = argument + "_" * (argument in kernel.scope.binds)
            before += f"{inner}{stream} = {text}\n"
            after += f"{inner}continue_stream({source_of(text)[0]}, {stream})\n"
            passed.append(stream)
            continue
        if keep := kept_by(text):
            before += f"{inner}{argument} = {text}\n"
            after += f"{inner}{keep}({source_of(text)[0]}, {argument})\n"
            passed.append(argument)
            continue
        if is_column(text):
            passed.append(argument)
            continue
        if argument not in lists:
            passed.append(text)
            continue
        array = _unused(f"{re.sub(r'[^0-9A-Za-z]+', '_', text).strip('_')}_array", kernel)
        array += "_" * passed.count(array)
        kind = kernel.kinds[argument]
        dtype = "bool_" if kind.dtype == "bool" else kind.dtype
        before += f"{inner}{array} = np.array({text}, dtype=np.{dtype})\n"
        if argument in kernel.stored:
            back += _list_back(text, array, kind.ndim, kernel, called, deeper)
        passed.append(array)
    last = {name: _unused(f"last_{name}", kernel) for name in kernel.late}
    results = [last.get(result, sources.get(result, result)) for result in kernel.results]
    exits = kernel.lowering.exits
    ended = _unused("ended", kernel)
    head = f"{', '.join([ended] * bool(exits) + results)} = {name}" if results or exits else name
    made = dict(_numpy_results(kernel))
    if not exits and len(results) == 1 and results[0] in made:
        call = wrapped(f"{results[0]} = np.{made[results[0]]}({name}", passed, ")", called)
        return before + (f"{inner}try:\n{call}{inner}finally:\n" if restores else call) + back + after
    for late, condition in kernel.late.items():
        number = made.pop(late, "")
        value = f"np.{number}({last[late]})" if number else last[late]
        run = condition.runs
        if condition.is_changed:
            run = _unused(f"binds_{late}", kernel)
            before += f"{inner}{run} = {condition.runs}\n"
        after += f"{inner}if {run}:\n{inner}{deeper}{late} = {value}\n"
    for text, number in made.items():
        after += f"{inner}{text} = np.{number}({text})\n"
    for code, node in enumerate(exits, 1):
        value = f" {segment(kernel.module, node.value)}" if node.value is not None else ""
        after += f"{inner}if {ended} == {code}:\n{inner}{deeper}return{value}\n"
    call = wrapped(head, passed, "", called)
    return before + (f"{inner}try:\n{call}{inner}finally:\n" if restores else call) + back + after


def _list_back(text: str, array: str, ndim: int, kernel: Kernel, inner: str, deeper: str) -> str:
    """Lines that put what stands in an array into the list that it was made of."""
    if ndim == 1:
        return f"{inner}{text}[:] = {array}.tolist()\n"
    row, values, plane, planes = (_unused(name, kernel) for name in ("row", "values", "plane", "planes"))
    if ndim == 2:
        return (
            f"{inner}for {row}, {values} in zip({text}, {array}.tolist()):\n"
            f"{inner}{deeper}{row}[:] = {values}\n"
        )
    return (
        f"{inner}for {plane}, {planes} in zip({text}, {array}.tolist()):\n"
        f"{inner}{deeper}for {row}, {values} in zip({plane}, {planes}):\n"
        f"{inner}{deeper}{deeper}{row}[:] = {values}\n"
    )


def _unused(name: str, kernel: Kernel) -> str:
    """A name for the call site that stands for nothing else there."""
    scope: Scope | None = kernel.scope
    taken: set[str] = set(kernel.lowering.sources)
    while scope is not None:
        taken |= scope.binds
        scope = scope.parent
    while name in taken:
        name += "_"
    return name


def _object_guards(kernel: Kernel) -> Iterator[str]:
    """Conditions under which the attributes of objects may be copied to arrays."""
    for objects, columns in columns_of(kernel.lowering).items():
        home = kernel.lowering.list_class(ast.parse(objects, mode="eval").body).rpartition(":")[2]
        words: dict[str, list[str]] = {}
        vectors: dict[int, list[str]] = {}
        tuples: dict[tuple[int, str], list[str]] = {}
        path = kernel.lowering.list_class(ast.parse(objects, mode="eval").body)
        for attribute, name in columns.items():
            if size := path != DICTS and kernel.lowering.components(path, attribute):
                vectors.setdefault(size, []).append(attribute)
            elif kernel.kinds[name].ndim == 2:
                found = tuple_places(path, attribute, kernel.lowering.observed)
                tuples.setdefault((found[0] if found else 0, kernel.kinds[name].dtype), []).append(attribute)
            else:
                words.setdefault(COLUMN_TYPES[kernel.kinds[name].dtype], []).append(attribute)
        told = "".join(f', {kind}="{" ".join(attributes)}"' for kind, attributes in words.items())
        if path == DICTS:
            told = re.sub(r"\['|'\]", "", told)
            yield f"are_dicts({objects}{told})"
        else:
            yield f"are_objects({objects}, {home}{told})"
        sources = kernel.lowering.sources
        others = [
            sources.get(name, name)
            for name in kernel.arguments
            if kernel.kinds.get(name, Kind("")).is_array and not is_column(sources.get(name, ""))
        ]
        for size, attributes in vectors.items():
            parts = [objects, f'"{" ".join(attributes)}"', str(size), *others]
            yield f"are_vectors({', '.join(parts)})"
        for (size, dtype), attributes in tuples.items():
            yield f'are_tuples({objects}, "{" ".join(attributes)}", {size}, {COLUMN_TYPES[dtype]})'


def _tuple_guards(kernel: Kernel) -> Iterator[str]:
    """Conditions under which the places in tuples may be copied to arrays."""
    types = {"float64": "float", "int64": "int", "bool": "bool", "npfloat": "np.float64"}
    for rows, names in rows_of(kernel.lowering.sources).items():
        each = [types[kernel.kinds[name].dtype] for name in names]
        mixed = [
            (one := kernel.lowering.seen.get(name)) is not None and one.elements == MIXED for name in names
        ]
        if any(mixed):
            each = [
                f"(float, {types['npfloat']})" if both else f"({one},)"
                for one, both in zip(each, mixed, strict=True)
            ]
        yield f"are_rows{'_of' * any(mixed)}({rows}, {', '.join(each)})"


def _columns(kernel: Kernel, inner: str, deeper: str) -> tuple[str, str]:
    """Lines that copy the attributes of objects to arrays, and those that were stored back."""
    before, after = "", ""
    each, values = (_unused(name, kernel) for name in ("each", "values"))
    for objects, columns in columns_of(kernel.lowering).items():
        for attribute, name in columns.items():
            dtype = kernel.kinds[name].dtype
            dtype = {"bool": "bool_", "npfloat": "float64"}.get(dtype, dtype)
            part = part_of(each, attribute)
            made = f"np.array([{part} for {each} in {objects}], dtype=np.{dtype})"
            before += f"{inner}{name} = {made}\n"
        stored = {attribute: name for attribute, name in columns.items() if name in kernel.stored}
        if stored:
            kinds = kernel.kinds
            is_vector = {attribute: kinds[name].is_array for attribute, name in stored.items()}
            anew = {attribute for attribute in stored if attribute in kernel.lowering.anew}
            columns_back = (
                f"map(np.copy, {name})"
                if is_vector[attribute] and attribute in anew
                else name
                if is_vector[attribute] or kinds[name].dtype == "npfloat"
                else f"{name}.tolist()"
                for attribute, name in stored.items()
            )
            lists = [objects, *columns_back]
            after += wrapped(f"for {each}, *{values} in zip", lists, ":", inner)
            targets = ", ".join(
                f"{part_of(each, attribute)}{'[:]' * (is_vector[attribute] and attribute not in anew)}"
                for attribute in stored
            )
            after += f"{inner}{deeper}{targets}{',' * (len(stored) == 1)} = {values}\n"
    return before, after


def _list_guards(kernel: Kernel, lists: Sequence[str]) -> list[str]:
    """Conditions under which copies of lists mean the same as the lists themselves."""
    if not lists:
        return []
    source = {name: kernel.lowering.sources.get(name, name) for name in lists}
    return [*_element_guards(kernel, source), *_row_guards(kernel, lists, source)]


def _element_guards(kernel: Kernel, source: Mapping[str, str]) -> Iterator[str]:
    """Conditions under which arrays hold the lists' elements as they are."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, text in source.items():
        groups.setdefault(_element_types(kernel, name), []).append(f"list_types({text})")
    for types, calls in groups.items():
        yield f"{' | '.join(calls)} <= {{{', '.join(types)}}}"


def _element_types(kernel: Kernel, name: str) -> tuple[str, ...]:
    seen = kernel.lowering.seen.get(name)
    names = seen.elements if seen is not None else frozenset[str]()
    written = {"numpy.float64": "np.float64", "float": "float", "int": "int", "bool": "bool"}
    written["complex"] = "complex"
    default = {"int64": "int", "bool": "bool", "complex128": "complex"}.get(kernel.kinds[name].dtype, "float")
    return tuple(text for one, text in written.items() if one in names) or (default,)


def _row_guards(kernel: Kernel, lists: Sequence[str], source: Mapping[str, str]) -> list[str]:
    """Conditions under which no list is another one or has a row twice."""
    if not any(name in kernel.stored for name in lists):
        return []
    if len(lists) == 1 and kernel.kinds[lists[0]].ndim == 1:
        return []
    if all(kernel.kinds[name].ndim == 1 for name in lists):
        names = list(source)
        return [
            f"{source[one]} is not {source[other]}"
            for index, one in enumerate(names)
            for other in names[index + 1 :]
            if one in kernel.stored or other in kernel.stored
        ]
    rows, counts = [], []
    for name in lists:
        text, ndim = source[name], kernel.kinds[name].ndim
        rows.append({1: text, 2: f"*{text}"}.get(ndim, f"*(row for plane in {text} for row in plane)"))
        counts.append({1: "1", 2: f"len({text})"}.get(ndim, f"sum(map(len, {text}))"))
    # A row that stands in two places is one list, but would be two rows of an array.
    return [f"len({{id(row) for row in ({', '.join(rows)},)}}) == {' + '.join(counts)}"]


def needs_numpy(kernel: Kernel) -> bool:
    """Does the call site use NumPy by its short name?"""
    guarded = any("np." in guard.text for guard in kernel.type_guards)
    guarded = guarded or any(is_stream(text) for text in kernel.lowering.sources.values())
    guarded = guarded or bool(columns_of(kernel.lowering) or rows_of(kernel.lowering.sources))
    return guarded or bool(lists_of(kernel)) or any(True for _ in _numpy_results(kernel))


def _numpy_results(kernel: Kernel) -> Iterator[tuple[str, str]]:
    """Results that were NumPy numbers, come back as Python's, and are used where that shows.

    A NumPy number prints as ``np.float64(0.5)`` in a list, has methods, and divides by zero; one of
    single precision keeps what is computed from it at that.
    """
    inside = {id(node) for part in kernel.statements for node in ast.walk(part)}
    inside -= {id(node) for part in kernel.lowering.exits for node in ast.walk(part)}
    for name in kernel.results:
        base = kernel.kinds.get(name, Kind("")).base
        source = kernel.lowering.sources.get(name, name)
        if base == "f32":
            yield source, "float32"
            continue
        if base not in ("npfloat", "number", "npint"):
            continue
        seen = kernel.lowering.look(source)
        if base == "number" and seen is not None and seen.kind == FLOAT:
            continue  # a Python number whenever it was looked at
        if base == "npint" and any(kind.dtype == "int32" for kind in kernel.kinds.values()):
            continue
        uses = [
            node
            for node in kernel.module.nodes
            if id(node) not in inside
            and isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
            and isinstance(node.ctx, ast.Load)
            and _may_be(node, source)
        ]
        is_asked = any(source in guard.paths and ".float64" in guard.text for guard in kernel.type_guards)
        if is_asked or any(_shows(kernel, use) for use in uses):
            yield source, "int64" if base == "npint" else "float64"


def _may_be(node: ast.expr, source: str) -> bool:
    """May it be what an access path stands for? Things in lists have other names too."""
    if not re.search(r"\[\d+\]", source):
        return ast.unparse(node) == source
    path = ast.parse(source, mode="eval").body
    if isinstance(node, ast.Attribute) and isinstance(path, ast.Attribute):
        return node.attr == path.attr
    if isinstance(node, ast.Subscript) and isinstance(path, ast.Subscript):
        return ast.dump(node.slice) == ast.dump(path.slice) or not isinstance(node.slice, ast.Constant)
    return False


def _shows(kernel: Kernel, use: ast.expr) -> bool:
    """Can the script tell a NumPy number from a Python one where it uses it so?"""
    parent = kernel.module.parents.get(use)
    match parent:
        case ast.Call(func=ast.Name(id="print" | "abs" | "float" | "range" | "round")) | ast.Compare():
            return False
        case ast.BinOp(op=ast.Div() | ast.Mod() | ast.FloorDiv() | ast.Pow(), right=right):
            return right is use
        case ast.BinOp() | ast.FormattedValue() | ast.AugAssign() | ast.If() | ast.While():
            return False
        case _:
            return True
