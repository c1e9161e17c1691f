"""The statistics library from the shell, without the site: `python -m analysis estimate --help`."""

import sys

from analysis.shell.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
