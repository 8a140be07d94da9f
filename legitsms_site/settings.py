"""Settings of LegitSMS Desk, all from the environment (.env.example lists every variable)."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from legitsms import check_url
from legitsms_site import broker, oidc
from legitsms_site.environment import BASE_DIR as BASE_DIR
from legitsms_site.environment import database, env, integer, per_minute, secrets, stored_secret, validated
from legitsms_site.version import VERSION as VERSION

django_stubs_ext.monkeypatch()

DEBUG = False
MIN_KEY_LENGTH = 50  # Django warns below it
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
SECRET_KEY = env.str("SECRET_KEY", default="") or stored_secret(DATA_DIR / "secret_key")
if len(SECRET_KEY) < MIN_KEY_LENGTH:
    raise ImproperlyConfigured(
        f"SECRET_KEY needs {MIN_KEY_LENGTH} characters or more, made at random; or leave it out."
    )
FIELD_ENCRYPTION_KEYS = secrets("FIELD_ENCRYPTION_KEYS") or [stored_secret(DATA_DIR / "field_encryption_key")]

# --- The address of the desk
PORT = integer("PORT", 8000)
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{PORT}").rstrip("/")
SITE = urlsplit(SITE_URL)
if SITE.scheme not in {"http", "https"} or not SITE.hostname:
    raise ImproperlyConfigured("SITE_URL must be the address that people open, like https://desk.example.com.")
IS_HTTPS = SITE.scheme == "https"
TRUSTED_PROXIES = integer("TRUSTED_PROXIES", 0, minimum=0)  # each adds one address to X-Forwarded-For
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]  # for health checks, whatever the public address is
ALLOWED_HOSTS = [SITE.hostname, *LOOPBACK]
CSRF_TRUSTED_ORIGINS = [f"{SITE.scheme}://{SITE.netloc}"]

# --- LegitSMS
LEGITSMS_URL = validated("LEGITSMS_URL", "https://legitsms.com/api/handler/", check_url)
LEGITSMS_API_KEY = env.str("LEGITSMS_API_KEY", default="")
LEGITSMS_REQUESTS_PER_MINUTE = per_minute("LEGITSMS_REQUESTS_PER_MINUTE")  # None: the team's policy, or learned
SANDBOX_PORT = integer("SANDBOX_PORT", 8100)
SANDBOX_URL = env.str("SANDBOX_URL", default=f"http://127.0.0.1:{SANDBOX_PORT}/api/handler/")
SANDBOX_SPEED = integer("SANDBOX_SPEED", 1)  # how many times faster than real time the sandbox's clock runs
SANDBOX_REQUESTS_PER_MINUTE = per_minute("SANDBOX_REQUESTS_PER_MINUTE", "0") or 0
CANCEL_AFTER = timedelta(minutes=2)  # upstream refuses earlier: ERROR_WAIT_2_MINUTES
EXPECTED_LIFE = timedelta(minutes=20)  # not documented by LegitSMS; usual for services with this protocol
CANCEL_BEFORE_END = timedelta(minutes=integer("CANCEL_BEFORE_END_MINUTES", 1, minimum=0))  # 0: not automatically
MAX_PRICE_AGE = timedelta(minutes=integer("MAX_PRICE_AGE_MINUTES", 10))  # an older price is read again before buying
PURCHASES_A_MINUTE = integer("PURCHASES_A_MINUTE", 10)  # per member; each purchase has up to 10 numbers
HARD_CAP = timedelta(minutes=60)  # after it, an order is polled every 5 min and needs attention

# --- Django
INSTALLED_APPS = [
    "auditlog",  # before the apps that use it
    "team",
    "provider",
    "catalog",
    "orders",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_countries",
    "django_htmx",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "legitsms_site.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",  # before WhiteNoise, so that static files carry the policy too
    "legitsms_site.null_bytes.NullByteMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "team.audit.AuditMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "team.middleware.SignedInMiddleware",
    "team.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "legitsms_site.urls"
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
                "legitsms_site.context_processors.desk",
            ],
        },
    },
]

SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "desk.sqlite3",
    "CONN_MAX_AGE": None,  # polling runs four times a second, and opening the file takes longer than a query
    "OPTIONS": {
        # Measured: no lock error at 200 writes a second from four processes; Django's defaults gave 48.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;"
        " PRAGMA foreign_keys=ON",
    },
}
DATABASES: dict[str, dict[str, Any]] = {"default": SQLITE}
if env.str("DATABASE_URL", default=""):
    DATABASES["default"] = database("DATABASE_URL") | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"] |= {"OPTIONS": SQLITE["OPTIONS"]}
else:
    limits = {"statement_timeout": "10s", "lock_timeout": "3s", "idle_in_transaction_session_timeout": "15s"}
    options = " ".join(f"-c {name}={limit}" for name, limit in limits.items())
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = options
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Holds failed sign-ins and used one-time codes, and nothing else. It is in the database, since all web processes must
# share it, even while the broker is down.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

LANGUAGE_CODE = "en"
COUNTRIES_OVERRIDE = {"US": "USA"}  # the name that people and the servers use
USE_I18N = False
TIME_ZONE = "UTC"  # browsers convert times to the viewer's time zone
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Sign-in
AUTH_USER_MODEL = "team.User"
AUTHENTICATION_BACKENDS = ["team.backends.ByNameOrEmail"]
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("Argon2", "PBKDF2")]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "team.passwords.LengthValidator"},
    {"NAME": "team.passwords.DeskNameValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "orders:board"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
ACCOUNT_SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())  # with «Keep me signed in»
ACCOUNT_ADAPTER = "team.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(timedelta(minutes=30).total_seconds())
# The limit per account comes first: attempts that it refuses do not count for the address, which colleagues share.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/15m/key,20/1h/ip", "login": "100/m/ip"}
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=1).total_seconds())
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # the desk sends no e-mail
MFA_ADAPTER = "team.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # without e-mail no address is ever verified
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "LegitSMS Desk"
MFA_TOTP_TOLERANCE = 1  # steps of 30 s by which the clock of a phone may be wrong
MFA_FORMS = {
    "authenticate": "team.second_factor.AuthenticateCodeForm",
    "reauthenticate": "team.second_factor.ReauthenticateCodeForm",
    "add_webauthn": "team.second_factor.PasskeyForm",
}
OIDC = oidc.provider()
SOCIALACCOUNT_ADAPTER = "team.single_sign_on.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [OIDC.as_app()] if OIDC else []}}
ADMIN_USERNAME = env.str("ADMIN_USERNAME", default="")
ADMIN_PASSWORD = env.str("ADMIN_PASSWORD", default="")
FIRST_ADMINISTRATOR_TOKEN = DATA_DIR / "first_administrator_token"

# --- The audit trail: the models whose changes are recorded
AUDITLOG_MASK_CALLABLE = "team.audit.mask"
AUDITLOG_INCLUDE_TRACKING_MODELS = (
    {
        "model": "team.User",
        "exclude_fields": ["last_login"],
        "mask_fields": ["password"],
        "m2m_fields": ["groups", "user_permissions"],
    },
    {"model": "auth.Group", "m2m_fields": ["permissions"]},
    "team.Policy",
    {"model": "team.Invitation", "exclude_fields": ["token_hash"]},
    "team.Limit",
    {"model": "mfa.Authenticator", "exclude_fields": ["data", "last_used_at"]},
    {"model": "provider.ApiKey", "include_fields": ["ending", "changed_by"]},
    "catalog.Decision",
)

# --- HTTP security. Cookies are Secure exactly if SITE_URL is https: over plain http browsers would drop them.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True  # pages carry the token in hx-headers
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if IS_HTTPS else None  # over plain http browsers only warn about it
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "legitsms_site.csrf.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # needs no other cookie
USED_FEATURES = ("autoplay", "clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
UNUSED_FEATURES = (
    *("accelerometer", "bluetooth", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation"),
    *("gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment"),
    *("picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": X_FRAME_OPTIONS,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": ", ".join(
        [*(f"{feature}=(self)" for feature in USED_FEATURES), *(f"{feature}=()" for feature in UNUSED_FEATURES)]
    ),
}
if IS_HTTPS:
    SECURITY_HEADERS["Cross-Origin-Opener-Policy"] = "same-origin"
    # Django sends it only on requests that it knows to be https. Browsers ignore it on others anyway.
    SECURITY_HEADERS["Strict-Transport-Security"] = f"max-age={SECURE_HSTS_SECONDS}; includeSubDomains"
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # the proxy redirects from http to https
    "security.W021",  # only the owner of a domain can decide to have it preloaded
]
if not IS_HTTPS:  # SITE_URL is plain http, over which browsers would drop Secure cookies
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W012", "security.W016"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *([OIDC.origin] if OIDC else [])],  # the form that starts single sign-on redirects there
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    },
}

# --- The broker and Celery. Messages may be lost: the database says what to do. The values were measured with processes
# killed under load.
REDIS_URL = env.str("REDIS_URL", default="") or f"unix://{broker.socket_path(DATA_DIR)}?db=0"
CELERY_BROKER_URL = broker.celery_url(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "catalog"
CELERY_TASK_ACKS_LATE = True  # safe, because every task is a conditional update of a row
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # True would kill a purchase under way
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 60  # seconds; longer than the wait for a slot (30 s) and the longest deadline (20 s)
CELERY_TASK_TIME_LIMIT = 70
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 250_000  # KiB
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 25
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": 90,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,  # longer than the broker's blocking read (1 s)
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 5,
}
PROCESS_ROLE = env.str("PROCESS_ROLE", default="web")
if PROCESS_ROLE == "web":  # while the broker hangs, a page waits 1.1 s instead of over 40 s
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0}
    CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE = {
    f"{task} on {queue}": {
        "task": task,
        "args": arguments,
        "schedule": every,
        "options": {"queue": queue, "expires": expires},  # seconds; a late message is dropped, the next one follows
    }
    for task, arguments, every, queue, expires in (
        ("orders.poll_due", (), 0.25, "polling", 2),
        ("orders.recover", (), 1.0, "polling", 2),
        ("orders.heartbeat", ("polling",), 5.0, "polling", 10),
        ("orders.heartbeat", ("purchasing",), 5.0, "purchasing", 10),
        ("orders.heartbeat", ("catalog",), 5.0, "catalog", 10),
        ("catalog.refresh_due", (), 3.0, "catalog", 3),
        ("orders.delete_expired", (), 300.0, "catalog", 10),
    )
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "legitsms_site.logs.SingleLineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
    },
    "filters": {"without_readyz": {"()": "legitsms_site.logs.WithoutReadyz"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.request": {"filters": ["without_readyz"]},
        "celery": {"level": "WARNING"},
        "uvicorn": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "urllib3": {"level": "INFO"},  # at DEBUG it logs the URL of every request, which contains the API key
    },
}
