"""Which local files a script is made of, read from its import statements."""

import ast
import io
import tokenize
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
        If the script is not in UTF-8, or in what its coding line says.
    """
    found = {script: _text(root / script)}
    ast.parse(found[script], filename=script)
    pending = [script]
    while pending:
        file = pending.pop()
        for name in _imported(root, file, found[file], _homes(root, root / script)):
            if name not in found and (text := _python(root / name)) is not None:
                found[name] = text
                pending.append(name)
    return found


def _homes(root: Path, script: Path) -> tuple[Path, ...]:
    """The script's folder, and that of its package, which ``python -m package.script`` imports from."""
    folder = script.parent
    while folder != root and (folder / "__init__.py").is_file():
        folder = folder.parent
    return tuple(dict.fromkeys((script.parent, folder)))


def _imported(root: Path, file: str, text: str, script_homes: tuple[Path, ...]) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        homes = script_homes
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names = [base, *(f"{base}.{alias.name}".strip(".") for alias in node.names)]
            if node.level:
                homes = ((root / file).parents[node.level - 1],)
        for path in (home.joinpath(*name.split(".")) if name else home for name in names for home in homes):
            for candidate in (path.with_suffix(".py"), path / "__init__.py"):
                if candidate.is_file() and candidate.resolve().is_relative_to(root.resolve()):
                    yield candidate.relative_to(root).as_posix()


def _text(path: Path) -> str:
    data = path.read_bytes()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def _python(path: Path) -> str | None:
    try:
        text = _text(path)
        ast.parse(text)
    except (SyntaxError, UnicodeDecodeError, OSError):
        return None
    return text
