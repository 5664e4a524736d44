"""Who works with Paidan and what they changed: users, API tokens, the change log, one's own account."""
