"""Drives in: one JSON object a line, over a plain socket."""
import json
import os
import socket
from pathlib import Path

host, port = os.environ.get("ROUNDABOUT_LANE_ORDERS", "127.0.0.1:7001").rsplit(":", 1)
orders = json.loads((Path(__file__).parent.parent / "data" / "orders.json").read_text())

with socket.create_connection((host, int(port))) as lane:
    for order in orders:
        lane.sendall(json.dumps(order).encode() + b"\n")
    lane.shutdown(socket.SHUT_WR)
    lane.recv(1)  # empty when every line is safe on the roundabout's disk
