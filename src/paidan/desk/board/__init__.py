"""The dispatch board: warehouses or teams side by side with load and queue, and the ways to move work between them."""
