"""The chat: rooms whose messages are comments, and messages from one person to another."""
