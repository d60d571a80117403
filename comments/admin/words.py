"""The lists of restricted words, and what a word or a list would have caught."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comments import word_lists
from comments.models import RestrictedWord, WordKind
from realtime.errors import Refused

from .base import OursAdmin, acting, beginning, native

# Of what a dry run catches the page shows the newest; it says how many there were.
SHOWN = 50


class WordForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = RestrictedWord
        fields = ("pattern", "kind", "note")

    def clean_pattern(self) -> str:
        try:
            [pattern] = word_lists.patterns([self.cleaned_data["pattern"]])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal.message)) from refusal
        return pattern


class TryForm(forms.Form):
    """Words to try, one a line; then the list they go on."""

    pattern = forms.CharField(
        label=gettext_lazy("words"),
        widget=forms.Textarea(attrs={"rows": 6, "cols": 60}),
        max_length=word_lists.AT_ONCE * (word_lists.PATTERN_LIMIT + 2),
        help_text=gettext_lazy("One a line; * at the beginning or end of a word stands for any letters."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("kind"), choices=WordKind, initial=WordKind.SUSPECT, required=False
    )
    note = forms.CharField(
        label=gettext_lazy("note for colleagues"), max_length=word_lists.NOTE_LIMIT, required=False
    )

    def clean_pattern(self) -> list[str]:
        try:
            return word_lists.patterns(self.cleaned_data["pattern"].splitlines())
        except Refused as refusal:
            raise forms.ValidationError(str(refusal.message)) from refusal


@admin.register(RestrictedWord)
class RestrictedWordAdmin(OursAdmin[RestrictedWord]):
    form = WordForm
    list_display = ("pattern", "kind", "note", "created_by", "created_at", "changed_at")
    list_filter = ("kind", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("pattern", "note")
    ordering = ("pattern",)
    fields = ("pattern", "kind", "note", "created_by", "created_at", "changed_at")
    readonly_fields = ("created_by", "created_at", "changed_at")
    change_form_template = "admin/comments/word_form.html"
    change_list_template = "admin/comments/word_list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.try_words)
        return [path("try/", view, name="comments_restrictedword_try"), *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj is not None else self.fields[:3]

    def save_model(self, request: HttpRequest, obj: RestrictedWord, form: Any, change: bool) -> None:
        saved = word_lists.save_word(
            obj.pattern, obj.kind, acting_user=acting(request), note=obj.note, word_id=obj.pk
        )
        obj.pk = saved.pk

    def delete_model(self, request: HttpRequest, obj: RestrictedWord) -> None:
        word_lists.delete_word(obj.pk, acting_user=acting(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RestrictedWord]) -> None:
        word_lists.delete_words(list(queryset.values_list("pk", flat=True)), acting_user=acting(request))

    def try_words(self, request: HttpRequest) -> HttpResponse:
        """What words would have caught; nothing is kept of it unless they are then put on a list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        posted = request.method == "POST"
        initial = {"pattern": "\n".join(self._listed(request.GET.get("list", "")))}
        form = TryForm(request.POST if posted else None, initial=initial)
        caught: list[word_lists.Caught] | None = None
        patterns = form.cleaned_data["pattern"] if posted and form.is_valid() else None
        if patterns is not None:
            try:
                if "_add" in request.POST:
                    return self._add(request, patterns, form)
                caught = word_lists.dry_run(patterns, acting_user=acting(request))
            except Refused as refusal:
                form.add_error(None, str(refusal.message))
        may_add = self.has_add_permission(request)
        fields = ["pattern", "kind", "note"] if may_add else ["pattern"]
        context = self.page_context(
            request,
            _("Dry run"),
            adminform=native(form, [(None, {"fields": fields})]),
            errors=form.errors,
            media=self.media + form.media,
            tried_on=word_lists.TRIED_ON,
            caught=None
            if caught is None
            else [(each, beginning(each.comment, 200)) for each in caught[:SHOWN]],
            caught_count=None if caught is None else len(caught),
            by_pattern=_counted(patterns or [], caught or []),
            may_add=may_add,
            back=reverse("admin:comments_restrictedword_changelist"),
        )
        return TemplateResponse(request, "admin/comments/try_words.html", context)

    def _add(self, request: HttpRequest, patterns: list[str], form: TryForm) -> HttpResponse:
        kind = form.cleaned_data["kind"] or WordKind.SUSPECT
        user = acting(request)
        added = word_lists.add_words(patterns, kind, acting_user=user, note=form.cleaned_data["note"])
        for word in added:
            self.log_addition(request, word, [{"added": {}}])
        text = ngettext("%(count)d word added.", "%(count)d words added.", len(added))
        messages.success(request, text % {"count": len(added)})
        known = len(patterns) - len(added)
        if known:
            text = ngettext(
                "%(count)d word was on a list already.", "%(count)d words were on a list already.", known
            )
            messages.info(request, text % {"count": known})
        return HttpResponseRedirect(reverse("admin:comments_restrictedword_changelist"))

    def _listed(self, kind: str) -> list[str]:
        words = RestrictedWord.objects.filter(kind=kind).order_by("pattern")
        return list(words.values_list("pattern", flat=True)[: word_lists.AT_ONCE])


def _counted(patterns: list[str], caught: list[word_lists.Caught]) -> list[tuple[str, int]]:
    """How many comments each pattern caught; of several in one comment the first counts."""
    counts = dict.fromkeys(patterns, 0)
    for each in caught:
        counts[each.pattern] += 1
    return sorted(counts.items(), key=lambda pair: -pair[1])
