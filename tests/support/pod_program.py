# SPDX-License-Identifier: Apache-2.0
"""What runs in the pods of a test: serves, and asks others round after round, as its only argument says.

That is a dictionary of Python, since the smallest Python has no JSON. tcp: ports to answer HTTP at. dns: {port, names: {first
label: address}}: a name server. ask: [[host, port], …], by TCP. rounds: how many; without it for ever. Prints a line for each
round in which everybody answered.
"""
import ast
import socket
import struct
import sys
import threading
import time


def listener(port):
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("0.0.0.0", port))
    door.listen()
    return door


def serve(port):
    door = listener(port)
    while True:
        guest, _ = door.accept()
        with guest:
            guest.settimeout(5)
            try:
                if guest.recv(999):
                    guest.sendall(b"HTTP/1.0 200 OK\r\n\r\nfine\n")
            except OSError:
                pass


def dns_answer(question, names):
    """To a question for one name: an address (type A) or that there is none."""
    end = question.index(b"\0", 12) + 5
    label = question[13:13 + question[12]].decode()
    address = names.get(label) if question[end - 4:end - 2] == b"\0\1" else None
    head = question[:2] + struct.pack(">HHHHH", 0x8580, 1, 1 if address else 0, 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 5, 4) + socket.inet_aton(address) if address else b""
    return head + question[12:end] + record


def serve_dns_over_udp(port, names):
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind(("0.0.0.0", port))
    while True:
        question, guest = door.recvfrom(999)
        door.sendto(dns_answer(question, names), guest)


def serve_dns_over_tcp(port, names):
    door = listener(port)
    while True:
        guest, _ = door.accept()
        with guest:
            if question := guest.recv(999)[2:]:
                answer = dns_answer(question, names)
                guest.sendall(struct.pack(">H", len(answer)) + answer)


def ask_tcp(host, port):
    with socket.create_connection((host, port), 5) as peer:
        peer.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert peer.recv(999)


def start(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def main(plan):
    for port in plan.get("tcp", ()):
        start(serve, port)
    if "dns" in plan:
        for server in (serve_dns_over_udp, serve_dns_over_tcp):
            start(server, plan["dns"]["port"], plan["dns"]["names"])
    done = 0
    while done < plan.get("rounds", sys.maxsize):
        try:
            for host, port in plan.get("ask", ()):
                ask_tcp(host, port)
            done += 1
            print("round", done, flush=True)
        except (OSError, AssertionError) as error:
            print("nobody:", error, flush=True)
        time.sleep(0.3)


main(ast.literal_eval(sys.argv[1]))
