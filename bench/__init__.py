"""The figures of `make bench`: ratios to bare workflows, and exact counts; a clock on a busy machine says little."""
