"""The scripted services: buying one of them plays a fixed scenario, which its name describes."""

from dataclasses import dataclass

from legitsms.sandbox.faults import Fault

LIFE = 20 * 60.0  # lifetime of an order in seconds, as usual in this family of APIs
CODE = "{code}"  # placeholder for six random digits


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens to an order. Times are seconds after the purchase, at speed 1."""

    key: str = ""
    name: str = ""
    messages: tuple[tuple[float, str], ...] = ()  # time and text of each SMS
    fault: Fault | None = None  # applied to the answer of getNumber
    life: float = LIFE
    code_on_cancel: bool = False
    nonsense_for: float = 0  # time during which getStatus answers with an unknown text


SCENARIOS = (
    Scenario("code", "Sandbox: code in 10 s", ((10, CODE),)),
    Scenario("never", "Sandbox: never delivers"),
    Scenario("stock", "Sandbox: out of stock", fault=Fault("refuse", word="NO_NUMBERS")),
    Scenario("wallet", "Sandbox: wallet empty", fault=Fault("refuse", word="NO_BALANCE")),
    Scenario("lost", "Sandbox: answer lost after buying", ((10, CODE),), Fault("drop_after")),
    Scenario("drop", "Sandbox: connection lost before buying", fault=Fault("drop_before")),
    Scenario("sql", "Sandbox: server fault", fault=Fault("refuse", word="ERROR_SQL")),
    Scenario("two", "Sandbox: two codes", ((10, CODE), (40, CODE))),
    Scenario("cancel", "Sandbox: code just when cancelling", code_on_cancel=True),
    Scenario("early", "Sandbox: expires early", life=60),
    Scenario("nonsense", "Sandbox: answer nobody understands", ((20, CODE),), nonsense_for=15),
    Scenario("whole", "Sandbox: whole text message", ((10, f"Activation code: {CODE}"),)),
    Scenario(
        "hostile",
        "Sandbox: hostile text",
        ((10, f'<b>{CODE}</b><script>alert("x")</script> 🔥 \u202e{CODE}\u202c : &amp;'),),
    ),
    Scenario("slow", "Sandbox: slow answer", ((10, CODE),), Fault("delay", seconds=6)),
)
