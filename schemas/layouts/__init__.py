"""Files agencies already keep, read as records of the standard: one layout, one file."""
