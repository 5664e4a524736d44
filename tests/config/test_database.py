"""The tests' own database."""

import os
import subprocess
import sys

from django.contrib.sessions.models import Session
from django.utils import timezone


def test_a_process_of_its_own_sees_this_tests_database(database_url: str) -> None:
    Session.objects.create(session_key="from-the-test", expire_date=timezone.now())
    ask = "from django.contrib.sessions.models import Session; print(*Session.objects.values_list('pk', flat=True))"
    answer = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {ask}"],
        env={**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "paidan.config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stdout == "from-the-test\n", answer.stderr
