"""The import wizard: a file is dropped, looked at, tried, and brought in by a worker."""
