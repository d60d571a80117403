from django.urls import path

from . import follow_pages, views

app_name = "accounts"

urlpatterns = [
    path("avatars/<str:digest>.webp", views.avatar, name="avatar"),
    path("accounts/session/", views.session, name="session"),
    path("accounts/settings/", views.settings_page, name="settings"),
    path("accounts/data/", views.data, name="data"),
    path("accounts/data/download/", views.download, name="download"),
    path("accounts/delete/", views.delete, name="delete"),
    path("accounts/deleted/", views.deleted, name="deleted"),
    path("accounts/status/", follow_pages.status, name="status"),
    path("following/", follow_pages.following, name="following"),
    path("people/<str:username>/follow/", follow_pages.follow, name="follow"),
]
