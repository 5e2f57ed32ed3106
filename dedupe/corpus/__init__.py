"""The same story in many articles: signatures, candidate pairs, exact comparison, groups, an index that remembers."""
