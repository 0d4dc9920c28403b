"""What many Python objects hold, each for itself, as one array."""

import ast

from pdeperf.sparse.batched_lookups import Lookups
from pdeperf.sparse.batched_values import Value, is_number, made
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


def texts_of_each(write: Lookups, items: str) -> Value:
    """A text of each element, to be compared with others and looked up."""
    return Value(made(f"{write.numpy}.array({items}, dtype=object)"), 0, True, is_text=True)


def of_dict(write: Lookups, base: ast.expr, index: ast.expr) -> Value | None:
    """``nodes[n]`` of a dict, for the number or the text of each element; None of all else."""
    table = ast.unparse(base)
    root = table.partition(".")[0]
    if write.seen(table, "type") != {"dict"} or root in {*write.names, *write.own}:
        return None
    if write.added is None or write.is_partial or any(one.startswith(table) for one in write.stored):
        return None
    if write.stores_numbers and write.seen(f"{table}{{}}", "type") == {"numpy.ndarray"}:
        return None  # it may be a part of what is stored into
    number = write.text_of_each(index) or write.value(index)
    if not number.varies or number.rank != 0 or number.is_list:
        return None
    key = "one" if root == "key" else "key"
    items = f"[{table}[{key}] for {key} in {ast.unparse(made('X.tolist()', X=number.node))}]"
    return gathered(write, write.added, f"{table}{{}}", items)
