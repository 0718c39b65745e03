"""The product's settings with a data folder of their own, cheap passwords and a queue nobody reads.

TEST_DATABASE_URL and TEST_REDIS_URL point the same tests at real servers.
"""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="studygroup-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

# Whatever the shell or a .env says about the installation is not meant for the tests.
for _name in ("REDIS_URL", "PUBLIC_URL", "BEHIND_TLS", "DEBUG", "STATIC_ROOT", "ALLOWED_HOSTS", "CLAMD_ADDRESS"):
    os.environ.pop(_name, None)
os.environ["DATA_DIR"] = _folder
os.environ["SECRET_KEY"] = "only-for-tests"
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")

from studygroup.settings import *  # noqa: E402, F403
from studygroup.settings import DATA_DIR, DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

if not os.environ["DATABASE_URL"]:
    # A file, so that several threads and a worker process of one test see the same rows.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
DATABASES["default"]["CONN_MAX_AGE"] = 0

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict = {}
STATIC_ROOT.mkdir()
