"""Takes results: any AMQP 1.0 client would do, this one is Proton (pip install python-qpid-proton)."""
import os

from proton.handlers import MessagingHandler
from proton.reactor import Container

amqp = os.environ.get("ROUNDABOUT_AMQP", "127.0.0.1:5672")
address = os.environ.get("ROUNDABOUT_EXIT_LARGE", "large")


class Taker(MessagingHandler):
    def __init__(self):
        super().__init__(prefetch=10, auto_accept=False)

    def on_start(self, event):
        connection = event.container.connect(amqp, reconnect=False)
        event.container.create_receiver(connection, address)

    def on_message(self, event):
        print("order %(id)s: %(amount)s" % event.message.body, flush=True)
        # Accepted when the work is done, not on arrival: what was not accepted is offered again.
        self.accept(event.delivery)


Container(Taker()).run()
