"""The pages of the what-ifs: ask for one, watch it, look at what came of it."""
