"""What a service did to many, as the API says it."""

from collections.abc import Collection, Sequence

from paidan.allocation.outcomes import Batch, refusal

from .schemas import Done, Refused


def done_of(batch: Batch, asked: Sequence[int], reach: Collection[int]) -> Done:
    """What lies outside the caller's reach is refused as if it were not there."""
    outside = [key for key in asked if key not in reach]
    refused = [*batch.refused.items(), *((key, "not_found") for key in outside)]
    said = [Refused(id=key, code=code, detail=str(refusal(code, key))) for key, code in sorted(refused)]
    return Done(done=list(batch.done), refused=said)
