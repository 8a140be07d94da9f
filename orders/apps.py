from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from orders.live.cards import publish_card  # noqa: PLC0415  models can be imported only now
        from orders.signals import order_changed  # noqa: PLC0415

        order_changed.connect(publish_card, dispatch_uid="publish_card")
