import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studygroup.settings")

app = Celery("studygroup")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["studygroup.lib", "accounts"])


@worker_ready.connect
def _pick_up_what_was_left(**_kwargs) -> None:
    """A worker that starts first looks for jobs an earlier one left behind."""
    from studygroup.lib.tasks import sweep

    sweep.delay()
