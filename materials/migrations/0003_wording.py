from django.db import migrations
from django.utils import timezone

from materials.actions.wording import ensure_wording


def add_wording(apps, schema_editor):
    ensure_wording(
        apps.get_model("materials", "WordingEntry"), apps.get_model("materials", "WordingEdition"), at=timezone.now()
    )


class Migration(migrations.Migration):
    dependencies = [("materials", "0002_paper_kinds")]

    operations = [migrations.RunPython(add_wording, migrations.RunPython.noop)]
