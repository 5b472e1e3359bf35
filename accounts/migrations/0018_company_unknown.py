import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('accounts', '0017_visitors'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='stands_for',
            field=models.OneToOneField(
                blank=True,
                help_text='Somebody whose company is unknown and who asked for something',
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name='own_account',
                to='accounts.person',
            ),
        ),
        migrations.AddIndex(
            model_name='account',
            index=models.Index(
                condition=models.Q(('joined_into', None), ('stands_for__isnull', False)),
                fields=['id'],
                name='account_company_unknown',
            ),
        ),
    ]
