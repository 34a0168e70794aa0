"""Several links and every outcome, with Proton's handler API. Prints what each link gets, a line each.

usage: proton_outcomes.py PORT answers COUNT ID=OUTCOME...
         one link; answers the first delivery of each id as said (accept, release, reject, fail,
         elsewhere), accepts any later one; leaves after COUNT were accepted or rejected
       proton_outcomes.py PORT credit CREDIT...
         a link for each credit; when all of it is used up, waits for one message of the exit "other"
       proton_outcomes.py PORT share LINKS COUNT
         so many links with plenty of credit; leaves when they got COUNT together
       proton_outcomes.py PORT steal
         a link takes three and settles nothing; another of the same name takes over and accepts three
"""
import sys

from proton import Condition, Delivery
from proton.handlers import MessagingHandler
from proton.reactor import Container

port, mode, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
EXIT = "results"


def say(*words):
    print(*words, flush=True)


class Handler(MessagingHandler):
    def __init__(self):
        super().__init__(prefetch=0, auto_accept=False)
        self.taken = 0

    def connect(self, event):
        return event.container.connect("127.0.0.1:%s" % port, reconnect=False)

    def on_transport_error(self, event):
        say("transport", event.transport.condition)


class Answers(Handler):
    def on_start(self, event):
        self.count = int(rest[0])
        self.answers = dict(pair.split("=") for pair in rest[1:])
        event.container.create_receiver(self.connect(event), EXIT).flow(100)

    def on_message(self, event):
        message, delivery = event.message, event.delivery
        say(message.id, message.delivery_count)
        answer = self.answers.pop(str(message.id), "accept")
        local = delivery.local
        if answer == "reject":
            local.condition = Condition("shop:no", "not for us")
            delivery.update(Delivery.REJECTED)
        elif answer in ("fail", "elsewhere"):
            local.failed = answer == "fail"
            local.undeliverable = answer == "elsewhere"
            delivery.update(Delivery.MODIFIED)
        else:
            delivery.update(Delivery.RELEASED if answer == "release" else Delivery.ACCEPTED)
        delivery.settle()
        self.taken += answer in ("accept", "reject")
        if self.taken == self.count:
            event.connection.close()


class Credit(Handler):
    def on_start(self, event):
        self.connection = self.connect(event)
        self.credits = [int(credit) for credit in rest]
        for credit in self.credits:
            receiver = event.container.create_receiver(self.connection, EXIT, name=str(credit))
            if credit > 0:
                receiver.flow(credit)

    def on_message(self, event):
        say(event.link.name, event.message.id)
        self.accept(event.delivery)
        if event.link.name == "other":
            event.connection.close()
        self.taken += 1
        if self.taken == sum(self.credits):
            event.container.create_receiver(self.connection, "other", name="other").flow(1)


class Share(Handler):
    def on_start(self, event):
        connection = self.connect(event)
        for i in range(int(rest[0])):
            event.container.create_receiver(connection, EXIT, name=str(i)).flow(1000)

    def on_message(self, event):
        say(event.link.name, event.message.id)
        self.accept(event.delivery)
        self.taken += 1
        if self.taken == int(rest[1]):
            event.connection.close()


class Steal(Handler):
    def on_start(self, event):
        self.older = event.container.create_receiver(self.connect(event), EXIT, name="same")
        self.older.flow(10)
        self.newer = None

    def on_message(self, event):
        newer = event.link == self.newer
        say("newer" if newer else "older", event.message.id, event.message.delivery_count)
        self.taken += 1
        if newer:
            self.accept(event.delivery)
        if self.taken == 3:
            self.newer = event.container.create_receiver(self.connect(event), EXIT, name="same")
            self.newer.flow(10)
        if self.taken == 6:
            self.newer.connection.close()
            self.older.connection.close()

    def on_link_error(self, event):
        say(event.link.remote_condition.name)


handlers = {"answers": Answers, "credit": Credit, "share": Share, "steal": Steal}
Container(handlers[mode]()).run()
