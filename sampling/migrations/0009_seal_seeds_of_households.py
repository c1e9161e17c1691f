import hashlib
import hmac

from django.conf import settings
from django.db import migrations

PURPOSE = b"draw-seed/1:"


def combine(apps, schema_editor):
    """Put the seeds of draws of households under seal; done twice, it opens them again."""
    draws = apps.get_model("sampling", "Draw").objects.using(schema_editor.connection.alias)
    for draw in draws.filter(stage="household").exclude(seed=""):
        pad = hmac.digest(settings.COORDINATION_KEY.encode(), PURPOSE + str(draw.pk).encode(), hashlib.sha256)
        seed = bytes(a ^ b for a, b in zip(bytes.fromhex(draw.seed), pad, strict=True)).hex()
        draws.filter(pk=draw.pk).update(seed=seed)


class Migration(migrations.Migration):

    dependencies = [
        ('sampling', '0008_contact_email'),
    ]

    operations = [
        migrations.RunPython(combine, combine),
    ]
