"""The waves: what each decided, how far a joint one is, and what it came to beside other plans of the same orders."""
