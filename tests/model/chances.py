"""What the rules draw from. All are plain choices, so that a random walk can draw from them too."""

from hypothesis import strategies as st

from team.roles import Role
from tests.model.upstream import FAULTS

MOST_ORDERS = 7

n = st.sampled_from(range(MOST_ORDERS))  # which one
fault = st.sampled_from(FAULTS)
rarely = st.sampled_from(["", "", "", "", "lost before", "lost after", "502 after", "hang after", "garbage before"])
deeds = st.sampled_from(["buy", "buy", "send", "send", "sweep", "sweep", "recover", "check"])
seconds = st.sampled_from(["buy", "send", "sweep", "recover", "cancel", "cancel", "undo cancel", "finish", "hide"])
answers = st.sampled_from(["honest", "honest", "mistaken", "write-off", "twin"])
events = st.sampled_from(["", "sms", "sms", "expire", "later", "much later", "too late"])
texts = st.sampled_from(["111111", "222222", "333333"])
points = st.sampled_from(range(1, 17))  # how far a worker runs on: points are its statements and its calls
ends = st.sampled_from(["die", "die", "locked"])
pauses = st.sampled_from([0.3, 1, 3, 16, 31, 61, 121, 1200, 3600])
people = st.sampled_from(["ana", "ana", "bo", "vera", "ada"])
roles = st.sampled_from([Role.BUYER, Role.BUYER, Role.BUYER, Role.VIEWER, Role.ADMINISTRATOR, None])
lost = st.sampled_from([Role.VIEWER, Role.VIEWER, None])
ACTS = {"cancel": "", "undo cancel": "", "finish": "", "hide": "", "settle": "honest", "reassign": "bo"}  # and how
acts = st.sampled_from([*ACTS, "cancel"])

FITS = {  # the statuses of the orders that a deed is about
    **dict.fromkeys(("buy", "recover"), ("requested", "buying")),
    **dict.fromkeys(("cancel", "undo cancel", "sweep"), ("waiting", "buying")),
    "send": ("waiting", "received"),
    **dict.fromkeys(("check", "settle"), ("unclear",)),
    "reassign": ("requested", "waiting", "received"),
    "finish": ("received",),
    "hide": ("cancelled", "closed", "refused", "finished"),
}
