"""Other products' protocols: programs written for them work with Paidan unchanged (docs/how-to/wdt.md)."""
