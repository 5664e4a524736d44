"""The order check: what keeps an order from being allocated until its cause is gone or somebody lets it pass.

Here is what is looked for and how it is found in a batch of orders; `allocation.rechecking` checks known orders again.
"""
