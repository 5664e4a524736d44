"""Outgoing webhooks: from word left in the outbox to signed messages, delivered at least once and in order per order.

`docs/webhooks.md` tells receivers what comes; docs/adr/0008-outgoing-webhooks.md says why it is built like this.
"""
