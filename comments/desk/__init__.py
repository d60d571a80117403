"""The moderators' desk: the queues as pages in the admin, live over the namespace `/moderation`."""
