"""A stranger's server: three telephony systems under one address, for floorwalker's tests.

The standard library only. The first line on standard output holds two ports: the systems' and the control's.
It ends when standard input ends.

    /telco/v9/…   Telepo, tickets in `X-Api-Ticket: t-…`, statistics of the user at a path of its own
    /en/reach/…   Enreach, Basic, behind a discovery at /find/me
    /lw/…         Nimbus, a bearer token

Control (POST, JSON): /_control does one thing, /_wait waits for requests. GET /_requests tells all of them.
"""

import base64
import json
import re
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import floor

TICKETS = {"statistics": "t-canary-stats-7f3a", "other": "t-canary-main-19c2"}
BASIC = "Basic " + base64.b64encode(b"wall@example.net:canary-key-55d0").decode()
BEARER = "Bearer canary-token-a0b1"
WATCHED = ["x-api-ticket", "authorization", "accept", "x-json-serializer", "last-event-id", "cache-control",
           "cookie", "referer", "user-agent", "content-type"]


class Gone(Exception):
    """The connection is to end without another byte."""


class World:
    """Everything that the server knows, under one lock."""

    def __init__(self):
        self.changed = threading.Condition(threading.RLock())
        self.floor = floor.start()
        self.requests = []
        self.faults = []
        self.streams = []
        self.opened = 0
        self.sockets = set()
        self.port = 0
        self.face = None

    def up(self):
        """Opens the face, on the port that it had before."""
        server = Face(("127.0.0.1", self.port), Handler)
        self.port = server.server_address[1]
        self.face = server
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

    def down(self):
        """Closes the face and every connection to it."""
        self.face.shutdown()
        self.face.server_close()
        with self.changed:
            for one in list(self.sockets):
                reset(one)
            self.streams.clear()
            self.changed.notify_all()

    def fault(self, line):
        """The fault that is planned for this request, if any; its turns are counted."""
        for one in self.faults:
            if re.search(one["match"], line) and one.get("times", 1) > 0:
                one["times"] = one.get("times", 1) - 1
                return one
        return None


