"""Settings and wiring. Holds no business rule."""

from legitsms_site.celery import app as celery_app

__all__ = ["celery_app"]
