"""Where the command line starts."""

from pdeperf.cli import main

if __name__ == "__main__":
    main()
