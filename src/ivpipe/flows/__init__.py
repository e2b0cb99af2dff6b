"""The Prefect flows: thin wrappers around the steps, and the only code that imports Prefect."""
