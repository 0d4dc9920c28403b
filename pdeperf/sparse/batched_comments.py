"""The user's comments, beside what is written in the place of their statements."""

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pdeperf.source import Module

_LINE_LENGTH = 105


@dataclass(frozen=True, slots=True)
class Comments:
    """Comments by the number of the line that they belong to.

    Attributes
    ----------
    above, beside
        What stands before a line, and at its end.
    placed
        The lines of the user's whose comments these are.
    """

    above: dict[int, list[str]] = field(default_factory=dict)
    beside: dict[int, str] = field(default_factory=dict)
    placed: set[int] = field(default_factory=set)

    def around(self, number: int, lines: Sequence[str]) -> Iterator[str]:
        """Some lines in the place of one, with its comments."""
        above = [*self.above.get(number, ())]
        last = self.beside.get(number, "")
        if last and (not lines or len(lines[-1]) + len(last) > _LINE_LENGTH):
            above, last = [*above, last], ""
        lead = lines[0][: len(lines[0]) - len(lines[0].lstrip())] if lines else ""
        yield from (f"{lead}{one}" for one in above)
        yield from lines[:-1]
        if lines:
            yield f"{lines[-1]}  {last}" if last else lines[-1]


def comments_of(module: Module) -> Mapping[int, tuple[str, bool]]:
    """The comment of each line, and whether it stands there alone."""
    return module.once(_comments_of, module)


def _comments_of(module: Module) -> dict[int, tuple[str, bool]]:
    return {
        token.start[0]: (token.string, not token.line[: token.start[1]].strip())
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
        if token.type == tokenize.COMMENT
    }


def comments_at(module: Module, begun: Mapping[ast.stmt, int], count: int) -> Comments:
    """Where the comments of some statements belong.

    Parameters
    ----------
    begun
        The line with which what is written for a statement begins.
    count
        The number of lines.
    """
    known, found = comments_of(module), Comments()
    begins = sorted({*begun.values(), count})
    for statement, number in sorted(begun.items(), key=lambda item: (item[1], item[0].lineno)):
        if number >= count:
            continue
        first = statement.lineno
        while known.get(first - 1, ("", False))[1] and first - 1 not in found.placed:
            first -= 1
        body = getattr(statement, "body", None)
        last = body[0].lineno - 1 if isinstance(body, list) else statement.end_lineno or statement.lineno
        here = [line for line in range(first, last + 1) if line in known and line not in found.placed]
        if isinstance(body, list):
            here = [line for line in here if line <= statement.lineno]
        found.placed.update(here)
        texts = [known[line][0] for line in here]
        is_one = body is None and begins[begins.index(number) + 1] == number + 1
        if here and here[-1] == last and is_one and number not in found.beside:
            found.beside[number] = texts.pop()
        if texts:
            found.above.setdefault(number, []).extend(texts)
    return found
