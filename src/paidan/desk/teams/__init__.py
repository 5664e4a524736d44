"""The team pages, for a phone and a scanner: accept, pick, pack, ship, report, hand back, stop what changed."""
