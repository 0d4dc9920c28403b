"""How the optimised program is written: one file where that is enough, else with its modules."""

import ast
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from pdeperf.cli.packaged import copied
from pdeperf.cli.script import InputError, SourceForm, form, text_at, unified
from pdeperf.cli.target import Target, marked, refuse_foreign, with_modules_on_path
from pdeperf.guest.packages import as_module
from pdeperf.model import Patch, Report
from pdeperf.store import StoreError, write_whole


def changes(report: Report, sources: Mapping[str, str]) -> tuple[Patch, ...]:
    """The files that differ from what the user had, as whole texts."""
    before = {source.file: source.text for source in report.sources}
    return tuple(
        Patch(file=file, before=before.get(file, ""), after=text)
        for file, text in sources.items()
        if before.get(file, "") != text
    )


def write(report: Report, sources: Mapping[str, str], target: Target, cwd: Path) -> tuple[Path, ...]:
    """Write the program as it is after the accepted steps; the paths of the files written.

    Parameters
    ----------
    sources
        Every file of the program, relative to its folder, as it is to be.

    Raises
    ------
    InputError, StoreError
        If that would overwrite what is not ours or cannot be written; nothing is left half done.
    """
    from pdeperf.guest.scratch import locate

    root, script = locate(report.workload.script, cwd)
    changed = changes(report, sources)
    for patch in changed:
        _parse(patch)
    if target.in_place:
        return _in_place(changed, root)
    texts = _beside(report, sources, target, root, script, changed)
    for path in texts:
        if path.exists() and any(_same(path, root / source.file) for source in report.sources):
            raise InputError(f"{path.name} is part of the program: use another name with -o, or --in-place")
        refuse_foreign(path, force=target.force)
    for path, (text, origin) in texts.items():
        _write(path, marked(text, origin, report.session), root / origin)
    return tuple(sorted(texts, key=lambda path: path != target.out))


def _beside(
    report: Report,
    sources: Mapping[str, str],
    target: Target,
    root: Path,
    script: str,
    changed: tuple[Patch, ...],
) -> dict[Path, tuple[str, str]]:
    """Path to text and origin of each file to write, the script last."""
    if (packaged := as_module(root / script)) is not None:
        return copied(report, sources, target, root, script, *packaged)
    folder = PurePosixPath(script).parent
    moved = target.out.parent != (root / script).parent
    modules = {source.file for source in report.sources} - {script}
    wanted = modules if moved else {patch.file for patch in changed} - {script}
    if not wanted:
        return {target.out: (sources[script], script)}
    texts: dict[Path, tuple[str, str]] = {}
    for file in sorted(_with_packages(wanted, root, folder)):
        if not PurePosixPath(file).is_relative_to(folder):
            raise InputError(
                f"{file} changed too, but lies outside the script's folder: use `pdeperf apply --in-place`"
            )
        inside = PurePosixPath(file).relative_to(folder)
        if not _importable(inside, report):
            raise InputError(
                f"{file} changed too, and is found through a changed sys.path: use `pdeperf apply --in-place`"
            )
        text = sources[file] if file in sources else text_at(root / file)
        texts[target.modules / inside] = (text, file)
    suffix = ".py" if target.out.name.endswith(".py") else ""
    texts[target.out] = (with_modules_on_path(sources[script], target.modules.name, suffix), script)
    return texts


def _with_packages(files: set[str], root: Path, folder: PurePosixPath) -> set[str]:
    """These files and every module of the packages that they belong to."""
    found = set(files)
    for file in files:
        top = PurePosixPath(file).parent
        if top == folder or not (root / top / "__init__.py").is_file():
            continue
        while top.parent != folder and (root / top.parent / "__init__.py").is_file():
            top = top.parent
        found |= {path.relative_to(root).as_posix() for path in (root / top).rglob("*.py")}
    return found


def _importable(inside: PurePosixPath, report: Report) -> bool:
    """Does the program import this module by its place below the script's folder?"""
    parts = inside.parts[:-1] if inside.name == "__init__.py" else (*inside.parts[:-1], inside.stem)
    if len(parts) <= 1:
        return True
    for source in report.sources:
        for node in ast.walk(ast.parse(source.text)):
            if isinstance(node, ast.Import) and any(
                alias.name.split(".")[0] == parts[0] for alias in node.names
            ):
                return True
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == parts[0]:
                return True
    return False


def outdated(report: Report, cwd: Path) -> tuple[str, ...]:
    """The user's files that are no longer what the session ran: what is written beside them is older."""
    from pdeperf.guest.scratch import locate

    root, _ = locate(report.workload.script, cwd)
    return tuple(
        source.file for source in report.sources if not _is_as_it_ran(root / source.file, source.text)
    )


def _is_as_it_ran(path: Path, text: str) -> bool:
    try:
        data = path.read_bytes()
        return unified(data.decode(form(data).encoding)) == unified(text)
    except (OSError, ValueError, SyntaxError):
        return False


def _in_place(changed: tuple[Patch, ...], root: Path) -> tuple[Path, ...]:
    """Change the user's own files, all of them or none."""
    originals: dict[Path, bytes] = {}
    forms: dict[Path, SourceForm] = {}
    for patch in changed:
        path = (root / patch.file).resolve()
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot read {patch.file}: {error.strerror}") from error
        forms[path] = form(data)
        if unified(data.decode(forms[path].encoding)) != unified(patch.before):
            raise InputError(f"{patch.file} was changed since this session ran: run `pdeperf optimize` again")
        originals[path] = data
    done: list[Path] = []
    try:
        for patch, path in zip(changed, originals, strict=True):
            write_whole(path, _encoded(forms[path], patch.after, path), mode=path.stat().st_mode & 0o7777)
            done.append(path)
    except BaseException as error:
        for path in done:
            with suppress(OSError):
                write_whole(path, originals[path], mode=path.stat().st_mode & 0o7777)
        if isinstance(error, OSError):
            raise StoreError(f"cannot write {path}: {error.strerror}; your files are as they were") from error
        raise
    return tuple(originals)


def _write(path: Path, text: str, origin: Path) -> None:
    """Write one file in the form (encoding, line ends, mode) of the one that it comes from."""
    try:
        kept = form(origin.read_bytes()) if origin.is_file() else SourceForm(encoding="utf-8", newline="\n")
        mode = origin.stat().st_mode & 0o777 if origin.is_file() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, _encoded(kept, text, path), mode=None if mode is None else mode | 0o600)
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror}; the result is kept: "
            "`pdeperf apply -o OUT.py` writes it elsewhere"
        ) from error


def _encoded(kept: SourceForm, text: str, path: Path) -> bytes:
    try:
        return kept.encode(text)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{path.name}: the rewritten text does not fit its coding {kept.encoding}"
        ) from error


def _parse(patch: Patch) -> None:
    try:
        ast.parse(patch.after)
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{patch.file}: the rewrite is not Python ({error}); nothing was written") from error


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)


def shown(paths: tuple[Path, ...], cwd: Path) -> tuple[str, ...]:
    """Paths as the user would type them here."""
    return tuple(os.path.relpath(path, cwd) if path.is_relative_to(cwd) else str(path) for path in paths)
