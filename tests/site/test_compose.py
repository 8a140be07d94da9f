"""docker-compose.yml runs the processes that `make run` does, shut off from outside, with real health checks."""

import re

import pytest
import yaml

from legitsms_site import processes
from legitsms_site.environment import BASE_DIR
from orders.models import Heartbeat
from tests.site.variables import VARIABLES_READ, variables_of_example

TEXT = (BASE_DIR / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
STOCK = {"db": "postgres:16", "broker": "redis:7"}
OURS = sorted(set(SERVICES) - set(STOCK))
LASTING = sorted(set(SERVICES) - {"prepare"})


def test_every_process_of_make_run_has_its_container():
    assert set(OURS) == {"web", "polling", "purchasing", "catalog", "beat", "sandbox", "prepare"}


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_runs_the_role_that_it_is_named_for(name):
    assert SERVICES[name]["command"] == ["python", "-m", "legitsms_site", name]
    if name != "prepare":
        assert processes.command(name)


@pytest.mark.parametrize(("name", "image"), STOCK.items())
def test_database_and_broker_are_stock_images(name, image):
    assert SERVICES[name]["image"] == image


def test_the_broker_is_append_only_keeps_every_key_and_wants_a_password():
    words = SERVICES["broker"]["command"]
    pairs = dict(zip(words[1::2], words[2::2], strict=True))
    assert pairs.pop("--requirepass").startswith("${REDIS_PASSWORD:?")
    wanted = {"--appendonly": "yes", "--appendfsync": "everysec", "--save": "", "--maxmemory-policy": "noeviction"}
    assert (words[0], pairs) == ("redis-server", wanted)


@pytest.mark.parametrize("name", LASTING)
def test_every_lasting_service_has_a_health_check_and_comes_back(name):
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert {"interval", "timeout", "start_period", "retries"} <= set(service["healthcheck"])
    assert service["restart"] == "unless-stopped"
    assert service["stop_grace_period"] == "60s"


@pytest.mark.parametrize("name", Heartbeat.NAMES)
def test_workers_and_beat_are_healthy_while_their_heart_beats(name):
    assert SERVICES[name]["healthcheck"]["test"][1:] == ["python", "-m", "legitsms_site", "healthy", name]


@pytest.mark.parametrize("name", ["web", "sandbox"])
def test_servers_are_asked_over_http_with_python_alone(name):
    program, option, code = SERVICES[name]["healthcheck"]["test"][1:]
    assert (program, option) == ("python", "-c")
    compile(code, name, "exec")


@pytest.mark.parametrize("name", set(OURS) - {"prepare"})
def test_nothing_starts_before_database_broker_and_preparation_are_done(name):
    conditions = {other: how["condition"] for other, how in SERVICES[name]["depends_on"].items()}
    healthy = {"db": "service_healthy", "broker": "service_healthy"}
    assert conditions == {**healthy, "prepare": "service_completed_successfully"}


def test_the_preparation_runs_once_after_the_database():
    assert SERVICES["prepare"]["restart"] == "no"
    assert SERVICES["prepare"]["depends_on"] == {"db": {"condition": "service_healthy"}}


def test_only_the_web_is_published_and_only_to_this_machine():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:${PORT:-8000}:8000"]
    }
    assert "network_mode" not in TEXT


def test_journal_and_secret_key_are_on_one_lasting_volume():
    assert all(SERVICES[name]["volumes"] == ["data:/data"] for name in OURS)
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert mounted == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_has_no_more_rights_than_it_needs(name):
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])  # noqa: S108
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "user" not in service  # the image's own, who is not root


def test_the_sandbox_runs_only_where_it_is_asked_for():
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["sandbox"]


def test_no_secret_stands_in_the_file():
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|KEY|AUTH", variable):
                assert value is None or value.startswith("${"), (name, variable)
    assert all(re.search(r"://\w*:\$\{\w+:\?", url) for url in re.findall(r"\S+://\S*@\S+", TEXT))


def test_every_variable_of_the_file_is_in_the_example():
    passed_on = {name for name, value in SERVICES["web"]["environment"].items() if value is None}
    assert set(re.findall(r"\$\{(\w+)", TEXT)) | passed_on <= set(variables_of_example())


@pytest.mark.parametrize("name", OURS)
def test_every_variable_given_to_the_desk_is_one_that_it_reads(name):
    assert set(SERVICES[name]["environment"]) <= VARIABLES_READ
