"""Settings and wiring, without business rules."""

from legitsms_site.celery import app as celery_app

__all__ = ["celery_app"]
