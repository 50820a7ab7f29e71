# SPDX-License-Identifier: Apache-2.0
"""Real servers as workloads: how each is started in a container, and a client that asks for all that it can do.

`drive` returns what was served, so that two runs can be compared.
"""
import hashlib
import subprocess
from pathlib import Path

from support.ig import wait_until

CONFIGURATION = Path(__file__).resolve().parents[2] / "scripts/nginx.conf.in"


def nginx_configuration(site, write, port=80):
    text = CONFIGURATION.read_text()
    for word, value in {"SITE": site, "WRITE": write, "PORT": port, "USER": "user www-data;"}.items():
        text = text.replace(f"@{word}@", str(value))
    return text


class Nginx:
    packages = ("nginx-light",)
    command = ["/usr/sbin/nginx", "-c", "/srv/nginx.conf"]
    port = 80
    clean_exit = 0

    @staticmethod
    def write_data(folder):
        folder = Path(folder)
        (folder / "nginx.conf").write_text(nginx_configuration("/srv", "/tmp"))
        (folder / "index.html").write_text("<h1>It is served.</h1>\n")
        (folder / "large").write_bytes(bytes(3_000_000))

    def drive(self, client, address):
        url = f"http://{f'[{address}]' if ':' in address else address}"
        wait_until(lambda: client.start("curl", "-s", "-o", "/dev/null", url).wait(10) == 0, 15, f"nginx at {url}")
        requests = [[f"{url}/"], [f"{url}/large"], ["--compressed", f"{url}/"], ["-r", "1000-1999", f"{url}/large"],
                    [f"{url}/missing"], ["-d", "some=data", f"{url}/"], [f"{url}/?[1-40]"]]
        return [self._fetch(client, *request) for request in requests]

    @staticmethod
    def _fetch(client, *request):
        answer = client.run("curl", "-s", "--max-time", "20", "-w", "%{http_code} %{size_download}\n", *request,
                            stdout=subprocess.PIPE)
        return " ".join(request), hashlib.sha256(answer.stdout).hexdigest()


class Redis:
    packages = ("redis-server",)
    command = ["/usr/bin/redis-server", "--protected-mode", "no", "--dir", "/tmp", "--appendonly", "yes", "--bind", "*", "-::*"]
    port = 6379
    clean_exit = 0

    @staticmethod
    def write_data(folder):
        pass  # all is in its command

    def drive(self, client, address):
        cli = ["redis-cli", "-h", address]
        wait_until(lambda: client.start(*cli, "ping", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(10) == 0,
                   15, "redis")
        asked = [["set", "key", "value"], ["get", "key"], ["lpush", "list", "a", "b", "c"], ["lrange", "list", "0", "-1"],
                 ["incr", "number"], ["del", "number"], ["eval", "return redis.call('get', 'key')", "0"], ["bgsave"],
                 ["setex", "short", "1000", "x"], ["publish", "channel", "hello"], ["config", "get", "appendonly"],
                 ["del", "list"], ["dbsize"]]
        served = [(" ".join(words), client.run(*cli, *words, stdout=subprocess.PIPE, text=True).stdout) for words in asked]
        client.run("redis-benchmark", "-h", address, "-q", "-n", "2000", "-c", "10", "-t", "set,get,lpush", seconds=60,
                   stdout=subprocess.DEVNULL)
        return served
