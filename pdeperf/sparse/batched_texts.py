"""Texts of the elements, ``tag`` and ``kinds[e]``, which are compared with others and looked up."""

import ast

from pdeperf.sparse.batched_lookups import Lookups
from pdeperf.sparse.batched_values import NotAtOnce, Value, made


def are_texts(write: Lookups, text: str) -> bool:
    """Does a name hold a list of texts, or an array of them, that the loop leaves as it is?"""
    if text in write.stored:
        return False
    kinds = write.seen(text, "type")
    if kinds == {"numpy.ndarray"}:
        dtypes = write.seen(text, "dtype")
        return write.seen(text, "ndim") == {"1.0"} and all(one.startswith("<U") for one in dtypes)
    are_lists = bool(kinds) and all(kind.startswith(("list", "tuple")) for kind in kinds)
    return are_lists and write.seen(f"{text}[]", "type") == {"str"}


def _holds_texts(write: Lookups, text: str) -> bool:
    """Is it a container of texts, or a dict, that the loop leaves as it is?"""
    root = text.partition(".")[0]
    if root in {*write.names, *write.own} or any(one.startswith(text) for one in write.stored):
        return False
    kinds = write.seen(text, "type")
    return (
        kinds == {"dict"}
        or (bool(kinds) and all(kind.startswith("set") for kind in kinds))
        or are_texts(write, text)
    )


def texts_of_each(write: Lookups, items: str) -> Value:
    """A text of each element, to be compared with others and looked up."""
    return Value(made(f"{write.numpy}.array({items}, dtype=object)"), 0, True, is_text=True)


def text_in_list(write: Lookups, base: ast.expr, index: ast.expr) -> Value | None:
    """``tags[e]`` of a list of texts, for the number of each element; None of all else."""
    text = ast.unparse(base)
    if text.partition(".")[0] in {*write.names, *write.own} or not are_texts(write, text):
        return None
    place = write.value(index)
    if place.is_list or place.rank != 0 or not place.varies or place.is_truth or write.is_partial:
        return None
    array = texts_of_each(write, text)
    return Value(ast.Subscript(array.node, place.node, ast.Load()), 0, True, is_text=True)


def text_of_each(write: Lookups, node: ast.expr) -> Value | None:
    """A name, an attribute or an item that is a text, another for each element; None of all else."""
    found = None
    if isinstance(node, ast.Name):
        found = write.names.get(node.id)
    elif isinstance(node, ast.Attribute):
        found = write.of_objects(node)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        held = write.names.get(node.value.id)
        known = dict(held.objects.attributes) if held is not None and held.objects is not None else {}
        found = known.get(f"[{ast.unparse(node.slice)}]")
    if (
        found is None
        and isinstance(node, ast.Subscript)
        and not isinstance(node.slice, ast.Slice | ast.Tuple)
    ):
        found = text_in_list(write, node.value, node.slice)
    return found if found is not None and found.is_text and found.varies else None


def compared_texts(write: Lookups, text: Value, op: ast.cmpop, fixed: ast.expr) -> Value:
    """``kind == "beam"`` and ``kind in ("beam", "strut")``, of the text of each element."""
    within = isinstance(op, ast.In | ast.NotIn)
    if within and isinstance(fixed, ast.Name | ast.Attribute) and _holds_texts(write, ast.unparse(fixed)):
        item = "one" if ast.unparse(fixed).partition(".")[0] != "one" else "each"
        inside = "in" if isinstance(op, ast.In) else "not in"
        items = f"[{item} {inside} C for {item} in X.tolist()]"
        return Value(made(f"{write.numpy}.array({items}, dtype=bool)", X=text.node, C=fixed), 0, True)
    if within != isinstance(fixed, ast.Tuple | ast.List | ast.Set) or not isinstance(
        op, ast.Eq | ast.NotEq | ast.In | ast.NotIn
    ):
        raise NotAtOnce(f"`{text.text}` is compared in other ways")
    others = fixed.elts if isinstance(fixed, ast.Tuple | ast.List | ast.Set) else [fixed]
    if not others or not all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in others):
        raise NotAtOnce(f"`{text.text}` is compared with what is not written out")
    found: ast.expr = ast.Compare(text.node, [ast.Eq()], [others[0]])
    for one in others[1:]:
        found = ast.BinOp(found, ast.BitOr(), ast.Compare(text.node, [ast.Eq()], [one]))
    if isinstance(op, ast.NotEq) and len(others) == 1:
        return Value(ast.Compare(text.node, [op], others), 0, True)
    is_not = isinstance(op, ast.NotIn)
    return Value(ast.UnaryOp(ast.Invert(), found) if is_not else found, 0, True)


def is_same_text(write: Lookups, node: ast.expr, other: ast.expr) -> bool:
    """Is something that no element has compared with a text, several, or None?"""
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    texts = other.elts if isinstance(other, ast.Tuple | ast.List | ast.Set) else [other]
    known = write.names.get(node.id) if isinstance(node, ast.Name) else None
    is_told = known is not None and known.is_text and not known.varies
    return (
        isinstance(root, ast.Name)
        and (is_told or root.id not in {*write.names, *write.own})
        and all(isinstance(one, ast.Constant) and isinstance(one.value, str | None) for one in texts)
    )
