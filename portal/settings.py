"""Every setting, from the environment alone; a wrong or missing value stops the process at its start.

docs/settings.md lists the variables with their meaning.
"""

import base64
import tomllib
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import FileAwareEnv

BASE_DIR = Path(__file__).resolve().parent.parent
env = FileAwareEnv(strip_whitespace=True)  # NAME_FILE names a file with the value, as secrets are mounted

# Who we are on the network
PUBLIC_URL: str = env.str("PUBLIC_URL").rstrip("/")
STATUS_URL: str = env.str("STATUS_URL").rstrip("/")
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in ("http", "https") or not _public.hostname:
    raise ImproperlyConfigured("PUBLIC_URL must be an http(s) address such as https://ca.example.org")
if urlsplit(STATUS_URL).scheme != "http":
    raise ImproperlyConfigured("STATUS_URL must be plain http: relying parties cannot check TLS to check status")
OVER_TLS = _public.scheme == "https"
ALLOWED_HOSTS = [_public.hostname, *env.list("EXTRA_HOSTS", [])]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
BEHIND_PROXY: bool = env.bool("BEHIND_PROXY", False)

# Secrets
SECRET_KEY: str = env.str("SECRET_KEY")


def _field_keys(text: str) -> dict[str, bytes]:
    """`id:base64,id:base64`: the first encrypts, all decrypt; 32 octets each."""
    keys = {}
    for part in text.split(","):
        key_id, _, value = part.partition(":")
        keys[key_id] = base64.b64decode(value)
    if not all(key_id and len(key) == 32 for key_id, key in keys.items()):
        raise ImproperlyConfigured("FIELD_KEYS must be id:base64 of 32 octets, more of them with commas between")
    return keys


FIELD_KEYS = _field_keys(env.str("FIELD_KEYS"))

# Where the keys lie. Only the signing worker is given CA_KEY_DIR, only the status process STATUS_KEY_DIR, only the mail
# worker MAIL_KEY_DIR.
CA_KEY_DIR: Path | None = env.path("CA_KEY_DIR", None)
CA_KEY_PASSPHRASE_FILE: Path | None = env.path("CA_KEY_PASSPHRASE_FILE", None)
STATUS_KEY_DIR: Path | None = env.path("STATUS_KEY_DIR", None)
STATUS_KEY_PASSPHRASE_FILE: Path | None = env.path("STATUS_KEY_PASSPHRASE_FILE", None)
MAIL_KEY_DIR: Path | None = env.path("MAIL_KEY_DIR", None) if env.str("MAIL_KEY_DIR", "") else None  # empty: unsigned
MAIL_KEY_PASSPHRASE_FILE: Path | None = env.path("MAIL_KEY_PASSPHRASE_FILE", None)

# The demo shows its mails on a page and fills itself with people
DEMO: bool = env.bool("DEMO", False)
DEBUG = False

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "desk",
    "enrollment",
    "renewal",
    "revocation",
    "certificates",
    "cases",
    "accounts",
    "notifications",
    "audit",
    "captcha",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its templates stay below those in templates/django/forms
]
MIDDLEWARE = [
    "portal.middleware.DatabaseDown",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.middleware.PlainRequests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.SessionLimits",
    "accounts.middleware.FirstPassword",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.errors.Refusals",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.site",
            ],
        },
    }
]

# Database: connections are kept; SQLite takes the write lock when a transaction begins, so that none fails half way
DATABASES = {"default": env.dj_db_url("DATABASE_URL")}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    _database["OPTIONS"] = {"pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", 4), "timeout": 10}}
    _database["DISABLE_SERVER_SIDE_CURSORS"] = False
_database["ATOMIC_REQUESTS"] = False

# Celery
CELERY_BROKER_URL: str = env.str("CELERY_BROKER_URL")
BROKER_DIR: Path | None = env.path("BROKER_DIR", None)  # for the folder:// broker of the embedded set-up

