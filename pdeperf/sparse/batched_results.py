"""What a function that computes all turns of a loop leaves behind: stores made, and what it returns."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from pdeperf.sparse.batched_stores import SET_AND_ADDED, STORED_IN_ORDER, LoopStatements
from pdeperf.sparse.dict_stores import dicts_stored
from pdeperf.sparse.direct_stores import written_directly
from pdeperf.sparse.filling import acts_of
from pdeperf.sparse.triplet_lists import gathered_together, written_last


def direct(block: LoopStatements) -> dict[str, dict[int, list[str]]]:
    """The lines that assign to arrays, by their numbers, where that need not be done in order."""
    found = {}
    for path, known in block.arrays.items():
        numpy, values = block.write.numpy, f"{path.rpartition('.')[2]}_values"
        values = block.fresh(values) if len(known.entries) > 1 else values
        texts = written_directly(path, known, block.lines, block.halves, numpy, values)
        if texts is not None:
            found[path] = texts
    return found


def lists_gathered(
    block: LoopStatements, made: Collection[str]
) -> tuple[dict[str, str], dict[int, list[str]]]:
    """What gathers the stores of each list, and the lines that gather those of several, by their numbers."""
    lists = dict(block.lists)
    if len(made) < 2 or block.by_rows & set(made):
        return lists, {}
    name = block.fresh("stores")
    appended = {path: written_last(block.appended[path], lists[path], block.lines) for path in made}
    together = gathered_together(appended, block.lines, name)
    if together is None:
        return lists, {}
    return lists | dict.fromkeys(made, name), together


def arrays_of_lists(block: LoopStatements, made: Collection[str], lists: Mapping[str, str]) -> Iterator[str]:
    """The arrays in place of lists."""
    if not made:
        return
    in_order = f"{block.added.definition(STORED_IN_ORDER)}({block.write.count}"
    if len(made) > 1 and len({lists[path] for path in made}) == 1:
        yield f"*{in_order}, {lists[next(iter(made))]}, {len(made)})"
        return
    yield from (
        f"[{in_order}, {lists[path]}, 1)[0]]" if path in block.pieces else f"{in_order}, {lists[path]}, 1)[0]"
        for path in made
    )


def ended(block: LoopStatements, direct: Collection[str], made: Collection[str]) -> Iterator[str]:
    """What becomes of the stores that are gathered."""
    write = block.write
    gathered = {path: one for path, one in block.arrays.items() if path not in direct}
    lists = {path: name for path, name in block.lists.items() if path not in made}
    if not (gathered or lists or block.dicts):
        return
    in_order = block.added.definition(STORED_IN_ORDER)
    for path, known in gathered.items():
        parts = (
            block.fresh("places")
            if known.axes == 1
            else ", ".join(block.fresh("places") for _ in range(known.axes))
        )
        values = block.fresh("values")
        if known.is_mixed:
            adds, function = block.fresh("adds"), block.added.definition(SET_AND_ADDED)
            yield f"{parts}, {values}, {adds} = {in_order}({write.count}, {known.name}, {known.axes + 2})"
            places = f"({parts},)" if known.axes == 1 else f"({parts})"
            yield f"{function}({path}, {places}, {values}, {adds}.astype(bool))"
            continue
        yield f"{parts}, {values} = {in_order}({write.count}, {known.name}, {known.axes + 1})"
        index = parts if known.axes == 1 else f"({parts})"
        if known.adds:
            yield f"{write.numpy}.add.at({path}, {index}, {values})"
        else:
            yield f"{path}[{parts}] = {values}"
    yield from dicts_stored(block, in_order)
    for path, name in lists.items():
        yield f"{path}.extend({in_order}({write.count}, {name}, 1)[0].tolist())"


def triplets_of(block: LoopStatements) -> Iterator[str]:
    """What the function gives for each matrix: the rows, columns and values of its stores."""
    if not block.matrices:
        return
    mixed = {filling.path for filling in block.fillings if len(acts_of(filling)) > 1}
    in_order = block.added.definition(STORED_IN_ORDER)
    for path, name in block.matrices.items():
        yield f"{in_order}({block.write.count}, {name}, {4 if path in mixed else 3})"


def without_parentheses(row: str) -> str:
    """One line with its tuples as people write them: ``return a, b`` and ``for a, b in pairs:``."""
    row = re.sub(r"^( *)for \(([^()]+[^,()])\) in ", r"\1for \2 in ", row)
    if not row.lstrip().startswith("return ("):
        return row
    match ast.parse(row.strip()).body:
        case [ast.Return(value=ast.Tuple(elts=[_, _, *_] as parts))]:
            return f"{row[: len(row) - len(row.lstrip())]}return {', '.join(map(ast.unparse, parts))}"
    return row
