"""The compiled form of checked expressions: closures over a run, made once and run for every member."""
