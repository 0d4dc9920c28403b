"""Which local files a script is made of, read from its import statements."""

import ast
from collections.abc import Iterator
from pathlib import Path


def local_sources(root: Path, script: str) -> dict[str, str]:
    """The script and the local modules that it imports, directly or not, by relative path.

    Parameters
    ----------
    root
        The folder that relative names refer to.
    script
        POSIX path of the script relative to it.

    Raises
    ------
    SyntaxError
        If the script is not Python; a module that is not is left out.
    UnicodeDecodeError
        If the script is not UTF-8.
    """
    found = {script: (root / script).read_text(encoding="utf-8")}
    ast.parse(found[script], filename=script)
    pending = [script]
    while pending:
        file = pending.pop()
        for name in _imported(root, file, found[file], (root / script).parent):
            if name not in found and (text := _python(root / name)) is not None:
                found[name] = text
                pending.append(name)
    return found


def _imported(root: Path, file: str, text: str, script_folder: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        home = script_folder
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names = [base, *(f"{base}.{alias.name}".strip(".") for alias in node.names)]
            if node.level:
                home = (root / file).parents[node.level - 1]
        for name in names:
            path = home.joinpath(*name.split(".")) if name else home
            for candidate in (path.with_suffix(".py"), path / "__init__.py"):
                if candidate.is_file() and candidate.resolve().is_relative_to(root.resolve()):
                    yield candidate.relative_to(root).as_posix()


def _python(path: Path) -> str | None:
    try:
        text = path.read_text(encoding="utf-8")
        ast.parse(text)
    except (SyntaxError, UnicodeDecodeError, OSError):
        return None
    return text
