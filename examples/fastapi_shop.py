"""A FastAPI shop with one experiment. Run it: `uvicorn examples.fastapi_shop:app`."""

import os
from typing import Annotated

from fastapi import Depends, FastAPI, Request

import keepers
from keepers.asgi import KeepersMiddleware

client = keepers.Client(os.environ["KEEPERS_URL"], key=os.environ["KEEPERS_KEY"])
app = FastAPI()
app.add_middleware(KeepersMiddleware, client=client)


def current_user(request: Request) -> keepers.Bound:
    """Return the client with this visitor filled in."""
    user: keepers.Bound = request.scope["keepers"]
    return user


User = Annotated[keepers.Bound, Depends(current_user)]


@app.get("/")
async def checkout(user: User) -> dict[str, str]:
    """Say which button this visitor was assigned; the exposure is logged, once. Nothing here waits."""
    variant = user.variant("checkout-cta")
    return {"button": "Buy now, pay later" if variant == "treatment" else "Buy"}


@app.post("/buy")
async def buy(user: User) -> dict[str, str]:
    """Log what the experiment is to change."""
    user.track("purchase", value=42.0, currency="EUR")
    return {"said": "Thank you"}
