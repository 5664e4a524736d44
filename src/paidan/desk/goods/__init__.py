"""The pages of goods: SKUs, bundles, shops' own codes, stock and its movements."""
