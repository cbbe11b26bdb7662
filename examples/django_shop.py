"""A Django shop with one experiment, in one file. Run it: `gunicorn --preload examples.django_shop:app`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

import keepers

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ.get("SECRET_KEY", "for-the-example-only"),
    MIDDLEWARE=["keepers.django.KeepersMiddleware"],
    KEEPERS_CLIENT=keepers.Client(os.environ["KEEPERS_URL"], key=os.environ["KEEPERS_KEY"]),
)


def checkout(request: HttpRequest) -> HttpResponse:
    """Show the button that this visitor was assigned; the exposure is logged, once."""
    variant = request.keepers.variant("checkout-cta")
    return HttpResponse("Buy now, pay later" if variant == "treatment" else "Buy")


def buy(request: HttpRequest) -> HttpResponse:
    """Log what the experiment is to change."""
    request.keepers.track("purchase", value=42.0, currency="EUR")
    return HttpResponse("Thank you")


urlpatterns = [path("", checkout), path("buy", buy)]
app = get_wsgi_application()
