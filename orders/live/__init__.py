"""The live board: every change of an order is rendered once per variant, published, and sent to every open browser.

cards            renders and publishes the card of a changed order; receives `order_changed`
hub              one per web process: one broker subscription, all open streams
asgi             the ASGI application of `/events/`
authentication   the session check of a stream
"""
