"""The pages on rules and techniques, taken from the docstrings of the plugins themselves."""

import inspect
import re
import textwrap
from dataclasses import dataclass

SECTIONS = ("Why it is slow", "Slow", "Faster", "When it is wrong", "References")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one plugin says of itself.

    Attributes
    ----------
    name
        The rule's name, or the technique's.
    is_rule
        True for a rule (a detector), False for a technique (a backend).
    module
        Last part of the plugin's module name.
    kind
        Class of the bottleneck; empty for a technique.
    related
        For a rule the techniques that answer it, for a technique the rules that it answers.
    summary
        First line of the docstring.
    sections
        The fixed sections as (title, text), in order.
    """

    name: str
    is_rule: bool
    module: str
    kind: str
    related: tuple[str, ...]
    summary: str
    sections: tuple[tuple[str, str], ...]

    @property
    def about(self) -> str:
        """What this page is on, in a line."""
        names = ", ".join(self.related)
        if self.is_rule:
            return f"Rule, class {self.kind}. Answered by: {names or 'no technique yet'}."
        return f"Technique. Answers: {names or 'no rule yet'}."


def pages() -> tuple[Page, ...]:
    """Every rule, then every technique, each by name."""
    from pdeperf import plugins

    detectors, backends = plugins.detectors(), plugins.backends()
    rules = [
        _page(
            detector,
            name=detector.rule,
            is_rule=True,
            kind=detector.kind.value,
            related=tuple(sorted(backend.name for backend in backends if detector.rule in backend.answers)),
        )
        for detector in detectors
    ]
    techniques = [
        _page(backend, name=backend.name, is_rule=False, kind="", related=tuple(sorted(backend.answers)))
        for backend in backends
    ]
    return (
        *sorted(rules, key=lambda page: page.name),
        *sorted(techniques, key=lambda page: page.name),
    )


def _page(plugin: object, *, name: str, is_rule: bool, kind: str, related: tuple[str, ...]) -> Page:
    summary, sections = parse(inspect.getdoc(type(plugin)) or "")
    return Page(
        name=name,
        is_rule=is_rule,
        module=type(plugin).__module__.rpartition(".")[2],
        kind=kind,
        related=related,
        summary=summary,
        sections=sections,
    )


def parse(docstring: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """First line and sections of a numpydoc docstring."""
    lines = docstring.expandtabs().splitlines()
    heads = [
        at
        for at in range(len(lines) - 1)
        if lines[at].strip() and set(lines[at + 1].strip()) == {"-"} and len(lines[at + 1].strip()) >= 3
    ]
    summary = " ".join(line.strip() for line in _first_paragraph(lines))
    sections = tuple(
        (lines[at].strip(), "\n".join(lines[at + 2 : end]).strip("\n"))
        for at, end in zip(heads, [*heads[1:], len(lines)], strict=True)
    )
    return summary, sections


def _first_paragraph(lines: list[str]) -> list[str]:
    blank = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    return lines[:blank]


def markdown(page: Page) -> str:
    """The page as Markdown, with the code of its literal blocks fenced."""
    parts = [f"# {page.name}\n", f"{page.summary}\n", f"{_code(page.about)}\n"]
    for title, text in page.sections:
        parts += [f"## {title}\n", f"{_fenced(text)}\n"]
    return "\n".join(parts)


def plain(page: Page, width: int = 80) -> str:
    """The page as text for a terminal."""
    parts = [textwrap.fill(f"{page.name}: {page.summary}", width), textwrap.fill(page.about, width)]
    for title, text in page.sections:
        parts.append(f"{title}\n\n{textwrap.indent(_filled(_without_marks(text), width - 2), '  ')}")
    return "\n\n".join(parts) + "\n"


def _filled(text: str, width: int) -> str:
    """Its paragraphs wrapped anew, its code as it is."""
    parts = re.split(r"\n\n", text)
    return "\n\n".join(part if re.search(r"^ ", part, re.M) else textwrap.fill(part, width) for part in parts)


def _code(text: str) -> str:
    return text.replace("``", "`")


def _fenced(text: str) -> str:
    """RST literal blocks (a ``::`` and an indented block) as fenced Python."""
    found: list[str] = []
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.rstrip().endswith("::"):
            found.append(_code(line))
            continue
        lead = line.rstrip().removesuffix("::").rstrip()
        if lead:
            found += [_code(lead) + ":", ""]
        block: list[str] = []
        while at < len(lines) and (not lines[at].strip() or lines[at].startswith(" ")):
            block.append(lines[at])
            at += 1
        code = textwrap.dedent("\n".join(block)).strip("\n")
        found += ["```python", *code.splitlines(), "```", ""]
    return "\n".join(found).strip("\n")


def _without_marks(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() != "::"]
    return "\n".join(lines).replace("``", "").strip("\n")
