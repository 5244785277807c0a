"""Adapters, files and checked tables."""

from __future__ import annotations

from bench.data.adapters import AdapterEntry, list_adapters
from bench.data.loading import LoadOptions, load_dataset

__all__ = ["AdapterEntry", "LoadOptions", "list_adapters", "load_dataset"]
