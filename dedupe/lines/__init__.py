"""The line scorer: how likely each line of a page is article text, learned from pages that people marked."""
