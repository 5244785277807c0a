"""Results that can be checked: rows made again, boards against records, runs repeated, bundles."""
