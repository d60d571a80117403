"""The engine under the rooms: sessions, requests, events and their delivery.

It does not know what a comment is; the floors above tell it.
"""
