"""Django's settings; what an operator may change comes from the environment, and importing this starts nothing."""

import os
from datetime import timedelta
from pathlib import Path
from typing import cast

from django.utils.functional import SimpleLazyObject

from paidan.config.environment import data_folder, database, files_folder, flag, number, words
from paidan.config.secret_key import secret_key

PACKAGE = Path(__file__).resolve().parent.parent
DATA = data_folder()

DEBUG = flag("PAIDAN_DEBUG")
# Plain http is for a demo or a machine of one's own; a server for others stands behind TLS.
PLAIN_HTTP = DEBUG or flag("PAIDAN_PLAIN_HTTP")
# Made on first use, not on import: reading the settings must not write into anybody's data folder.
SECRET_KEY = cast(str, SimpleLazyObject(lambda: secret_key(DATA)))
ALLOWED_HOSTS = words("PAIDAN_HOSTS", "localhost,127.0.0.1,[::1]")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "procrastinate.contrib.django",
    "paidan.web",
    "paidan.accounts",
    "paidan.catalog",
    "paidan.network",
    "paidan.stock",
    "paidan.orders",
    "paidan.rules",
    "paidan.allocation",
    "paidan.whatif",
    "paidan.reports",
    "paidan.desk",
    "paidan.alerts",
    "paidan.api",
]

MIDDLEWARE = [
    "paidan.api.answers.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "paidan.web.middleware.ReaderMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "paidan.web.context.shell",
            ],
        },
    },
]

ROOT_URLCONF = "paidan.config.urls"
WSGI_APPLICATION = "paidan.config.wsgi.application"
ASGI_APPLICATION = "paidan.config.asgi.application"

DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "accounts:sign-in"
# Ten wrong passwords for one name from one address, then a quarter of an hour of silence: slow for a guesser, and
# nobody can lock a colleague out from elsewhere.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "paidan.accounts.views.locked_out"
AXES_CLIENT_IP_CALLABLE = "paidan.accounts.changes.address_of"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
# The clock pages show; work days and cut-offs go by each warehouse's own.
DISPLAY_TIME_ZONE = os.environ.get("PAIDAN_TIME_ZONE", "Asia/Shanghai")

# What the shell shows and finds.
NAVIGATION = "paidan.config.navigation.ITEMS"
SEARCHES = ["paidan.desk.search.find_orders"]
TOP_NOTES = ["paidan.desk.promotion_note.promotion_under_way"]

STATIC_URL = "static/"
# `paidan web` collects here before it starts: hashed names, compressed, cached for ever. What is not collected
# (tests, development) is served from the packages themselves.
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "paidan.web.storage.CollectedOrPackaged"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Scripts, styles, fonts and data come from us alone, and no script stands in a page. Style attributes are allowed:
# a bar's length is one, and ECharts sets its tooltip's by markup; they cannot run anything.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# Where files for and from warehouses' own systems stand, a folder for each.
FILES = files_folder(DATA)

# Webhooks go to the public network by https; whether they may also go to addresses inside the server's own network,
# and there without TLS, is the operator's decision: who may set one could otherwise reach what only the server reaches.
WEBHOOKS_PRIVATE = flag("PAIDAN_WEBHOOKS_PRIVATE")
# How many requests a minute one API token may make; 0 = no limit.
API_CALLS_PER_MINUTE = number("PAIDAN_API_CALLS", 12_000)

# Background jobs: each app's jobs.py.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

SESSION_COOKIE_SECURE = not PLAIN_HTTP
CSRF_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = not PLAIN_HTTP
# Probes come from the machine itself, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 30 * 24 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Only a proxy that sets this header itself may be trusted with it.
BEHIND_PROXY = flag("PAIDAN_BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
CSRF_FAILURE_VIEW = "paidan.accounts.views.stale_form"
CSRF_TRUSTED_ORIGINS = words("PAIDAN_TRUSTED_ORIGINS")
# Whether the neighbours of our host name speak TLS is their owner's decision, so neither subdomains (W005) nor
# browser preload lists (W021) are claimed.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# On standard error, for whatever collects it there. The pool repeats itself many times a second while a database is
# away; the worker says it once.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "psycopg.pool": {"level": "CRITICAL"},
        "procrastinate": {"level": "ERROR"},
    },
}
