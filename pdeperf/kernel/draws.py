"""Random numbers drawn in a kernel from a NumPy generator, which goes on where the kernel stopped."""

import ast
from collections.abc import Mapping

from pdeperf.kernel.kinds import FLOAT, INT, UNKNOWN, Kind

GLOBAL = "np.random.Generator(np.random.get_bit_generator())"
"""NumPy's global stream as a generator: it draws from the same bits, and they go on afterwards."""

OF_PYTHON = "stream_of({})"
"""A generator that draws what Python's ``random``, or one of its generators, would draw next."""

OF_STATE = "np.random.Generator({}._bit_generator)"
"""The stream of a ``RandomState`` as a generator."""

SPARE_OF_NUMPY = "spare_normal({})"
"""The normal number that NumPy's global stream, or a RandomState, has drawn in advance."""

SPARE_OF_PYTHON = "spare_gauss({})"
"""The normal number that Python's ``random``, or one of its generators, has drawn in advance."""

PAIRS = {
    ("numpy", "normal"): ("numpy_normal", ("loc", "scale")),
    ("numpy", "randn"): ("numpy_normal", ()),
    ("numpy", "standard_normal"): ("numpy_normal", ()),
    ("python", "gauss"): ("python_gauss", ("mu", "sigma")),
}
"""Draws that make normal numbers in pairs: the kernel's function, and the names of their arguments."""

_KEPT_BY = {"spare_normal": "keep_normal", "spare_gauss": "keep_gauss"}

_LEGACY = {
    "rand": ("random", 0, 0),
    "random": ("random", 0, 0),
    "random_sample": ("random", 0, 0),
    "uniform": ("uniform", 0, 2),
    "randint": ("randint", 1, 2),
}
_PYTHON = {
    "random": ("random", 0, 0),
    "uniform": ("uniform", 2, 2),
    "randint": ("integer_between", 2, 2),
    "randrange": ("integer_between", 1, 2),
    "choice": ("choice", 1, 1),
}
"""What draws one number, with the bits that a generator draws it with; least and most arguments."""

STREAMS_TEXT = {
    "spare_normal": '''def spare_normal(source):
    """The normal number that a generator of NumPy's has drawn in advance, if it has."""
    state = source.get_state(legacy=False)
    return np.array([state["has_gauss"], state["gauss"]])
''',
    "keep_normal": '''def keep_normal(source, spare):
    """Give a generator of NumPy's the normal number that was drawn in advance."""
    state = source.get_state(legacy=False)
    state["has_gauss"], state["gauss"] = int(spare[0]), float(spare[1])
    source.set_state(state)
''',
    "spare_gauss": '''def spare_gauss(source):
    """The normal number that a generator of Python's has drawn in advance, if it has."""
    spare = source.getstate()[2]
    return np.array([0.0, 0.0] if spare is None else [1.0, spare])
''',
    "keep_gauss": '''def keep_gauss(source, spare):
    """Give a generator of Python's the normal number that was drawn in advance."""
    version, state, _ = source.getstate()
    source.setstate((version, state, float(spare[1]) if spare[0] else None))
''',
    "stream_of": '''def stream_of(source):
    """A NumPy generator that draws the numbers that a generator of Python's would draw next."""
    state = source.getstate()[1]
    bits = np.random.MT19937()
    key = np.array(state[:-1], dtype=np.uint32)
    bits.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": state[-1]}}
    return np.random.Generator(bits)
''',
    "continue_stream": '''def continue_stream(source, generator):
    """Let a generator of Python's go on where NumPy's has stopped."""
    version, _, gauss = source.getstate()
    state = generator.bit_generator.state["state"]
    source.setstate((version, (*state["key"].tolist(), int(state["pos"])), gauss))
''',
}

_MOST_ARGUMENTS = {
    "random": 0,
    "standard_normal": 0,
    "normal": 2,
    "uniform": 2,
    "exponential": 1,
    "integers": 2,
}
"""Draws of one number that Numba makes with the same bits; more arguments ask for an array."""


def obstacle(node: ast.Call, method: str) -> str:
    """Why a kernel cannot draw so; empty if it can."""
    if method not in _MOST_ARGUMENTS:
        return f"it draws random numbers by `{method}`, which a kernel may draw differently"
    if node.keywords or len(node.args) > _MOST_ARGUMENTS[method]:
        return "it draws several random numbers at once, or with options"
    return ""


def legacy_draw(name: str, node: ast.Call) -> str:
    """What a draw by ``np.random`` or a RandomState is called on a generator; empty if it draws otherwise."""
    return _one_number(_LEGACY, name, node)


def python_draw(name: str, node: ast.Call) -> str:
    """What a draw by Python's ``random`` is made by in a kernel; empty if it draws otherwise."""
    return _one_number(_PYTHON, name, node)


def _one_number(known: Mapping[str, tuple[str, int, int]], name: str, node: ast.Call) -> str:
    method, least, most = known.get(name, ("", 0, 0))
    plain = not node.keywords and not any(isinstance(part, ast.Starred) for part in node.args)
    return method if plain and least <= len(node.args) <= most else ""


def normal_arguments(node: ast.Call, names: tuple[str, ...]) -> list[ast.expr] | None:
    """Mean and deviation as they are written; None if the call asks for more than one number."""
    given = dict(zip(names, node.args, strict=False))
    given |= {word.arg: word.value for word in node.keywords if word.arg in names and word.arg not in given}
    starred = any(isinstance(part, ast.Starred) for part in node.args)
    if starred or len(given) != len(node.args) + len(node.keywords):
        return None
    usual: list[ast.expr] = [ast.Constant(0.0), ast.Constant(1.0)]
    return [given.get(name, value) for name, value in zip(names, usual, strict=False)] if names else usual


def is_stream(text: str) -> bool:
    """Is it a generator that is made for a kernel?"""
    return text == GLOBAL or bool(source_of(text)[0])


def kept_by(text: str) -> str:
    """What gives a generator its number back that was drawn in advance; empty for other texts."""
    return _KEPT_BY.get(text.partition("(")[0], "")


_FORMS = (
    (OF_PYTHON, "Random"),
    (SPARE_OF_PYTHON, "Random"),
    (OF_STATE, "RandomState"),
    (SPARE_OF_NUMPY, "RandomState"),
)


def source_of(text: str) -> tuple[str, str]:
    """The user's generator behind a stream, and the type that it must have; empty for other texts."""
    for form, kind in _FORMS:
        head, tail = form.split("{}")
        if text.startswith(head) and text.endswith(tail) and text != GLOBAL:
            return text[len(head) : -len(tail)], kind
    return "", ""


def is_whole(kinds: list[Kind]) -> bool:
    """Are these integers, of which ``randint`` makes what it draws?"""
    return all(kind == INT or kind.base == "npint" for kind in kinds)


def kind_of_draw(method: str) -> Kind:
    """Kind of one number drawn."""
    if method == "integers":
        return Kind("npint")
    return FLOAT if method in _MOST_ARGUMENTS else UNKNOWN
