"""The commands that work on a server elsewhere (`--server`, `--token`): over its API, without Django or a database."""
