"""The verbs of the trade, one file each: called by flows, desk and command line alike."""
