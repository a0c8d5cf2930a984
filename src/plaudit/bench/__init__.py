"""Measuring, always beside an alternative in the same run: what counts on a shared machine is the ratio."""
