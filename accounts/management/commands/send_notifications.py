"""`manage.py send_notifications`: the letters that are due; for cron, every minute or every few."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.notifications import letters


class Command(BaseCommand):
    help = "Sends the letters about notifications that are due. Run it from cron, every minute for example."

    def handle(self, *args: Any, **options: Any) -> None:
        sent = letters.send_due()
        if options["verbosity"] > 1:
            self.stdout.write(f"{sent} letters were sent.")
