"""Where the command line starts."""

import sys
from pathlib import Path

HOME = str(Path(__file__).absolute().parent.parent)
if __name__ == "__main__" and not sys.flags.safe_path and sys.path[0] != HOME:
    # As `python -m pdeperf` the working folder comes first, and with it the user's numpy.py or random.py.
    del sys.path[0]

from pdeperf.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
