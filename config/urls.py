"""The site's addresses."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path

from accounts import mute_pages
from accounts.notifications import views as notification_pages
from accounts.views import set_language

from . import monitoring
from .catalogue import Sentences

admin.site.site_header = admin.site.site_title = settings.SITE_NAME
admin.site.empty_value_display = "—"

# The admin's own form knows neither the second step nor the limits on wrong passwords.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("chat/", include("comments.chat.urls")),
    path("", include("comments.urls")),
    path("healthz", monitoring.healthz),
    path("readyz", monitoring.readyz),
    path("metrics", monitoring.figures),
    path("accounts/muted/", mute_pages.muted, name="muted"),
    path("accounts/mute/<int:user_id>/", mute_pages.mute, name="mute"),
    path("notifications/", notification_pages.index, name="notifications"),
    path("notifications/<int:notification_id>/", notification_pages.notification, name="notification"),
    path(
        "notifications/unsubscribe/<str:token>/", notification_pages.unsubscribe, name="no-notification-mail"
    ),
    path("accounts/notifications/", notification_pages.choose, name="notification-choices"),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/moderation/", include("comments.desk.urls")),
    path("admin/", admin.site.urls),
    # Where browsers look for the icon of a page that names none: the admin's, or a bare answer.
    path("favicon.ico", lambda request: redirect(static("img/favicon.svg"))),
    path("i18n/setlang/", set_language, name="set_language"),
    path(
        "i18n/catalogue.js",
        Sentences.as_view(packages=["config"]),
        name="javascript-catalog",
    ),
]