def reset(sock):
    """Ends a connection with RST."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.shutdown(socket.SHUT_RD)
    except OSError:
        pass
    try:
        sock.close()
    except OSError:
        pass


class Face(ThreadingHTTPServer):
    """Where the systems answer."""

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """Clients come and go."""


class Answers(BaseHTTPRequestHandler):
    """What both servers share."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Standard error stays empty."""

    def body(self):
        """The whole body of the request."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def say(self, status, value=None, headers=(), kind="application/json"):
        """One whole answer. A string is sent as it is."""
        body = value if isinstance(value, str) else "" if value is None else json.dumps(value)
        sent = body.encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        if body:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)


class Handler(Answers):
    """The three systems."""

    def setup(self):
        super().setup()
        with WORLD.changed:
            WORLD.sockets.add(self.connection)

    def finish(self):
        with WORLD.changed:
            WORLD.sockets.discard(self.connection)
        try:
            super().finish()
        except OSError:
            pass

    def do_any(self):
        """Every request, whatever its method."""
        parts = urlsplit(self.path)
        line = f"{self.command} {self.path}"
        body = self.sent = self.body()
        seen = {"method": self.command, "path": parts.path, "query": parts.query, "body": body,
                "headers": {name: self.headers[name] for name in WATCHED if name in self.headers}}
        with WORLD.changed:
            WORLD.requests.append(seen)
            fault = WORLD.fault(line)
            WORLD.changed.notify_all()
        try:
            self.act(parts, fault)
        except Gone:
            self.close_connection = True
            reset(self.connection)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_any

    def act(self, parts, fault):
        """Carries a fault out, else answers."""
        if fault and "slow" in fault:
            time.sleep(fault["slow"])
        if fault and fault.get("done"):
            with WORLD.changed:
                self.answer(parts, quiet=True)
        if fault and fault.get("reset"):
            raise Gone
        if fault and "status" in fault:
            headers = [tuple(pair) for pair in fault.get("headers", [])]
            return self.say(fault["status"], fault.get("body"), headers, fault.get("kind", "application/json"))
        return self.answer(parts)

    def answer(self, parts, quiet=False):
        """Finds the system, checks who asks, and answers."""
        say = (lambda *_, **__: None) if quiet else self.say
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        path = [unquote(part) for part in parts.path.split("/")[1:]]
        if path[:2] == ["telco", "v9"]:
            return self.telepo(path[2:], query, say)
        if path[:2] == ["en", "reach"]:
            return self.enreach(path[2:], query, say)
        if path[:1] == ["lw"]:
            return self.nimbus(path[1:], query, say)
        if path == ["find", "me"]:
            known = query.get("user") == "wall@example.net"
            where = f"http://127.0.0.1:{WORLD.port}/en/reach/"
            return say(200, [{"siloName": "x", "apiEndpoint": where, "uiEndpoint": None}] if known else [])
        return say(404, "<html>nothing here</html>", kind="text/html")

    # Telepo -----------------------------------------------------------------------------------------------

    def telepo(self, path, query, say):
        """Groups, statistics, the stream, log-in and log-out."""
        want = "statistics" if path[0] in ("stats", "queuestatistics") else "other"
        if self.headers.get("X-Api-Ticket") != TICKETS[want]:
            return say(401, {"field": [{"code": "ticket.invalid", "description": "Unknown ticket"}]})
        with WORLD.changed:
            state = WORLD.floor
            match (self.command, *path):
                case ("GET", "stats", "of", "sup@example.net", "all") if query.get("ver") == "2":
                    return say(200, {"queue": state["statistics"]})
                case ("GET", "queuestatistics", "organization", "example.net"):
                    return say(200, {"queue": state["statistics"]})
                case ("GET", "distributiongroup", "groups", "example.net", "sup"):
                    return say(200, {"group": [summary(group) for group in state["groups"]]})
                case ("GET", "acd", "v1", "groups", "example.net", "sup"):
                    return say(200, {"groups": state["groups"]})
                case ("POST", "acd", "v1", "agent", domain, number, name):
                    return self.agent(domain, number, name, query.get("action"), say)
                case ("POST", "distributiongroup", "login" | "logout" as verb, "example.net", "sup", number, domain):
                    group = group_of(domain, number)
                    if group is None:
                        return say(404, {"field": [{"code": "group.does.not.exist", "description": "No such group"}]})
                    if not state["stubborn"]:
                        group["loggedIn"] = verb == "login"
                    return say(200, {"group": [summary(group)]})
                case ("GET", "distributiongroup", "statistics", "example.net", "sup"):
                    pass
                case _:
                    return say(404)
        return self.stream()

    def agent(self, domain, number, name, action, say):
        """Logs an agent of a group in or out."""
        group = group_of(domain, number)
        members = (group or {}).get("agents") or []
        # Whoever has no id in the list has one all the same.
        known = {member.get("id") or f"{member['firstName']}@{domain}".lower(): member for member in members}
        if name not in known or action not in ("login", "logout"):
            return say(400, {"field": [{"code": "user.does.not.exist", "description": "No such agent here"}]})
        if not WORLD.floor["stubborn"]:
            known[name]["isLoggedIn"] = action == "login"
        return say(200, json.dumps(f"{name} {action}"))

    def stream(self):
        """The push of statistics: chunks as the control cuts them, until someone hangs up."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        queue = {"out": ["\ufeff: hello\r\n\r\n"], "kill": None}
        with WORLD.changed:
            WORLD.streams.append(queue)
            WORLD.opened += 1
            WORLD.changed.notify_all()
        while True:
            with WORLD.changed:
                while not queue["out"] and not queue["kill"] and queue in WORLD.streams:
                    WORLD.changed.wait(1)
                pieces, queue["out"], kill = queue["out"], [], queue["kill"]
            for piece in pieces:
                sent = bytes(piece) if isinstance(piece, list) else piece.encode()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent))
                self.wfile.flush()
            if kill == "reset":
                raise Gone
            if kill:
                return self.wfile.write(b"0\r\n\r\n")
            if queue not in WORLD.streams:
                raise Gone

    # Enreach ----------------------------------------------------------------------------------------------

    def enreach(self, path, query, say):
        """Queues, their descriptions, callback lists."""
        if self.headers.get("Authorization") != BASIC:
            return say(401)
        if self.headers.get("X-Json-Serializer") != "2":
            return say(400, "X-Json-Serializer, please", kind="text/plain")
        with WORLD.changed:
            state = WORLD.floor
            match path:
                case ["users", "me"]:
                    return say(200, {"Id": "u-1", "UserName": "wall@example.net"})
                case ["queues"]:
                    return say(200, state["queues"])
                case ["directory"]:
                    return say(200, state["directories"])
                case ["directory", "d/2"] if query.get("EntryTypes") == "2":
                    return say(200, state["directory"])
                case ["cb", "lists", "now"]:
                    return say(200, state["callbacks"])
        return say(404)

    # Nimbus -----------------------------------------------------------------------------------------------

    def nimbus(self, path, query, say):
        """Entries of the scheduler: read, added, changed whole and removed."""
        if self.headers.get("Authorization") != BEARER:
            return say(401)
        with WORLD.changed:
            state = WORLD.floor
            match (self.command, *path):
                case ("GET", "v1", "scheduler-entries", "service-contacts"):
                    return say(200, state["services"])
                case ("GET", "v1", "diagnostics", "testconnection"):
                    return say(200)
                case ("GET", "v1", "scheduler-entries"):
                    wanted = query.get("serviceUpn")
                    return say(200, [one for one in state["entries"] if one["serviceUpn"] == wanted])
                case ("GET", "v1", "scheduler-entries", "distribution-priorities"):
                    return say(200, state["priorities"])
                case ("POST", "v1", "scheduler-entries"):
                    number = len(state["entries"]) + 1
                    made = {**floor.FALLBACKS, **json.loads(self.sent), "schedulerEntryId": f"e-{number}"}
                    if not state["stubborn"]:
                        state["entries"].append(made)
                    return say(200, made)
                case ("PUT", "v1", "scheduler-entries", wanted):
                    found = [one for one in state["entries"] if one["schedulerEntryId"] == wanted]
                    if not found:
                        return say(404)
                    made = {**floor.FALLBACKS, **json.loads(self.sent), "schedulerEntryId": wanted}
                    state["entries"][state["entries"].index(found[0])] = made
                    return say(200, made)
                case ("DELETE", "v1", "scheduler-entries", wanted):
                    found = [one for one in state["entries"] if one["schedulerEntryId"] == wanted]
                    if not found:
                        return say(404)
                    if found[0]["unifiedConversationId"]:
                        return say(400, {"message": "The entry is being called right now"})
                    if not state["stubborn"]:
                        state["entries"].remove(found[0])
                    return say(200)
        return say(404)


