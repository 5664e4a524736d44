"""Settings as forms: the network orders flow through, and the way to all other settings."""
