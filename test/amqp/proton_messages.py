"""Takes COUNT messages of an address, accepts them, prints each as a line of JSON.

usage: proton_messages.py PORT ADDRESS COUNT
"""
import json
import sys

from proton.utils import BlockingConnection

port, address, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
connection = BlockingConnection("127.0.0.1:%s" % port, timeout=20)
receiver = connection.create_receiver(address, credit=10)
for _ in range(count):
    message = receiver.receive(timeout=20)
    receiver.accept()
    print(json.dumps({
        "id": message.id,
        "durable": message.durable,
        "subject": message.subject,
        "properties": message.properties,
        "body": message.body,
    }, sort_keys=True), flush=True)
connection.close()
