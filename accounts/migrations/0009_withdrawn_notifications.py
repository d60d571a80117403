from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_caught_up_to'),
    ]

    operations = [
        migrations.AddField(
            model_name='notification',
            name='is_withdrawn',
            field=models.BooleanField(default=False),
        ),
    ]
