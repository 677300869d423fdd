"""devtools.py KIND [FILE]: an application whose engine is a fake, for the tests of `qwguard
verify`: it listens where QTWEBENGINE_REMOTE_DEBUGGING says and answers as KIND says. With FILE,
what it was asked is written there, one line a request."""

import base64
import hashlib
import json
import os
import signal
import socket
import struct
import sys

ADDRESS, PORT = os.environ["QTWEBENGINE_REMOTE_DEBUGGING"].split(":")
PATH = "/devtools/browser/1"
AGENT = "Mozilla/5.0 QtWebEngine/6.4.2 Chrome/102.0.5005.177 Safari/537.36"
ELSEWHERE = os.environ.get("FAKE_ELSEWHERE", "127.0.0.2:1")
FLOOD_BYTES = 4 * 1024 * 1024     # four times what an engine may say
PAGE = {"webgl": {"got": True, "version": "WebGL 1.0"}, "webgl2": {"got": False, "why": "no"}}
RESULTS = {
    "Target.getTargets": {"targetInfos": [{"type": "page", "targetId": "p"}]},
    "Target.attachToTarget": {"sessionId": "s"},
    "Page.getFrameTree": {"frameTree": {"frame": {"id": "f"}}},
    "Page.createIsolatedWorld": {"executionContextId": 1},
    "Runtime.evaluate": {"result": {"value": PAGE}},
    "SystemInfo.getInfo": {"commandLine": "app", "gpu": {
        "auxAttributes": {"glVendor": "Fake", "glRenderer": "Fake", "glVersion": "4.6 Fake"},
        "featureStatus": {"webgl": "enabled"}, "driverBugWorkarounds": ["fake_workaround"]}},
    "SystemInfo.getProcessInfo": {"processInfo": [{"type": "browser", "id": os.getpid()}]},
}


def http(status, headers, body=b""):
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def version(kind):
    """The answer to /json/version."""
    target = {"other-address": f"ws://{ELSEWHERE}/x", "other-port": f"ws://127.0.0.1:1{PATH}"}
    url = target.get(kind, f"ws://127.0.0.1:{PORT}{PATH}")
    body = json.dumps({"User-Agent": AGENT, "webSocketDebuggerUrl": url}).encode()
    if kind == "redirect":
        return http("302 Found", [f"Location: http://{ELSEWHERE}/json/version"])
    if kind == "no-json":
        body = b"<html>"
    if kind == "flood-http":
        body = b"{" + b" " * FLOOD_BYTES
    return http("200 OK", ["Content-Type: application/json"], body)


def frame(text, final=True, first=True):
    """One frame of a message from the server: RFC 6455, 5.2."""
    data = text if isinstance(text, bytes) else text.encode()
    head = bytes([(0x80 if final else 0) | (1 if first else 0)])
    return head + b"\x7f" + struct.pack(">Q", len(data)) + data


def message_read(stream):
    head = stream.read(2)
    if len(head) < 2 or head[0] & 15 == 8:
        return None
    length = head[1] & 127
    if length == 126:
        length = struct.unpack(">H", stream.read(2))[0]
    mask = stream.read(4)
    return bytes(byte ^ mask[i % 4] for i, byte in enumerate(stream.read(length)))


def answer(kind, message):
    """Bytes to send for a question; None closes the connection."""
    question = json.loads(message)
    method = question["method"]
    result = RESULTS.get(method)
    if kind == "silent":
        return b""
    if kind == "hangs-up":
        return None
    if kind == "garbage":
        return frame("{")
    if kind == "flood":
        part = frame(b" " * 65536, False)
        return part + frame(b" " * 65536, False, False) * (FLOOD_BYTES // 65536)
    if kind == "no-info" and method == "SystemInfo.getInfo":
        result = None
    said = {"id": question["id"]}
    said |= {"result": result} if result else {"error": {"message": "Not supported"}}
    text = json.dumps(said)
    if kind == "fragments":
        middle = len(text) // 2
        return frame('{"method": "x"}') + frame(text[:middle], False) + frame(
            text[middle:], True, False)
    return frame(text)


def websocket(kind, connection, stream, headers, log):
    key = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    connection.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                       f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
    while message := message_read(stream):
        print(json.loads(message)["method"], file=log, flush=True)
        said = answer(kind, message)
        if said is None:
            return
        connection.sendall(said)


def serve(kind, log):
    with socket.create_server((ADDRESS, int(PORT))) as server:
        print("listening", file=sys.stderr, flush=True)
        while True:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as stream:
                request = stream.readline().decode().split()
                headers = {}
                while line := stream.readline().decode().strip():
                    name, _, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                if not request:
                    continue
                print(request[1], *sorted(headers), file=log, flush=True)
                try:
                    if "upgrade" in headers:
                        websocket(kind, connection, stream, headers, log)
                    else:
                        connection.sendall(version(kind))
                except (BrokenPipeError, ConnectionResetError):
                    pass    # it was too much for who asked


def main():
    kind = sys.argv[1]
    if kind == "stubborn":      # ends only when it must, and so does its child
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                signal.pause()
            os._exit(0)
    if kind == "launcher" and os.fork():
        os._exit(0)
    if kind == "closed":
        print("closed", file=sys.stderr, flush=True)
        signal.pause()
    with open(sys.argv[2] if len(sys.argv) > 2 else os.devnull, "w", encoding="utf-8") as log:
        serve(kind, log)


if __name__ == "__main__":
    main()
