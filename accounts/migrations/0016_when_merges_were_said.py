from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('accounts', '0015_kinds_of_exclusions'),
    ]

    operations = [
        migrations.AddField(
            model_name='personmerge',
            name='said_at',
            field=models.DateTimeField(
                blank=True, help_text="By the events' own time; empty: nobody knows", null=True
            ),
        ),
        migrations.AddField(
            model_name='mergesuggestion',
            name='said_at',
            field=models.DateTimeField(
                blank=True, help_text="By the events' own time; empty: nobody knows", null=True
            ),
        ),
        migrations.AlterField(
            model_name='mergesuggestion',
            name='why',
            field=models.CharField(
                choices=[
                    ('users', 'two user ids of one source'),
                    ('companies', 'addresses of two companies'),
                    ('addresses', 'an address of its own on each side'),
                    ('ceiling', 'more ids than one person has'),
                    ('browser', 'said by a browser about somebody known'),
                ],
                max_length=10,
                verbose_name='held because of',
            ),
        ),
    ]
