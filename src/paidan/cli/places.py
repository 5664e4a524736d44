"""What the engine's reader asks about places, answered from the packaged region table."""


class Places:
    """Region codes and addresses as the problem format uses them (see engine.files.PlaceResolver)."""
