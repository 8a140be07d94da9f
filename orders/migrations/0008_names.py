"""Usual names for fields and events. Columns keep their names, so that the version before runs on this schema."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models
from django.db.models import Case, Value, When

EVENTS = {
    "cancel wished": "cancel requested",
    "cancel in time": "cancel before end",
    "cancel withdrawn": "cancel undone",
    "cancel not yet": "cancel too early",
    "finish wished": "finish requested",
    "looked": "revealed",
    "claimed": "reported bought",
    "claim refused": "report rejected",
    "set aside": "postponed",
    "handed over": "reassigned",
    "forgotten": "erased",
}
HISTORY = ["-requested_at", "-id", "owner", "server", "status", "brand_key", "place_key"]


def rename_events(apps, names):
    """One pass over the table, which has some ten rows per order."""
    events = apps.get_model("orders", "OrderEvent").objects.filter(what__in=names)
    events.update(what=Case(*(When(what=old, then=Value(new)) for old, new in names.items())))


def forwards(apps, _schema):
    rename_events(apps, EVENTS)


def backwards(apps, _schema):
    rename_events(apps, {new: old for old, new in EVENTS.items()})


def search_text():
    parts = ["phone", "activation_id", "service_name", "country_name", "note"]
    with_blanks = [piece for part in parts for piece in (part, models.Value(" "))][:-1]
    text = django.db.models.functions.text.Concat(*with_blanks, output_field=models.CharField())
    return django.db.models.functions.text.Lower(django.db.models.functions.text.Substr(text, 1, 300))


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0007_untrusted"),
        ("provider", "0001_move_from_catalog_and_orders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("Weather"),
                migrations.RemoveIndex("order", "order_history"),
                migrations.RenameField("order", "claimed_id", "reported_id"),
                migrations.RenameField("order", "claimed_phone", "reported_phone"),
                migrations.RenameField("order", "claimed_by", "reported_by"),
                migrations.RenameField("order", "is_closing", "is_sending_action"),
                migrations.RenameField("order", "forgotten_at", "erased_at"),
                migrations.RenameField("order", "findable", "search_text"),
                migrations.RenameField("orderevent", "words", "detail"),
                migrations.RenameField("export", "asked", "query"),
                migrations.AlterField(
                    "order", "reported_id", models.CharField(blank=True, db_column="claimed_id", max_length=64)
                ),
                migrations.AlterField(
                    "order", "reported_phone", models.CharField(blank=True, db_column="claimed_phone", max_length=20)
                ),
                migrations.AlterField(
                    "order",
                    "reported_by",
                    models.ForeignKey(
                        blank=True,
                        db_column="claimed_by_id",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    "order",
                    "is_sending_action",
                    models.BooleanField(
                        db_column="is_closing",
                        default=False,
                        help_text="The requested cancel or finish is being sent.",
                    ),
                ),
                migrations.AlterField(
                    "order",
                    "erased_at",
                    models.DateTimeField(
                        blank=True,
                        db_column="forgotten_at",
                        help_text="Its number and codes were deleted then.",
                        null=True,
                    ),
                ),
                migrations.AlterField(
                    "order",
                    "search_text",
                    models.GeneratedField(
                        db_column="findable",
                        db_persist=True,
                        expression=search_text(),
                        output_field=models.CharField(max_length=300),
                    ),
                ),
                migrations.AddIndex("order", models.Index(fields=[*HISTORY, "search_text"], name="order_history")),
                migrations.AlterField(
                    "orderevent",
                    "detail",
                    models.CharField(
                        blank=True,
                        db_column="words",
                        help_text="LegitSMS's own words, without the API key.",
                        max_length=300,
                    ),
                ),
                migrations.AlterField(
                    "export",
                    "query",
                    models.CharField(db_column="asked", help_text="The filters, as in the address.", max_length=1000),
                ),
            ],
        ),
        migrations.AlterField(
            "order",
            "asked_at",
            models.DateTimeField(blank=True, help_text="The last request about it was sent about then.", null=True),
        ),
        migrations.AlterField(
            "order",
            "cancel_at",
            models.DateTimeField(blank=True, help_text="A cancel is requested for this time.", null=True),
        ),
        migrations.AlterField(
            "order",
            "cancels_replaced",
            models.BooleanField(default=False, help_text="Once this number is bought, the other one is cancelled."),
        ),
        migrations.AlterField("order", "not_after", models.DateTimeField(help_text="Not bought after this time.")),
        migrations.AlterField(
            "order", "version", models.PositiveIntegerField(default=1, help_text="Rises with every change.")
        ),
        migrations.RunPython(forwards, backwards, elidable=False),
    ]
