"""Adapters, files, checked tables and the dataset doctor."""

from __future__ import annotations

from bench.data.adapters import AdapterEntry, list_adapters
from bench.data.doctor import diagnose
from bench.data.loading import LoadOptions, load_dataset

__all__ = ["AdapterEntry", "LoadOptions", "diagnose", "list_adapters", "load_dataset"]
