from django.db import migrations

from materials.actions.paper_kind import ensure_paper_kinds


def add_kinds(apps, schema_editor):
    ensure_paper_kinds(apps.get_model("materials", "PaperKind"))


class Migration(migrations.Migration):
    dependencies = [("materials", "0001_initial")]

    operations = [migrations.RunPython(add_kinds, migrations.RunPython.noop)]
