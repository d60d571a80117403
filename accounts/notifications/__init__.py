"""A user's inbox. `send` is the one door through which anything gets into it:

    from accounts import notifications

    notifications.send(Kind.FOLLOW, to_user=person.pk, actor=follower.pk, path="/people/sue/")
    notifications.send(Kind.SYSTEM, to_all=True, about={"text": "We are back."})

It is stored in the caller's transaction, and told to open pages after the commit. `withdraw` takes back what
was sent about something that is there no more; `suspend` and `resume` are for what comes and goes.
"""

from .sending import Letter, follow_source, forget, resume, send, suspend, withdraw

__all__ = ["Letter", "follow_source", "forget", "resume", "send", "suspend", "withdraw"]
