"""The door for WSGI servers."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidan.config.settings")

application = get_wsgi_application()

# What was loaded stays for good: the collector need not walk it with every thousand orders that come in.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)

# A thread that waits for the database comes back to the interpreter fifty times a request; not after 5 ms each time.
sys.setswitchinterval(0.0002)
