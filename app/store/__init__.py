"""SQL. Knows no rule: it keeps and finds what it is given."""
