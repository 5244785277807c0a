"""Rendering of results: tables, files, figures and the terminal; nothing is computed here."""
