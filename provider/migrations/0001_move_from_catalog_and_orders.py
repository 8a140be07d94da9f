"""Takes over the API key from `catalog` and the provider's health from `orders`. The tables and their rows stay."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MOVED = (("catalog", "apikey", "apikey"), ("orders", "weather", "providerhealth"))


def move_content_types(apps, _schema):
    """Audit log entries and permissions follow the models. Content types of a new database do not exist yet."""
    content_types = apps.get_model("contenttypes", "ContentType").objects
    for app, old, new in MOVED:
        content_types.filter(app_label=app, model=old).update(app_label="provider", model=new)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0002_api_key"),
        ("orders", "0007_untrusted"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ApiKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("encrypted_key", models.TextField(blank=True, db_column="sealed", editable=False)),
                        ("ending", models.CharField(blank=True, editable=False, max_length=4)),
                        ("changed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("asked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("answered_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("answer", models.CharField(blank=True, editable=False, max_length=300)),
                        (
                            "changed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "catalog_apikey",
                        "verbose_name": "API key",
                        "verbose_name_plural": "API key",
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("pk", 1)), name="api_key_is_one_row")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProviderHealth",
                    fields=[
                        (
                            "upstream",
                            models.CharField(
                                choices=[("live", "LegitSMS"), ("sandbox", "Sandbox")],
                                max_length=10,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("bad_key_since", models.DateTimeField(blank=True, null=True)),
                        ("no_balance_since", models.DateTimeField(blank=True, null=True)),
                        (
                            "silent_since",
                            models.DateTimeField(
                                blank=True, help_text="No order's check got an answer since.", null=True
                            ),
                        ),
                        (
                            "untrusted_since",
                            models.DateTimeField(
                                blank=True,
                                help_text="The server that answers has no valid certificate since.",
                                null=True,
                            ),
                        ),
                        ("probed_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "db_table": "orders_weather",
                        "verbose_name": "provider health",
                        "verbose_name_plural": "provider health",
                    },
                ),
            ],
        ),
        migrations.RunPython(move_content_types, migrations.RunPython.noop, elidable=False),
    ]
