from django.urls import path

from . import choices, fairness, feed, profiles, views

app_name = "comments"

urlpatterns = [
    path("", views.index, name="index"),
    path("posts/<slug:slug>/", views.post, name="post"),
    path("posts/<slug:slug>/comments/", views.create, name="create"),
    path("posts/<slug:slug>/comments.atom", feed.comments, name="feed"),
    path("posts/<slug:slug>/follow/", choices.follow, name="follow"),
    path("reactions/", choices.show_reactions, name="show_reactions"),
    path("comments/<int:comment_id>/", views.comment, name="comment"),
    path("comments/<int:comment_id>/edit/", views.edit, name="edit"),
    path("comments/<int:comment_id>/delete/", views.delete, name="delete"),
    path("comments/<int:comment_id>/react/", choices.react, name="react"),
    path("comments/<int:comment_id>/report/", fairness.report, name="report"),
    path("comments/<int:comment_id>/hide/", fairness.hide, name="hide"),
    path("comments/<int:comment_id>/restore/", fairness.restore, name="restore"),
    path("decisions/<int:decision_id>/appeal/", fairness.appeal, name="appeal"),
    path("people/<str:username>/", profiles.person, name="person"),
    path("posts/<slug:slug>/warnings/<int:sanction_id>/", fairness.acknowledge, name="acknowledge"),
]
