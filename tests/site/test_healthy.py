"""What a container's health check asks: `python -m legitsms_site healthy ROLE`."""

from datetime import timedelta

import pytest
from django.utils import timezone

from legitsms_site.__main__ import main
from orders.models import Heartbeat


@pytest.fixture(autouse=True)
def role_of_this_process(monkeypatch):
    monkeypatch.setenv("PROCESS_ROLE", "web")  # the command sets it for good


@pytest.mark.django_db
@pytest.mark.parametrize("role", Heartbeat.NAMES)
def test_a_role_is_healthy_while_its_heart_beats(role):
    Heartbeat.beat(role)
    main(["healthy", role])


@pytest.mark.django_db
def test_a_role_whose_heart_stopped_is_not_healthy():
    Heartbeat.objects.create(name="polling", at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(SystemExit, match="«polling» shows no sign of life"):
        main(["healthy", "polling"])


@pytest.mark.django_db
@pytest.mark.parametrize("words", [[], ["nobody"]])
def test_what_is_no_role_is_not_healthy(words):
    with pytest.raises(SystemExit, match="no sign of life"):
        main(["healthy", *words])
