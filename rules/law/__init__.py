"""What statutes make of companies, clauses, amounts and days. Each function names the article it follows."""
