"""The log: a Merkle tree of everything that nobody may leave out, with checkpoints that others sign too."""
