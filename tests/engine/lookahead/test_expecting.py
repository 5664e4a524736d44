"""Kinds of orders become an outlook: what they cost, who may serve them, what is scarce, and whom it is kept for."""

import numpy as np
import pytest
from tests.engine.documents import problem_of

from paidan.engine.lookahead.expecting import expect, kept_for
from paidan.engine.lookahead.pricing import prices_of
from paidan.engine.sequential import allocate
