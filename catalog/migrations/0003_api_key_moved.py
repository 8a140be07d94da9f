from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_api_key"),
        ("provider", "0001_move_from_catalog_and_orders"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("ApiKey")]),
    ]
