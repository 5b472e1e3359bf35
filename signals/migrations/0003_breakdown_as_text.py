import signals.models
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("signals", "0002_events_and_storage")]

    operations = [
        migrations.AlterField(model_name="score", name="breakdown", field=signals.models.JsonText()),
    ]
