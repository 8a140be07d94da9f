"""Against a real OpenID Connect provider in a process of its own."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from legitsms_site import oidc
from team.models import User
from team.roles import Role
from tests.factories import make_administrator, make_roles, make_user
from tests.identity import identity_provider
from tests.stack.desk import free_port

pytestmark = pytest.mark.django_db

BOARD, SIGN_IN = reverse("orders:board"), reverse("account_login")
BEGIN = reverse("openid_connect_login", args=["sso"])
ROLES = {"desk-admins": "Administrator", "desk-buyers": "Buyer", "desk-viewers": "Viewer"}


@pytest.fixture(scope="module")
def running():
    with identity_provider() as provider:
        yield provider


@pytest.fixture
def provider(running, settings):
    make_roles()
    use(settings, running.url)
    return running


def use(settings, url):
    settings.OIDC = oidc.Provider(url, "desk", "a secret", "Example", "groups", ROLES)
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [settings.OIDC.as_app()]}}


def come(provider, name="ana", **begin):
    """A browser that goes to the provider and comes back as `name`, and what it is answered then."""
    browser = Client()
    there = browser.post(BEGIN, begin).url
    back = urlsplit(provider.consent(there, name))
    return browser, browser.get(f"{back.path}?{back.query}")


def is_signed_in(browser):
    return browser.get(BOARD).status_code == 200


def test_the_sign_in_page_leads_to_the_provider(provider):
    page = Client().get(SIGN_IN).content.decode()
    assert "Continue with Example" in page
    there = urlsplit(Client().post(BEGIN).url)
    asked = parse_qs(there.query)
    assert f"{there.scheme}://{there.netloc}" == provider.url
    assert (asked["client_id"], asked["code_challenge_method"]) == (["desk"], ["S256"])


def test_without_a_provider_there_is_nothing_of_it(client):
    assert "Continue with" not in client.get(SIGN_IN).content.decode()
    assert client.post(BEGIN).status_code == 404


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["desk-buyers"], Role.BUYER),
        (["desk-viewers", "others"], Role.VIEWER),
        (["desk-viewers", "desk-admins"], Role.ADMINISTRATOR),
        ("desk-buyers", Role.BUYER),
    ],
)
def test_whom_the_provider_knows_is_a_member_with_the_role_of_the_group(provider, groups, role):
    provider.knows("cleo", email="cleo@example.com", preferred_username="cleo", given_name="Cleo", groups=groups)
    browser, answer = come(provider, "cleo")
    member = User.objects.get(username="cleo")
    assert answer.url == BOARD
    assert (member.role, member.short_name, member.is_superuser) == (role, "Cleo", role == Role.ADMINISTRATOR)
    assert not member.has_usable_password()
    assert is_signed_in(browser)


@pytest.mark.parametrize("claims", [{}, {"groups": ["others"]}, {"groups": []}, {"groups": 7}, {"groups": [None, {}]}])
def test_who_has_no_group_of_ours_is_told_so_and_stays_out(provider, claims):
    provider.knows("stranger", email="stranger@example.com", **claims)
    browser, answer = come(provider, "stranger")
    assert answer.status_code == 403
    assert "None of your groups has a role at this desk." in answer.content.decode()
    assert not is_signed_in(browser)
    assert not User.objects.exists()


def test_the_last_administrator_stays_one_whatever_the_groups_say(provider):
    for group in ("desk-admins", "desk-viewers"):
        provider.knows("dora", email="dora@example.com", groups=[group])
        come(provider, "dora")
    assert User.objects.get().role == Role.ADMINISTRATOR


def test_the_role_is_renewed_at_each_sign_in(provider):
    make_administrator()
    provider.knows("dora", email="dora@example.com", groups=["desk-admins"])
    come(provider, "dora")
    provider.knows("dora", email="dora@example.com", groups=["desk-viewers"])
    come(provider, "dora")
    member = User.objects.get(email="dora@example.com")
    assert (member.role, member.is_superuser, User.objects.count()) == (Role.VIEWER, False, 2)


def test_who_has_lost_every_group_stays_out(provider):
    provider.knows("emil", email="emil@example.com", groups=["desk-buyers"])
    come(provider, "emil")
    provider.knows("emil", email="emil@example.com", groups=[])
    assert not is_signed_in(come(provider, "emil")[0])


def test_a_member_who_was_deactivated_here_stays_out(provider):
    provider.knows("finn", email="finn@example.com", groups=["desk-admins"])
    come(provider, "finn")
    User.objects.update(is_active=False)
    browser, answer = come(provider, "finn")
    assert answer.url == reverse("account_inactive")
    assert not is_signed_in(browser)


def test_an_unverified_address_leads_into_nobodys_account(provider):
    make_user("gina", email="gina@example.com")
    provider.knows("mallory", email="Gina@example.com", email_verified=False, groups=["desk-admins"])
    browser, answer = come(provider, "mallory")
    assert answer.status_code == 403
    assert not is_signed_in(browser)
    assert User.objects.get().role == Role.BUYER


def test_a_verified_address_is_that_of_the_member_who_has_it(provider):
    member = make_user("hans", email="hans@example.com")
    provider.knows("hans7", email="hans@example.com", email_verified=True, groups=["desk-viewers"])
    browser, _answer = come(provider, "hans7")
    member.refresh_from_db()
    assert is_signed_in(browser)
    assert (User.objects.count(), member.role, member.check_password("a password")) == (1, Role.VIEWER, True)


def test_a_taken_name_is_given_to_nobody_else(provider):
    make_user("ida", email="ida@example.com")
    provider.knows("other", email="other@example.com", preferred_username="ida", groups=["desk-buyers"])
    assert is_signed_in(come(provider, "other")[0])
    assert User.objects.get(email="other@example.com").username != "ida"


def test_a_second_factor_that_was_set_up_here_is_asked_for_here(provider):
    provider.knows("jule", email="jule@example.com", groups=["desk-buyers"])
    come(provider, "jule")
    TOTP.activate(User.objects.get(email="jule@example.com"), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    browser, answer = come(provider, "jule")
    assert answer.url == reverse("mfa_authenticate")
    assert not is_signed_in(browser)


def test_after_signing_in_a_member_is_where_they_wanted_to_be(provider):
    provider.knows("kim", email="kim@example.com", groups=["desk-buyers"])
    assert come(provider, "kim", next="/orders/7/")[1].url == "/orders/7/"


def test_an_answer_to_a_question_that_nobody_asked_is_refused(provider):
    answer = Client().get(f"{reverse('openid_connect_callback', args=['sso'])}?code=x&state=y")
    assert "does not belong to a sign-in that was begun here" in answer.content.decode()


def test_who_calls_it_off_is_told_so(provider):
    browser = Client()
    state = parse_qs(urlsplit(browser.post(BEGIN).url).query)["state"][0]
    back = f"{reverse('openid_connect_callback', args=['sso'])}?error=access_denied&state={state}"
    assert "called off" in browser.get(back, follow=True).content.decode()


def test_a_provider_that_does_not_answer_is_said_in_plain_words(settings, client):
    use(settings, f"http://localhost:{free_port()}")
    answer = client.post(BEGIN)
    assert (answer.status_code, "Single sign-on did not work" in answer.content.decode()) == (502, True)


# --- The environment


@pytest.fixture
def environment(monkeypatch):
    def put(**changed):
        usual = {"ISSUER": "https://id.example.com/", "CLIENT_ID": "desk", "CLIENT_SECRET": "x", "ROLES": "Buyer=all"}
        for name, value in (usual | changed).items():
            monkeypatch.setenv(f"OIDC_{name}", value)
        return oidc.provider()

    return put


def test_the_environment_names_a_provider(environment):
    said = environment(ROLES="Administrator=desk-admins, Buyer=all")
    assert (said.origin, said.roles) == ("https://id.example.com", {"desk-admins": "Administrator", "all": "Buyer"})


def test_nothing_is_set_unless_it_is_wanted(environment):
    assert environment(ISSUER="", CLIENT_ID="", CLIENT_SECRET="", ROLES="") is None


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("ISSUER", ""),
        ("ISSUER", "http://id.example.com"),
        ("ISSUER", "id.example.com"),
        ("CLIENT_SECRET", ""),
        ("ROLES", ""),
        ("ROLES", "Boss=all"),
        ("ROLES", "Buyer="),
    ],
)
def test_what_cannot_be_right_stops_the_start_and_names_its_variable(environment, name, wrong):
    with pytest.raises(ImproperlyConfigured, match=f"OIDC_{name} "):
        environment(**{name: wrong})


def test_the_roles_are_those_of_the_team():
    assert set(oidc.ROLES) == set(Role.values)
