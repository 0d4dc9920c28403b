"""Which files a script is made of, without running it."""

from pathlib import Path

from pdeperf.source.imports import local_sources


def test_files_are_read_in_the_coding_that_they_name(tmp_path: Path) -> None:
    (tmp_path / "heat.py").write_bytes("# coding: latin-1\r\nfrom w\u00e4rme import f\r\n".encode("latin-1"))
    (tmp_path / "w\u00e4rme.py").write_bytes("# coding: cp1252\nname = '\u20ac'\n".encode("cp1252"))
    found = local_sources(tmp_path, "heat.py")
    assert found == {
        "heat.py": "# coding: latin-1\nfrom w\u00e4rme import f\n",
        "w\u00e4rme.py": "# coding: cp1252\nname = '\u20ac'\n",
    }


def test_a_script_of_a_package_has_its_package_by_either_name(tmp_path: Path) -> None:
    package = tmp_path / "pde"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "main.py").write_text("from pde.flux import f\nfrom . import grid\n")
    (package / "flux.py").write_text("def f(): pass\n")
    (package / "grid.py").write_text("n = 3\n")
    assert set(local_sources(tmp_path, "pde/main.py")) == {
        "pde/main.py",
        "pde/flux.py",
        "pde/grid.py",
        "pde/__init__.py",
    }
