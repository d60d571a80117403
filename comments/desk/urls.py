from django.urls import path

from . import views

app_name = "desk"

urlpatterns = [
    path("", views.first_queue, name="first"),
    path("item/<int:comment_id>/", views.item, name="item"),
    path("item/<int:comment_id>/decide/", views.decide, name="decide"),
    path("item/<int:comment_id>/sanction/", views.sanction, name="sanction"),
    path("decision/<int:decision_id>/undo/", views.undo, name="undo"),
    path("appeal/<int:appeal_id>/answer/", views.answer, name="answer"),
    path("<slug:queue>/", views.queue, name="queue"),
]
