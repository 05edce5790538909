"""How many bytes a page may have, and how many of them are left for films."""

from __future__ import annotations

from collections.abc import Sequence

MOST_BYTES = 8_000_000
"""A page may not be larger."""
MOST_PLACES = 120
"""A curve is shown at no more than this many places of the stored ones."""
_LIBRARY = 1_500_000  # Bokeh's scripts, and the page's own
_PER_PLACE = 20  # two numbers of a curve
_PER_CELL = 10_000  # settings, provenance, and rows of tables


def room_for_films(seeds: Sequence[int]) -> int:
    """Bytes that all films of a page may have, before they are written in base64; `seeds` is how many each of its cells has.

    What the rest takes is estimated from above. At least 0.
    """
    curves = sum((count + 1) * MOST_PLACES * _PER_PLACE for count in seeds)
    return max(0, MOST_BYTES - _LIBRARY - curves - _PER_CELL * len(seeds)) * 3 // 4
