"""Formats of inputs and outputs, a module each."""
