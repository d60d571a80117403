"""The documents say what is there: settings, commands, files."""

import re

import pytest
from django.core.management import get_commands

from tests.project.files import BASE_DIR, ours, text

DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]

READ = re.compile(r"env\.(\w+)\(\s*\"(\w+)\"(?:,\s*default=(\"[^\"]*\"|\w+))?")


def documented() -> dict[str, str]:
    """Per name in the README's table its default."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", text("README.md"), re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a setting stands there twice"
    return dict(rows)


def test_every_setting_stands_in_the_readme_and_no_other() -> None:
    assert {name for _, name, _ in READ.findall(text("config/settings.py"))} == set(documented())


# What `serve` hands on to its workers, who inherit its environment.
HANDED_ON = {"FOLDER_VARIABLE", '"PROMETHEUS_MULTIPROC_DIR"'}


def test_the_environment_is_read_in_the_settings_only() -> None:
    assert all(name in text("config/management/commands/serve.py") for name in HANDED_ON)
    for folder in ("config", "comments", "accounts", "realtime"):
        for path in ours(folder, ".py"):
            code = path.read_text()
            names = re.findall(r"os\.environ\[([^]]+)\](?! = )", code)
            names += re.findall(r"(?:os\.environ\.get|os\.getenv)\(([^,)]+)", code)
            assert set(names) <= HANDED_ON, path


def test_plain_defaults_are_those_of_the_code() -> None:
    shown = documented()
    for kind, name, default in READ.findall(text("config/settings.py")):
        if kind == "int" or (kind == "str" and default.strip('"')):
            if default.startswith('"') or default.isdecimal():
                assert shown[name].strip("`") == default.strip('"'), name
        elif kind == "bool":
            assert shown[name] == ("`on`" if default == "True" else "`off`"), name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_command_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    blocks = re.findall(r"```(.*?)```", text(document), re.DOTALL)
    code = "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", text(document))])

    named = set(re.findall(r"^\s*make ([a-z]+)", code, re.MULTILINE))

    assert named <= targets
    assert document != "README.md" or {"run", "test"} <= named


def test_make_help_names_every_target() -> None:
    makefile = text("Makefile")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    assert phony == targets
    assert set(re.findall(r'@echo "make ([a-z]+)', makefile)) == targets - {"help"}


@pytest.mark.parametrize("document", [*DOCUMENTS, "Makefile", ".ci/run"])
def test_every_management_command_exists(document: str) -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", text(document)))

    assert named <= set(get_commands())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_to_a_file_leads_there(document: str) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(document)):
        if "://" not in target:
            assert (BASE_DIR / target).exists(), target


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_module_that_is_named_is_there(document: str) -> None:
    for name in re.findall(
        r"`((?:config|comments|accounts|realtime|static|templates)/[\w./]+)`", text(document)
    ):
        assert (BASE_DIR / name).exists(), name
