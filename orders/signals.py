"""The one signal of this project. Models and steps send it; they know no receiver."""

from django.dispatch import Signal

order_changed = Signal()  # sent on commit, with `order`: its row and one OrderEvent were written
