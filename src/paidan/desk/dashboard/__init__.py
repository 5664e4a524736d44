"""The dashboard: today at a glance, every number a link to the orders it counts."""
