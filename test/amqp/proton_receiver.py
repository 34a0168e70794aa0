"""Receives with Proton's handler API and prints "id body delivery_count" for each message.

usage: proton_receiver.py PORT ADDRESS COUNT [MODE [USER PASSWORD]]
  default    accepts each message after it is printed, leaves after COUNT
  pipelined  sends connection, session, attach and flow at once, before any answer
  none       settles nothing and leaves by closing the socket
  release    releases the first delivery of each message, accepts the second
  drain      asks for 10 messages with drain, prints "drained" when the credit is used up
"""
import sys

from proton.handlers import MessagingHandler
from proton.reactor import Container

port, address, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
mode = sys.argv[4] if len(sys.argv) > 4 else "default"
login = {}
if len(sys.argv) > 6:
    login = {
        "user": sys.argv[5],
        "password": sys.argv[6],
        "allowed_mechs": "PLAIN",
        "allow_insecure_mechs": True,
    }


class Receiver(MessagingHandler):
    def __init__(self):
        super().__init__(prefetch=0 if mode == "drain" else 10, auto_accept=False)
        self.taken = 0

    def on_start(self, event):
        url = "127.0.0.1:%s" % port
        if mode == "pipelined":
            connection = event.container.connect(url, sasl_enabled=False, reconnect=False)
            receiver = event.container.create_receiver(connection, address)
            receiver.flow(10)
        else:
            connection = event.container.connect(url, reconnect=False, **login)
            self.receiver = event.container.create_receiver(connection, address)
            if mode == "drain":
                self.receiver.drain(10)

    def on_message(self, event):
        message, delivery = event.message, event.delivery
        print(message.id, message.body, message.delivery_count, flush=True)
        if mode == "none":
            self.taken += 1
        elif mode == "release" and message.delivery_count == 0:
            self.release(delivery, delivered=False)
        else:
            self.accept(delivery)
            self.taken += 1
        if self.taken == count and mode != "drain":
            event.connection.close()

    def on_link_flow(self, event):
        if mode == "drain" and event.receiver is not None and event.receiver.credit == 0:
            print("drained", flush=True)
            event.connection.close()

    def on_link_error(self, event):
        print(event.link.remote_condition.name, event.link.remote_condition.description, flush=True)
        event.connection.close()

    def on_transport_error(self, event):
        print("transport", event.transport.condition, flush=True)


Container(Receiver()).run()
