"""Handing a finished run on to an experiment tracker; nothing here makes a number."""