def group_of(domain, number):
    """The group with this domain and number."""
    return next((group for group in WORLD.floor["groups"]
                 if group["domain"] == domain and str(group["id"]) == number), None)


def summary(group):
    """A group as `group.list` tells it."""
    statistic = group.get("statistic") or {}
    return {"id": group["id"], "domain": group["domain"], "name": group["name"], "type": group["type"],
            "loggedIn": group["loggedIn"], "nightMode": group["nightMode"],
            "loggedInAgents": statistic.get("numberOfLoggedInAgents"),
            "freeAgents": statistic.get("numberOfFreeAgents"),
            "callsWaiting": statistic.get("numberOfCallsInQueue")}


class Control(Answers):
    """What the tests say to the server."""

    def do_GET(self):
        """All requests so far."""
        with WORLD.changed:
            self.say(200, {"requests": WORLD.requests, "streams": len(WORLD.streams), "opened": WORLD.opened})

    def do_POST(self):
        """One order, or a wait."""
        order = json.loads(self.body())
        if self.path == "/_wait":
            return self.say(200, self.wait(order))
        match order["do"]:
            case "up":
                WORLD.up()
            case "down":
                WORLD.down()
            case other:
                with WORLD.changed:
                    self.obey(other, order)
                    WORLD.changed.notify_all()
        return self.say(200, {})

    def obey(self, what, order):
        """One order, under the lock."""
        match what:
            case "set":
                *way, last = order["at"]
                place = WORLD.floor
                for step in way:
                    place = place[step]
                place[last] = order["value"]
            case "push":
                for stream in WORLD.streams:
                    stream["out"].extend(order["pieces"])
            case "kill_streams":
                for stream in WORLD.streams:
                    stream["kill"] = order.get("how", "end")
                WORLD.streams.clear()
            case "fail":
                WORLD.faults.append(order)
            case "heal":
                WORLD.faults.clear()
            case "forget":
                WORLD.requests.clear()
            case _:
                raise ValueError(what)

    def wait(self, order):
        """Waits until so many requests fit, or so many streams were opened; tells what there is."""
        def found():
            fitting = [one for one in WORLD.requests
                       if re.search(order.get("match", "."), f"{one['method']} {one['path']}?{one['query']}")]
            return fitting, len(fitting) >= order.get("count", 0) and WORLD.opened >= order.get("opened", 0)
        with WORLD.changed:
            WORLD.changed.wait_for(lambda: found()[1], timeout=order.get("seconds", 10))
            fitting, good = found()
            return {"good": good, "requests": fitting}


WORLD = World()


def main():
    """Serves until standard input ends."""
    WORLD.up()
    control = Face(("127.0.0.1", 0), Control)
    threading.Thread(target=control.serve_forever, args=(0.01,), daemon=True).start()
    print(WORLD.port, control.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
