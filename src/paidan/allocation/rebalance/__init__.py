"""Rebalance: deciding again what no team has accepted, by the joint solver, and moving it step by step."""

from ..rebalanced import Cause
from .asked import Rebalance
from .planning import RebalancePlan, plan_rebalance

__all__ = ["Cause", "Rebalance", "RebalancePlan", "plan_rebalance"]
