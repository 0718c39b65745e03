from django.db import migrations

from sessions_app.actions.kinds import ensure_kinds


def add_kinds(apps, schema_editor):
    ensure_kinds(apps.get_model("sessions_app", "SessionKind"))


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0001_initial")]

    operations = [migrations.RunPython(add_kinds, migrations.RunPython.noop)]
