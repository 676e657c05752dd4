"""联约 Lianyue, the outer ring: all that touches the world."""
