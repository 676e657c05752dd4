"""The casebook: rule texts and recorded decisions, decided again, explained and compared; nothing here writes."""
