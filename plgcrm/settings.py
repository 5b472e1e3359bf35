"""Settings, all from the environment; `docs/reference/settings.md` lists each one."""

from pathlib import Path

import django_stubs_ext
import environ

from plgcrm.logging import configuration

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="insecure-only-for-development-and-tests" if DEBUG else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000")

INSTALLED_APPS = [
    "plgcrm.apps.PlgcrmAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "template_partials",
    "allauth",
    "allauth.account",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "plgcrm.apps.PlgcrmConfig",
    "plgcrm.common",
    "accounts",
    "signals",
    "outreach",
]

MIDDLEWARE = [
    "signals.ingest.http.IngestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "plgcrm.common.http.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "plgcrm.urls"
WSGI_APPLICATION = "plgcrm.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "plgcrm.frame.frame",
            ],
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL", default="postgres://postgres@127.0.0.1:5432/plgcrm")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
    }
}

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "plgcrm.login.ClosedSignup"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "plgcrm.formats"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("HTTPS", default=False)
SESSION_COOKIE_AGE = 14 * 24 * 3600
if env.bool("HTTPS", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "plgcrm.common.api_errors.api_error",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "PLGCRM",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "OutcomeKind": "outreach.models.Outcome.Kind",
        "ItemState": "outreach.models.QueueItem.State",
        "DismissReason": "outreach.models.QueueItem.DismissReason",
        "Disposition": "outreach.models.QueueItem.Disposition",
        "DecisionState": "outreach.models.PlayDecision.State",
        "MomentKind": "signals.models.Moment.Kind",
        "MergeSuggestionState": "accounts.models.MergeSuggestion.State",
        "MergeSuggestionStateQuery": ["open", "accepted", "refused", "all"],
    },
}

# What PLGCRM itself can be told. See docs/reference/settings.md.
PRODUCT_NAME = env("PRODUCT_NAME", default="")
CURRENCY = env("CURRENCY", default="")
COMPANY_DOMAINS = env.list("COMPANY_DOMAINS", default=[])
MERGE_MOST_USER_IDS = env.int("MERGE_MOST_USER_IDS", default=10)
# Behind TLS stands a proxy that ends it; each adds the address it saw to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if env.bool("HTTPS", default=False) else 0)
BROWSER_REQUESTS_PER_HOUR = env.int("BROWSER_REQUESTS_PER_HOUR", default=20)
BROWSER_REQUESTS_PER_ADDRESS = env.int("BROWSER_REQUESTS_PER_ADDRESS", default=3)
INGEST_MAX_BODY_BYTES = env.int("INGEST_MAX_BODY_BYTES", default=4 * 1024 * 1024)
INGEST_MAX_INFLATED_BYTES = env.int("INGEST_MAX_INFLATED_BYTES", default=16 * 1024 * 1024)
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=256 * 1024 * 1024)
EVENT_RETENTION_MONTHS = env.int("EVENT_RETENTION_MONTHS", default=25)
FAILED_EVENT_DAYS = env.int("FAILED_EVENT_DAYS", default=90)
DATA_UPLOAD_MAX_MEMORY_SIZE = INGEST_MAX_BODY_BYTES

CELERY_BROKER_URL = REDIS_URL

LOGGING = configuration(
    as_json=not DEBUG, level=env("LOG_LEVEL", default="WARNING"), own_level=env("LOG_LEVEL", default="INFO")
)
PIPELINE_HINTS = env.bool("PIPELINE_HINTS", default=True)
