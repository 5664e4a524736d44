"""What `paidan demo` does: lives through a month of practice data, allocates its promotion and shows what became of it."""

from __future__ import annotations

import os
import shlex
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from rich.console import Console
from rich.text import Text

from paidan.allocation.models import Wave
from paidan.allocation.wave import run_waves
from paidan.cli import texts
from paidan.cli.database import now as clock
from paidan.cli.doctor import check
from paidan.cli.faults import FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.output import Column, say, table_of
from paidan.cli.progress import progress_bar
from paidan.desk.practice.month import load_network, play
from paidan.desk.practice.orders import CHINA, SHOWN_NUMBER
from paidan.engine.codes import Reason
from paidan.orders.models import Order

BY_TEAM = """
WITH a AS (
    SELECT a.*, (SELECT sum(p.qty) FROM allocation_allocationline p WHERE p.allocation_id = a.id) AS pieces
    FROM allocation_allocation a WHERE a.wave_id = ANY(%(waves)s)
)
SELECT w.id, w.name, t.name, count(*), sum(a.pieces), count(*) FILTER (WHERE a.late_s > 0),
       sum(a.freight_minor)::bigint, max(d.load_n), t.capacity
FROM a JOIN network_warehouse w ON w.id = a.warehouse_id
LEFT JOIN network_team t ON t.id = a.team_id
LEFT JOIN allocation_teamday d ON d.team_id = a.team_id AND d.day = a.work_day
GROUP BY w.position, w.id, t.id ORDER BY w.position, w.id, t.id
"""
STUCK = """
SELECT d.reason, count(*), (array_agg(o.number ORDER BY o.id))[1]
FROM allocation_decision d JOIN orders_order o ON o.id = d.order_id
WHERE d.wave_id = ANY(%(waves)s) AND d.reason > 0
GROUP BY d.reason ORDER BY count(*) DESC, d.reason
"""
SUMS = """
SELECT count(*), count(*) FILTER (WHERE outcome = 2), count(*) FILTER (WHERE outcome = 1),
       count(*) FILTER (WHERE outcome = 0), count(*) FILTER (WHERE outcome = 3)
FROM allocation_decision WHERE wave_id = ANY(%(waves)s)
"""
