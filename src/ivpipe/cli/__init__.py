"""The command `ivpipe`."""
