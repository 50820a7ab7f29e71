# SPDX-License-Identifier: Apache-2.0
"""What a real API server can't be made to do when a test wants it: 410 Gone, connections that are cut, fields of versions to come.

It serves lists and watches of what a test puts in, over TLS, and keeps what it was asked.
"""
import json
import socket
import ssl
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

LISTS = {"/api/v1/pods": ("v1", "PodList"), "/api/v1/services": ("v1", "ServiceList"),
         "/apis/discovery.k8s.io/v1/endpointslices": ("discovery.k8s.io/v1", "EndpointSliceList")}
PODS = "/api/v1/pods"


class V6Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6


class KubeDouble:
    def __init__(self, authority, address="127.0.0.1"):
        self.lock = threading.Condition()
        self.version, self.oldest = 100, 0
        self.objects = defaultdict(dict)  # path -> name -> object
        self.events = defaultdict(list)   # path -> (version, type, object)
        self.asked = []                   # (path, query)
        self.watches = []                 # open connections
        self.statuses = {}                # path -> status that its lists get
        self.page = 2                     # objects
        self.down = False
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                url = urlparse(self.path)
                query = {key: value[0] for key, value in parse_qs(url.query).items()}
                with double.lock:
                    double.asked.append((url.path, query))
                if double.down:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                elif "watch" in query:
                    double.serve_watch(self, url.path, int(query["resourceVersion"]))
                else:
                    double.serve_list(self, url.path, query)

        is_v6 = ":" in address
        self.http = (V6Server if is_v6 else ThreadingHTTPServer)((address, 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.sign_server(f"IP:{address}"))
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.server = f"https://{f'[{address}]' if is_v6 else address}:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def put(self, path, made, kind="MODIFIED"):
        """An object is new, or has changed."""
        with self.lock:
            self.version += 1
            made = json.loads(json.dumps(made))
            made["metadata"]["resourceVersion"] = str(self.version)
            self.objects[path][made["metadata"]["name"]] = made
            self.events[path].append((self.version, kind, made))
            self.lock.notify_all()
        return made

    def remove(self, path, name, aloud=True):
        """Not aloud: no watch tells it, as if it had happened while nobody watched."""
        with self.lock:
            self.version += 1
            gone = self.objects[path].pop(name)
            gone["metadata"]["resourceVersion"] = str(self.version)
            if aloud:
                self.events[path].append((self.version, "DELETED", gone))
                self.lock.notify_all()

    def cut(self):
        """Ends all watches in the middle."""
        with self.lock:
            for connection in self.watches:
                connection.shutdown(socket.SHUT_RDWR)
            self.watches.clear()

    def forget(self):
        """Watches from any version until now are answered with 410 Gone."""
        with self.lock:
            self.version += 1
            self.oldest = self.version
            self.events.clear()

    def count(self, path, watch):
        with self.lock:
            return sum(1 for asked, query in self.asked if asked == path and ("watch" in query) == watch)

    def serve_list(self, handler, path, query):
        api_version, kind = LISTS.get(path, ("v1", "List"))
        status = self.statuses.get(path, 200 if path in LISTS else 404)
        if status != 200:
            return self.answer(handler, status, {"kind": "Status", "message": f"no {path}", "code": status})
        with self.lock:
            items = list(self.objects[path].values())
        start = int(query.get("continue", 0))
        metadata = {"resourceVersion": str(self.version)}
        if start + self.page < len(items):
            metadata["continue"] = str(start + self.page)
        # As a server's: what an item's kind is, the list alone says.
        items = [{key: value for key, value in item.items() if key not in ("kind", "apiVersion")} for item in items]
        return self.answer(handler, 200, {"kind": kind, "apiVersion": api_version, "metadata": metadata,
                                          "items": items[start:start + self.page] or None})

    def serve_watch(self, handler, path, version):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        if version < self.oldest:
            self.chunk(handler, {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}})
            handler.wfile.write(b"0\r\n\r\n")
            return
        with self.lock:
            self.watches.append(handler.connection)
            while handler.connection in self.watches:
                for number, kind, told in self.events[path]:
                    if number > version:
                        self.chunk(handler, {"type": kind, "object": told})
                        version = number
                self.lock.wait(1)
        handler.close_connection = True

    def chunk(self, handler, event):
        line = json.dumps(event).encode() + b"\n"
        half = len(line) // 2
        for part in (line[:half], line[half:]):  # an event may come in pieces
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    def answer(self, handler, status, document):
        body = json.dumps(document).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def close(self):
        self.cut()
        self.http.shutdown()
        self.http.server_close()
