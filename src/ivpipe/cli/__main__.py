"""``python -m ivpipe.cli``: the same as the command ``ivpipe``."""

from ivpipe.cli import main

main()
