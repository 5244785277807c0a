"""Figures as SVG and PNG, with captions and the tables behind them."""

from bench.reports.figures.beside import write_pairs_figure, write_sweep_figure

__all__ = ["write_pairs_figure", "write_sweep_figure"]
