"""The desk's own settings, with a data folder of this test run and nothing that costs time for safety."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="legitsms-desk-test-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
folder = os.environ["DATA_DIR"]
os.environ.setdefault("SECRET_KEY", "only-for-tests-" * 4)

from legitsms_site.settings import *  # noqa: E402, F403
from legitsms_site.settings import DATABASES, STORAGES  # noqa: E402

FAIL_AT = os.environ.get("LEGITSMS_DESK_FAIL_AT", "")  # see orders/failpoints.py
LEGITSMS_REQUESTS_PER_MINUTE = 0  # no test waits for its turn, unless it is about that
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
DATABASES["default"]["TEST"] = {"NAME": f"{folder}/test.sqlite3"} if "sqlite3" in DATABASES["default"]["ENGINE"] else {}
Path(folder, "static").mkdir(
    parents=True, exist_ok=True
)  # nothing is collected, but WhiteNoise warns where it is missing
