"""How much two texts say the same."""

from rapidfuzz import fuzz


def similarity(one: str, other: str) -> float:
    """How much two plain texts say the same, 0 to 1.

    The better of the indel ratio of both and, where one is contained in the other, of the part:
    whoever complains twice writes more the second time. Short texts are compared as a whole.
    """
    if not one or not other:
        return 0.0
    whole = fuzz.ratio(one, other)
    long_enough = min(len(one), len(other)) >= 12  # noqa: PLR2004 - below that parts match by chance
    return max(whole, fuzz.partial_ratio(one, other) if long_enough else 0.0) / 100
