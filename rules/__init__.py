"""Deciding: policy text, facts and a day become a decision with reasons. Pure."""
