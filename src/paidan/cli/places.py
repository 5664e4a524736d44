"""What the engine's reader asks about places, answered from the packaged region table."""

from functools import cache

from paidan.geo import is_region, region, resolve


class Places:
    """Region codes and addresses as the problem format uses them (engine.places.PlaceResolver).

    A problem file names the same few regions many times over, so every answer is kept.
    """

    def __init__(self) -> None:
        self.resolve = cache(_resolve)
        self.coordinates = cache(_coordinates)
        self.is_region = cache(is_region)


def _resolve(address: str) -> str | None:
    return resolve(address).code


def _coordinates(code: str) -> tuple[float, float] | None:
    place = region(code)
    return None if place.lat is None or place.lng is None else (place.lat, place.lng)
