from django.urls import path

from . import views

app_name = "chat"

urlpatterns = [
    path("", views.lobby, name="lobby"),
    path("with/", views.conversations, name="conversations"),
    path("with/<str:username>/", views.conversation, name="conversation"),
    path("with/<str:username>/block/", views.block, name="block"),
    path("messages/<int:message_id>/delete/", views.delete, name="delete"),
    path("messages/<int:message_id>/report/", views.report, name="report"),
    path("<slug:slug>/", views.room, name="room"),
]
# What no room may be called by its address.
TAKEN = frozenset({"with", "messages"})
