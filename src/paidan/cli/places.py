"""What the engine's reader asks about places, answered from the packaged region table."""
