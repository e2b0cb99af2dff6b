"""The Prefect flows: thin wrappers around the steps, and the only code that imports Prefect.

A flow run is a process that Prefect starts; importing the flows is all that it surely does of ours, so logs are masked from
then on.
"""

from ivpipe.masking import install

install()
