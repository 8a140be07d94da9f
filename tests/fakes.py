"""What stands in for LegitSMS: the same methods as its client, and the answers that a test writes down."""

from threading import Lock

from legitsms import Waiting


class FakeClient:
    """Gives `answers` in their turn, the last one again and again; the statuses of certain orders by their id.

    An answer that is an exception is raised, and one that can be called is called first.
    """

    def __init__(self, *answers, statuses=None):
        self.answers = list(answers)
        self.statuses = statuses or {}
        self.calls = []
        self.asked = []  # the arguments of each call
        self.is_limited = False
        self._turn = Lock()

    def wait(self):
        """Without a limit of requests there is nothing to wait for."""
        return False

    def take(self, most):
        return most

    def get_countries(self, server):
        return self._answer("get_countries", server)

    def get_services(self, server, country=None):
        return self._answer("get_services", server, country)

    def get_number(self, *, service, country, server, max_price=None):
        return self._answer("get_number", service, country, server, *([] if max_price is None else [max_price]))

    def get_price(self, *, service, country, server):
        return self._answer("get_price", service, country, server)

    def get_balance(self):
        return self._answer("get_balance")

    def get_status(self, activation_id):
        return self._answer("get_status", activation_id)

    def cancel(self, activation_id):
        return self._answer("cancel", activation_id)

    def finish(self, activation_id):
        return self._answer("finish", activation_id)

    def _answer(self, name, *given):
        with self._turn:
            self.calls.append(name)
            self.asked.append(given)
            answer = self._next(given)
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _next(self, given):
        if given and given[0] in self.statuses:
            return self.statuses[given[0]]
        if not self.answers:
            return Waiting()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
