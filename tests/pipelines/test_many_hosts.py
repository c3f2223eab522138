"""collectd on three hosts, and one that writes what they send, into RRD files and
Graphite. The hosts are processes here, with names of their own."""

import carbon
import pipeline
import rrd
from pipeline import harness


class Host:
    """One that watches and sends: a process, its log and a collectd."""

    def __init__(self, test, name, changes=None):
        self.name = f"{name}.example.org"
        self.folder = test.folder / name
        self.folder.mkdir()
        test.pid_file = self.folder / "nginx.pid"
        test.log = self.log = harness.Log(self.folder / "log" / "nginx.tsv")
        test.start_process()
        address = {'"192.0.2.1" "25826"': f'"127.0.0.1" "{test.port}"', "web1": name}
        network = pipeline.block("client", {**address, **(changes or {})})
        self.daemon = test.daemon(network + test.watched())


class ManyHosts(carbon.TestCase, rrd.TestCase):
    def setUp(self):
        super().setUp()
        self.port = pipeline.free_port()
        passwords = self.folder / "passwd"
        passwords.write_text(pipeline.block("passwd"))
        passwords.chmod(0o600)
        listen = {
            '"192.0.2.1" "25826"': f'"127.0.0.1" "{self.port}"',
            "/etc/collectd/passwd": passwords,
        }
        self.server = self.daemon(
            pipeline.block("server", listen) + self.rrdtool() + self.graphite(),
            load="",
            writer=False,
        )

    def test_the_one_shows_what_the_logs_of_all_say(self):
        hosts = [Host(self, f"web{n}") for n in (1, 2, 3)]
        for host in hosts:
            host.log.wait_for_rows(6)
        for host in hosts:
            self.host, self.log = host.name, host.log
            for key in pipeline.FIGURES:
                with self.subTest(host=host.name, key=key):
                    self.assert_rrd_shows(host.daemon, key, 1)
                    self.assert_graphite_shows(host.daemon, key)
            self.assertEqual(host.daemon.log_lines("error"), [])
        self.assertEqual(self.hosts_seen(), {host.name for host in hosts})
        self.assert_only_loopback(self.server.process.pid)

    def test_who_has_not_the_password_is_refused(self):
        right = Host(self, "web1")
        others = [
            Host(self, "web2", {"password of web2": "password of web1"}),
            Host(self, "web3", {'Username "web3"': 'Username "somebody"'}),
            Host(self, "web4", {'    SecurityLevel "Sign"\n': ""}),
        ]
        for host in others:
            host.log.wait_for_rows(3)
        for refusal in (
            "Verifying HMAC-SHA-256 signature failed: Hash mismatch. Username: web2",
            "Unknown user: somebody",
            "Unsigned packet or part has been ignored",
        ):
            harness.wait_for(lambda: refusal in self.server.log(), self.server.log)
        self.host, self.log = right.name, right.log
        for key in (("ps_rss", "value"), ("ps_count", "threads")):
            self.assert_rrd_shows(right.daemon, key, 1)
            self.assert_graphite_shows(right.daemon, key)
        self.assertEqual(self.hosts_seen(), {"web1.example.org"})

    def hosts_seen(self):
        in_graphite = {
            m.partition(".")[0].replace("_", ".") for m in self.carbon.metrics()
        }
        self.assertEqual(in_graphite - {"carbon"}, {p.name for p in self.data.iterdir()})
        return in_graphite - {"carbon"}


if __name__ == "__main__":
    pipeline.main(
        programs=["rrdtool", *carbon.PROGRAMS],
        plugins=["network", "rrdtool", "write_graphite"],
    )
