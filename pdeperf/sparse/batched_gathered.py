"""What many Python objects hold, each for itself, as one array."""

import ast

from pdeperf.sparse.batched_lookups import Lookups
from pdeperf.sparse.batched_texts import text_of_each, texts_of_each
from pdeperf.sparse.batched_values import Objects, Value, is_number, made
from pdeperf.sparse.written import Additions

OF_EACH = '''
def of_each(items, shape, dtype):
    """Items of one shape as one array, along its first axis, which has that shape even if there are none."""
    array = {numpy}.array(items) if items else {numpy}.empty((0, *shape), dtype)
    return array.astype(dtype, casting="same_kind", copy=False)
'''


def gathered(write: Lookups, added: Additions, subject: str, items: str) -> Value | None:
    """Items, all seen under one subject, as an array; None if they were not of one kind and shape."""
    kinds = write.seen(subject, "type")
    if kinds == {"str"}:
        return texts_of_each(write, items)
    shape: tuple[int, ...] = ()
    is_row = False
    if kinds == {"numpy.ndarray"}:
        shapes, numbers = write.seen(subject, "shape"), write.seen(subject, "dtype")
        if len(shapes) != 1 or len(write.seen(subject, "ndim")) != 1:
            return None
        shape = tuple(int(one) for one in next(iter(shapes)).split("x"))
        numbers = frozenset(f"numpy.{one}" for one in numbers)
    elif kinds and all(map(is_number, kinds)):
        numbers = kinds
    elif kinds and all(kind.startswith(("list[", "tuple[")) for kind in kinds):
        lengths, numbers, is_row = write.seen(subject, "length"), write.seen(f"{subject}[]", "type"), True
        if len(lengths) != 1:
            return None
        shape = (int(float(next(iter(lengths)))),)
    else:
        return None
    if numbers and all(one.startswith(("int", "numpy.int")) for one in numbers):
        dtype = "int"
    elif numbers and all(one.startswith(("int", "float", "numpy.float64", "numpy.int")) for one in numbers):
        dtype = "float"
    else:
        return None
    node = made(f"{added.definition(OF_EACH)}({items}, {shape}, {dtype})")
    is_plain = any(not one.startswith("numpy.") for one in numbers) if kinds != {"numpy.ndarray"} else False
    return Value(node, len(shape), True, is_plain=is_plain, is_row=is_row)


def of_dict(write: Lookups, base: ast.expr, index: ast.expr) -> Value | None:
    """``nodes[n]`` of a dict, for the number or the text of each element; None of all else."""
    table = ast.unparse(base)
    root = table.partition(".")[0]
    if write.seen(table, "type") != {"dict"} or root in {*write.names, *write.own}:
        return None
    if write.added is None or write.is_unasked or any(one.startswith(table) for one in write.stored):
        return None
    subject = f"{table}{{}}"
    kinds = write.seen(subject, "type")
    if write.stores_numbers and kinds == {"numpy.ndarray"}:
        return None  # it may be a part of what is stored into
    number = text_of_each(write, index) or write.value(index)
    if not number.varies or number.rank != 0 or number.is_list:
        return None
    key = "one" if root == "key" else "key"
    keys = ast.unparse(made("X.tolist()", X=number.node))
    if kinds == {"dict"}:
        return None if write.is_partial else _dicts(write, write.added, table, key, keys)
    if not write.is_partial:
        return gathered(write, write.added, subject, f"[{table}[{key}] for {key} in {keys}]")
    nothing = _nothing(write, subject)
    if not nothing:
        return None
    asked = ast.unparse(made("X.tolist()", X=made(f"({write.asked})")))
    items = f"[{table}[{key}] if wanted else {nothing} for {key}, wanted in zip({keys}, {asked})]"
    return None if root == "wanted" else gathered(write, write.added, subject, items)


def _nothing(write: Lookups, subject: str) -> str:
    """What stands for the item of a dict that nobody asks for; empty if that is not known."""
    kinds = write.seen(subject, "type")
    if kinds and all(map(is_number, kinds)):
        return "0"
    lengths = write.seen(subject, "length")
    if kinds and all(kind.startswith(("list[", "tuple[")) for kind in kinds) and len(lengths) == 1:
        return f"{int(float(next(iter(lengths)))) * (0,)}"
    return ""


def _dicts(write: Lookups, added: Additions, table: str, key: str, keys: str) -> Value | None:
    """A dict of each element, ``materials[tag]``, of which every one was seen to have the same keys."""
    seen = write.seen(f"{table}{{}}", "keys")
    names = ast.literal_eval(next(iter(seen))) if len(seen) == 1 else []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    found = []
    for name in names:
        own = f"[{name!r}]"
        each = gathered(write, added, f"{table}{{}}{own}", f"[{table}[{key}]{own} for {key} in {keys}]")
        if each is not None:
            found.append((own, each))
    items = made(f"[{table}[{key}] for {key} in {keys}]")
    return Value(items, None, True, objects=Objects("dict", tuple(found)))
