"""A proxy between a client and a server that may lie: it changes answers as it is told."""

import http.client
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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
            while size := int(self.rfile.readline().strip(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def forward(self):
        proxy = self.server.proxy
        body = self.read_body()
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
        self.end_headers()
        self.wfile.write(content)

    do_GET = forward
    do_POST = forward


class Proxy:
    """Honest, until `change` or `redirect` is set, or `upstream` is another server.

    With `certificate` (the paths of a certificate and its key) it speaks https."""

    def __init__(self, upstream, certificate=None):
        self.upstream = upstream
        self.requests = []
        self.be_honest()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
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

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
