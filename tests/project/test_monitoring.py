"""What is to be seen from outside, and by whom."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from config import monitoring
from realtime import bus

pytestmark = pytest.mark.django_db


def test_a_living_process_says_so(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_a_process_that_can_work_is_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever asks is not kept waiting; a machine that runs all tests at once may keep them.
    monkeypatch.setattr(monitoring, "ANSWER_WITHIN", 30.0)
    monkeypatch.setattr(bus, "SEND_TIMEOUT", 30.0)

    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": True, "bus": True, "staying": True}


def test_figures_are_for_nobody_without_a_token(client: Client) -> None:
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_figures_are_for_who_knows_the_token(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "known to the scraper"
    assert client.get("/metrics", headers={"Authorization": "Bearer guessed"}).status_code == 404
    response = client.get("/metrics", headers={"Authorization": "Bearer known to the scraper"})
    assert response.status_code == 200
    assert b"postroom_sockets" in response.content


def test_each_answer_names_its_request(client: Client) -> None:
    first, second = client.get("/"), client.get("/")
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_a_proxys_name_for_a_request_is_kept_if_it_is_plain(client: Client) -> None:
    assert client.get("/", headers={"X-Request-ID": "a-1"})["X-Request-ID"] == "a-1"
    assert "\n" not in client.get("/", headers={"X-Request-ID": "a b"})["X-Request-ID"]
    assert client.get("/", headers={"X-Request-ID": "a b"})["X-Request-ID"] != "a b"
