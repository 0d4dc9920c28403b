"""A kernel's parameters, and its text in lines of a readable length."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pdeperf.arrays.wrap import _parts as parts
from pdeperf.gpu.cuda_expressions import letters

Lines = list[str]
_STEP = "    "
RESERVED = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int "
    "long register restrict return short signed sizeof static struct switch typedef union unsigned void "
    "volatile while bool true false complex class new delete this template typename namespace operator "
    "private public protected try catch throw using virtual friend asm threadIdx blockIdx blockDim gridDim "
    "maximum minimum sign square around".split()
)


@dataclass(slots=True)
class Parameters:
    """What a kernel is given, in the order in which it was first needed."""

    taken: set[str]
    names: dict[str, str] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)

    def named(self, key: str, stem: str, declare: Callable[[str], str], argument: str) -> str:
        """The parameter's name in the kernel."""
        if key not in self.names:
            name = self.names[key] = self.fresh(stem)
            self.declared.append(declare(name))
            self.passed.append(argument)
        return self.names[key]

    def fresh(self, stem: str) -> str:
        """A name that C allows and nothing uses."""
        plain = letters(stem)
        count = 1
        name = plain
        while name in self.taken or name in RESERVED:
            count += 1
            name = f"{plain}_{count}"
        self.taken.add(name)
        return name


def item_bytes(dtype: str) -> int:
    """Bytes of an element."""
    return {"bool": 1, "int32": 4, "float32": 4, "complex128": 16}.get(dtype, 8)


def is_wrapped(text: str) -> bool:
    """Do the first and the last parenthesis belong together?"""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return place == len(text) - 1
    return False


def broken(row: str, width: int = 100) -> Iterator[str]:
    """A line of C in pieces, at its outermost operators."""
    indent = row[: len(row) - len(row.lstrip())]
    first, *rest = parts(row.strip(), width - len(indent) - len(_STEP))
    yield indent + first
    yield from (indent + _STEP + part for part in rest)


def in_lines(parts: Sequence[str], width: int = 96) -> Lines:
    """A parameter list in lines."""
    lines = [""]
    for number, part in enumerate(parts):
        text = part + (", " if number < len(parts) - 1 else ")")
        if lines[-1] and len(lines[-1]) + len(text) > width:
            lines.append("")
        lines[-1] += text
    return [line.rstrip() for line in lines]


def pointer(kind: str) -> Callable[[str], str]:
    """Declares an array of a kernel."""
    return lambda name: f"{kind} *__restrict__ {name}"
