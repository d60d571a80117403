from django.urls import path

from . import views

app_name = "comments"

urlpatterns = [
    path("", views.index, name="index"),
    path("posts/<slug:slug>/", views.post, name="post"),
    path("posts/<slug:slug>/comments/", views.create, name="create"),
    path("comments/<int:comment_id>/", views.comment, name="comment"),
    path("comments/<int:comment_id>/edit/", views.edit, name="edit"),
    path("comments/<int:comment_id>/delete/", views.delete, name="delete"),
]
