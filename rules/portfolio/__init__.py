"""Many contracts awarded at once: the file, the integer model, the check of an answer, and the reasons."""
