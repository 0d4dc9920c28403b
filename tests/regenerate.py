"""Writes the ``.after.py`` files of backend cases anew; read the diff before it is committed.

All backends unless told; the files that change are printed.
"""

import argparse

from tests.case_files import read_case
from tests.test_backend_cases import BACKENDS, REWRITTEN, beside, first_rewrite


def main() -> None:
    first, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="python -m tests.regenerate", description=first, epilog=rest)
    parser.add_argument("backend", nargs="*", help="write the files of these backends only")
    asked = parser.parse_args().backend
    if unknown := set(asked) - set(BACKENDS):
        parser.error(f"there is no backend {', '.join(sorted(unknown))}")
    for path in REWRITTEN:
        if asked and path.parent.name not in asked:
            continue
        written = beside(path)
        after = first_rewrite(read_case(path), path.parent.name)
        if not written.exists() or written.read_text() != after:
            written.write_text(after)
            print(f"{path.parent.name}/{written.name}")


if __name__ == "__main__":
    main()
