"""People: users and their accounts."""
