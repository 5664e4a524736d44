"""Looking ahead: what is expected to be ordered, and what stock and slots are worth to it. Nothing here decides."""
