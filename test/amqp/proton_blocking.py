"""Opens a blocking receiver, takes one message, accepts it, closes; COUNT times. Prints the ids.

usage: proton_blocking.py PORT ADDRESS COUNT
"""
import sys

from proton.utils import BlockingConnection

port, address, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
connection = BlockingConnection("127.0.0.1:%s" % port, timeout=20)
for _ in range(count):
    receiver = connection.create_receiver(address, credit=10)
    print(receiver.receive(timeout=20).id, flush=True)
    receiver.accept()
    receiver.close()
connection.close()
