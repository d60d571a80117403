import django.db.models.deletion
from django.db import migrations, models


def as_everybody_else(apps, schema_editor):
    """Those who follow a post were told together with all others so far."""
    told = apps.get_model('comments', 'PostTold')
    followers = apps.get_model('comments', 'FollowersTold')
    rows = told.objects.order_by('pk').values_list('pk', 'version').iterator(chunk_size=2000)
    followers.objects.bulk_create(
        (followers(post_id=pk, version=version) for pk, version in rows), batch_size=2000
    )


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0010_private_unread'),
    ]

    operations = [
        migrations.CreateModel(
            name='FollowersTold',
            fields=[
                ('post', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='followers_told', serialize=False, to='comments.post')),
                ('version', models.PositiveBigIntegerField(default=0)),
                ('up_to', models.PositiveBigIntegerField(default=0)),
                ('after', models.PositiveBigIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'notified changes',
                'verbose_name_plural': 'notified changes',
            },
        ),
        migrations.RunPython(as_everybody_else, migrations.RunPython.noop),
    ]
