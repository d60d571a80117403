"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import JavaScriptCatalog

from . import monitoring

urlpatterns = [
    path("", include("comments.urls")),
    path("healthz", monitoring.healthz),
    path("readyz", monitoring.readyz),
    path("metrics", monitoring.figures),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path(
        "i18n/catalogue.js",
        JavaScriptCatalog.as_view(packages=["config"]),
        name="javascript-catalog",
    ),
]
