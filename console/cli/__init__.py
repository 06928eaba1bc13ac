"""The command line: one verb, one answer, one exit code."""