# Mail
vars().update(env.dj_email_url("EMAIL_URL"))
if vars()["EMAIL_TIMEOUT"] is None:
    EMAIL_TIMEOUT = 30  # seconds; a mail server that hangs would hold a worker, and its mails, for ever
DEFAULT_FROM_EMAIL: str = env.str("MAIL_FROM")
MAIL_SENDER_NAME, MAIL_SENDER = parseaddr(DEFAULT_FROM_EMAIL)
if not MAIL_SENDER.isascii() or "@" not in MAIL_SENDER or not DEFAULT_FROM_EMAIL.isprintable():
    raise ImproperlyConfigured("MAIL_FROM must be an address such as Example CA <noreply@ca.example.org>")
BOUNCE_ADDRESS: str = env.str("BOUNCE_ADDRESS", "") or MAIL_SENDER  # envelope sender: mail servers send back to it
MAIL_DIR: Path | None = env.path("MAIL_DIR", None)  # where the demo's mails are kept
if MAIL_DIR is not None:
    EMAIL_BACKEND = "notifications.backends.MailFolder"

# Accounts
AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["accounts.backends.AccountBackend"]
PASSWORD_HASHERS = ["accounts.backends.Argon2"]
PASSWORD_MIN_LENGTH: int = env.int("PASSWORD_MIN_LENGTH", 12)
PASSWORD_MAX_LENGTH: int = env.int("PASSWORD_MAX_LENGTH", 128)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.rules.LengthValidator"},
    {"NAME": "accounts.rules.NotCommonValidator"},
    {"NAME": "accounts.rules.NotLikeAccountValidator"},
]
LOGIN_URL = "accounts:sign-in"
PASSCODE_DAYS = 30
ENTITLEMENT_DAYS: int = env.int("ENTITLEMENT_DAYS", 90)
STRIKES = 3
SESSION_IDLE_SECONDS = {"subscriber": 30 * 60, "officer": 15 * 60}
SESSION_ABSOLUTE_SECONDS = 12 * 3600
SECOND_FACTOR_SECONDS = 15 * 60
SUBSCRIBER_DOMAIN_HINT = _public.hostname
OTP_TOTP_ISSUER = "Sigillum"
OTP_TOTP_THROTTLE_FACTOR = 1

# Picture digits
CAPTCHA_CHALLENGE_FUNCT = "accounts.rules.picture_digits"
CAPTCHA_LENGTH = 5
CAPTCHA_TIMEOUT = 5
CAPTCHA_FONT_SIZE = 34
CAPTCHA_FOREGROUND_COLOR = "#12333f"
CAPTCHA_BACKGROUND_COLOR = "#ffffff"

# Sessions and cookies. `__Host-` needs TLS, which the demo on this machine alone does not have.
_prefix = "__Host-" if OVER_TLS else ""
SESSION_COOKIE_NAME = _prefix + "session"
CSRF_COOKIE_NAME = _prefix + "csrf"
LANGUAGE_COOKIE_NAME = _prefix + "language"
for _cookie in ("SESSION", "CSRF", "LANGUAGE"):
    vars()[f"{_cookie}_COOKIE_SECURE"] = OVER_TLS
    vars()[f"{_cookie}_COOKIE_HTTPONLY"] = True
    vars()[f"{_cookie}_COOKIE_SAMESITE"] = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"

# Headers
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 63072000 if OVER_TLS else 0
SECURE_SSL_REDIRECT = False  # the TLS front does it
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [NONE],
    }
}

# Languages and time: UTC in storage, the site's zone on pages
LANGUAGE_CODE: str = env.str("LANGUAGE_CODE", "zh-hant")
LANGUAGES = [("zh-hant", "繁體中文"), ("en", "English"), ("pt", "Português")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE: str = env.str("TIME_ZONE", "Asia/Macau")

# Files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("STATIC_ROOT", BASE_DIR / "var" / "static")
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# What the operator says about itself, in three languages
SITE = tomllib.loads(env.path("SITE_FILE", BASE_DIR / "portal" / "site.toml").read_text(encoding="utf-8"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {"pkilint": {"level": "ERROR"}},
}
