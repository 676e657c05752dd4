"""The kinds of rule file, as a coordinator writes them: one envelope, and a spec for each kind."""
