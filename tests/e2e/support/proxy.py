"""A proxy between a client and a server that may lie: it changes answers as it is told."""

import http.client
import socket
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support import websocket

PASSED_ON = ("Content-Type", "Git-Protocol", "Authorization", "Accept", "Content-Encoding")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # whoever was there has gone, or trusts no such certificate

    def read_body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline().strip() or b"-1", 16):
                if size < 0:
                    return None  # cut off
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def forward_socket(self):
        """Both ways until one side ends it; what the server says is changed as it is told."""
        proxy = self.server.proxy
        self.close_connection = True
        with socket.create_connection(proxy.upstream.address, timeout=60) as upstream:
            head = f"GET {self.path} HTTP/1.1\r\n" + str(self.headers).replace("\n", "\r\n")
            upstream.sendall(head.encode())
            self.connection.sendall(websocket.read_head(upstream))
            upstream.settimeout(None)
            self.connection.settimeout(None)
            proxy.sockets.append(self.connection)

            def pass_on_what_is_asked():
                try:
                    while piece := self.connection.recv(65536):
                        upstream.sendall(piece)
                except OSError:
                    pass
                finally:
                    try:
                        upstream.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass

            asking = threading.Thread(target=pass_on_what_is_asked, daemon=True)
            asking.start()
            try:
                while True:
                    first, content = websocket.read_frame(upstream)
                    if first & 0x0F == websocket.BINARY:
                        content = proxy.tell(content)
                    if content is not None:
                        self.connection.sendall(websocket.frame(first, content))
            except (OSError, websocket.Closed):
                pass
            finally:
                try:
                    self.connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                asking.join()

    def forward(self):
        proxy = self.server.proxy
        if proxy.is_down:
            self.close_connection = True
            return
        if self.headers.get("Upgrade") == "websocket":
            if proxy.tells:
                self.forward_socket()
            else:
                self.send_error(404)
            return
        body = self.read_body()
        if body is None:
            self.close_connection = True
            return
        headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
        path = proxy.redirect(self.path)
        upstream = http.client.HTTPConnection(*proxy.upstream.address, timeout=60)
        try:
            upstream.request(self.command, path, body=body or None, headers=headers)
            answer = upstream.getresponse()
            content = answer.read()
            status, kind = answer.status, answer.getheader("Content-Type", "")
            challenge = answer.getheader("WWW-Authenticate")
        finally:
            upstream.close()
        proxy.requests.append((self.command, self.path, body))
        content = proxy.change(self.path, body, content)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        try:
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True

    do_GET = forward
    do_POST = forward


class ProxyServer(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        # A client may go when it likes.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Proxy:
    """Honest, until `change`, `redirect` or `tell` is set, or `upstream` is another server.

    WebSockets are refused unless `tells` is set; `tell` gets each message of the server's and gives
    what is said instead, None for nothing. With `certificate` (the paths of a certificate and its key)
    it speaks https.
    """

    def __init__(self, upstream, tells=False, certificate=None):
        self.upstream = upstream
        self.requests = []
        self.tells = tells
        self.is_down = False  # then connections are closed without an answer
        self.sockets = []
        self.be_honest()
        self.server = ProxyServer(("127.0.0.1", 0), Handler)
        self.server.proxy = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            # Hands are shaken at the first read, which is each connection's own thread's.
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False)
            self.url = self.url.replace("http:", "https:")
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def be_honest(self):
        self.redirect = lambda path: path
        self.change = lambda path, request, content: content
        self.tell = lambda message: message

    def cut_sockets(self):
        while self.sockets:
            try:
                self.sockets.pop().shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.cut_sockets()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
