"""The vocabulary: every noun that two parts of Lianyue must agree on, pure and frozen."""
