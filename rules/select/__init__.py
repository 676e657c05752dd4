"""Who: the methods that rank the eligible members and select among them."""
