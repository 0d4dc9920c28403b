"""Writes the ``.after.py`` files of all backend cases anew; read the diff before it is committed."""

from case_files import read_case
from test_backend_cases import REWRITTEN, first_rewrite


def main() -> None:
    for path in REWRITTEN:
        beside = path.with_name(path.name.replace(".before.", ".after."))
        after = first_rewrite(read_case(path), path.parent.name)
        if not beside.exists() or beside.read_text() != after:
            beside.write_text(after)
            print(f"{path.parent.name}/{beside.name}")


if __name__ == "__main__":
    main()
