#!/usr/bin/env python3
"""A vehicle that behaves as the one the project began with.

It listens on a TCP port and sends lines of words to whoever dials, one connection at a time, without
ever reading from it. After each line it takes a round of messages from an AMQP address with Qpid
Proton's handler API: a new receiver each time, Proton's default prefetch of ten, leaving as soon as
the round is full, whatever else is on its way. It prints the bodies, one a line.
"""

import argparse
import itertools
import socket
import sys

from proton.handlers import MessagingHandler
from proton.reactor import Container

LINES = [
    "the quick brown fox jumps over the lazy dog",
    "a stream is a river of lines",
    "every car leaves the roundabout at some exit",
    "what nobody takes is held until somebody comes",
]


class Round(MessagingHandler):
    """Takes a number of messages and leaves."""

    def __init__(self, url, wanted):
        super().__init__()
        self.url = url
        self.wanted = wanted
        self.received = 0

    def on_start(self, event):
        event.container.create_receiver(self.url)

    def on_message(self, event):
        message = event.message
        # The check of the original: an id below what was counted so far must be a repetition. A text
        # as id would raise a TypeError here. The count starts anew each round.
        if message.id and message.id < self.received:
            return
        if self.received >= self.wanted:
            return
        print(message.body, flush=True)
        self.received += 1
        if self.received == self.wanted:
            event.receiver.close()
            event.connection.close()


def lines(count):
    """The lines to send; 0: without end."""
    endless = itertools.cycle(LINES)
    return endless if count == 0 else itertools.islice(endless, count)


def send(server, peer, line):
    """Sends a line to whoever is there, or to the next who dials.

    Returns the connection it went to.
    """
    data = (line + "\n").encode()
    while True:
        if peer is None:
            peer, _ = server.accept()
            print("dialled", file=sys.stderr, flush=True)
        try:
            peer.sendall(data)
            return peer
        except OSError:
            peer.close()
            peer = None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=9999, help="listen here (0: any free port)")
    parser.add_argument("--url", default="localhost:5672/examples", help="take results from here")
    parser.add_argument("-m", "--messages", type=int, default=100, help="messages a round")
    parser.add_argument("--lines", type=int, default=0, help="lines to send (0: without end)")
    options = parser.parse_args()

    with socket.create_server(("localhost", options.port)) as server:
        print("listening on", server.getsockname()[1], file=sys.stderr, flush=True)
        peer = None
        for line in lines(options.lines):
            peer = send(server, peer, line)
            print("sent", line, file=sys.stderr, flush=True)
            Container(Round(options.url, options.messages)).run()
        if peer is not None:
            peer.close()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
