"""What a download may cost; apart, for most commands download nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a download may cost.

    ``connect_seconds`` is for all connecting of one download together: names,
    addresses, handshakes, redirects. ``read_seconds`` is for one silent moment
    while reading. ``max_bytes`` holds for the transfer and for what comes out
    of an archive.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    max_bytes: int = 200 * 1024 * 1024


DEFAULT_LIMITS = Limits()
