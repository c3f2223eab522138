"""Graphite's own web server, on what a carbon keeps: it finds and renders as for Grafana."""

import json
import subprocess
import urllib.parse
import urllib.request

import pipeline
from pipeline import harness

PROGRAMS = ("graphite-manage",)

SETTINGS = """
WHISPER_DIR = {folder!r} + "/whisper"
STORAGE_DIR = LOG_DIR = CONF_DIR = {web!r}
INDEX_FILE = {web!r} + "/index"
DATABASES = {{
    "default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": {web!r} + "/database"}}
}}
# Only what is in the files, and what is in them now.
CARBONLINK_HOSTS = []
FIND_CACHE_DURATION = DEFAULT_CACHE_DURATION = 0
LOG_ROTATION = False
SECRET_KEY = "of a test"
ALLOWED_HOSTS = ["127.0.0.1"]
"""


class GraphiteWeb:
    def __init__(self, test, carbon):
        folder = test.folder / "graphite-web"
        folder.mkdir()
        settings = SETTINGS.format(folder=str(carbon.folder), web=str(folder))
        (folder / "settings_of_test.py").write_text(settings)
        environment = pipeline.environment()
        path = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{folder}:{path}" if path else str(folder)
        environment["GRAPHITE_SETTINGS_MODULE"] = "settings_of_test"
        self.port = pipeline.free_port()
        self.output = folder / "output"
        manage = pipeline.program("graphite-manage")
        with open(self.output, "w") as output:
            said = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
            # Who finds has a profile, which is in a database.
            migrate = [manage, "migrate", "--run-syncdb"]
            done = subprocess.run(migrate, env=environment, **said)
            assert done.returncode == 0, self.output.read_text()
            serve = [manage, "runserver", "--noreload", f"127.0.0.1:{self.port}"]
            self.process = harness.Process(serve, env=environment, **said)
        test.addCleanup(self.process.kill)
        harness.wait_for(lambda: pipeline.is_listening(self.port), self.output.read_text)

    def ask(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as e:
            raise AssertionError(f"{url}: {e}\n{self.output.read_text()}") from e

    def find(self, query):
        """The last elements of all names that match."""
        return [found["text"] for found in self.ask("/metrics/find", query=query)]

    def expand(self, query):
        """All names that match."""
        return self.ask("/metrics/expand", query=query)["results"]

    def render(self, target, start):
        """{name: its values, without those that are missing} of the series."""
        found = self.ask("/render", target=target, format="json", **{"from": start})
        return {
            series["target"]: [v for v, _ in series["datapoints"] if v is not None]
            for series in found
        }
