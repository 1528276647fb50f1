"""The exchange: one verb, one file, each a recipe of a few paragraphs."""
