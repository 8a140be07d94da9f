from django.apps import AppConfig


class TeamConfig(AppConfig):
    name = "team"

    def ready(self) -> None:
        from team import audit  # noqa: PLC0415  models can be imported only now

        audit.connect_signals()
