from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_message_blocks'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='inbox',
            name='inbox_news_by_mail',
        ),
        migrations.AddField(
            model_name='inbox',
            name='caught_up_to',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='inbox',
            index=models.Index(condition=models.Q(('wants_news_by_mail', True)), fields=['caught_up_to', 'user'], name='inbox_awaits_news'),
        ),
    ]
