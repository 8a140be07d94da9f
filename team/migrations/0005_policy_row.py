from django.db import migrations


def make_policy(apps, _schema):
    """So that no page has to make it when it looks."""
    apps.get_model("team", "Policy").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("team", "0004_limit_words")]

    operations = [migrations.RunPython(make_policy, migrations.RunPython.noop, elidable=False)]
