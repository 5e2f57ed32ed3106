"""Clean by hand: a session of findings and verdicts, edits of the text, and the terminal screen that shows them."""
