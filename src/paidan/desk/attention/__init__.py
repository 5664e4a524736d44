"""The desk of what needs a person: orders nobody could place, and open exceptions."""
