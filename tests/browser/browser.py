"""A real headless Chromium, driven by W3C WebDriver as chromedriver speaks it."""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from harness import BUILDDIR, wait_for  # noqa: E402,F401 wait_for is for the tests

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
CHROMEDRIVER = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
# What the tests leave for people to look at.
ARTEFACTS = BUILDDIR / "tests" / "browser"

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Driver:
    """chromedriver, on a free port of its own choice."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="procmon-browser-")
        self.process = subprocess.Popen(
            [CHROMEDRIVER, "--port=0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "TMPDIR": self.folder},
        )
        self.port = self.read_port()
        # What it says later must not fill the pipe.
        self.reader = threading.Thread(target=self.process.stdout.read)
        self.reader.start()

    def read_port(self):
        said = []
        for line in self.process.stdout:
            said.append(line)
            match = re.search(r"started successfully on port (\d+)", line)
            if match:
                return int(match.group(1))
        raise AssertionError("chromedriver does not start:\n" + "".join(said))

    def ask(self, method, path, body=None):
        """The value that chromedriver answers with; its error, where it has one."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        finally:
            self.process.kill()
            self.process.wait()
            self.reader.join()
            self.process.stdout.close()
            shutil.rmtree(self.folder, True)


class Browser:
    """A window of a Chromium of its own; it knows nothing of another's."""

    def __init__(self, driver, width=1280, height=900, dark=False):
        self.driver = driver
        arguments = ["--headless=new", "--disable-gpu", "--hide-scrollbars"]
        # Containers have a small one.
        arguments += ["--disable-dev-shm-usage", f"--window-size={width},{height}"]
        if os.getuid() == 0:
            arguments.append("--no-sandbox")
        options = {"args": arguments, "binary": CHROMIUM}
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        body = {"capabilities": {"alwaysMatch": wanted}}
        session = driver.ask("POST", "/session", body)
        self.path = "/session/" + session["sessionId"]
        scheme = "dark" if dark else "light"
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.devtools("Emulation.setEmulatedMedia", features=features)

    def ask(self, method, path, body=None):
        return self.driver.ask(method, self.path + path, body)

    def devtools(self, command, **parameters):
        body = {"cmd": command, "params": parameters}
        return self.ask("POST", "/goog/cdp/execute", body)

    def close(self):
        self.ask("DELETE", "")

    def open(self, path):
        """Opens a file; gives how many seconds that took until it was loaded."""
        before = time.monotonic()
        self.ask("POST", "/url", {"url": pathlib.Path(path).as_uri()})
        return time.monotonic() - before

    def run(self, script, *arguments):
        """What a function with this body returns in the page."""
        body = {"script": script, "args": list(arguments)}
        return self.ask("POST", "/execute/sync", body)

    def find_all(self, selector):
        body = {"using": "css selector", "value": selector}
        return self.ask("POST", "/elements", body)

    def find(self, selector):
        return self.find_all(selector)[0]

    def text(self, selector):
        """The texts of all such elements, as they are seen."""
        return [
            self.ask("GET", f"/element/{found[ELEMENT]}/text")
            for found in self.find_all(selector)
        ]

    def click(self, selector):
        self.ask("POST", f"/element/{self.find(selector)[ELEMENT]}/click", {})

    def point(self, *steps):
        """Real events of a pointer: ("move", x, y), "down" or "up"."""
        actions = []
        for step in steps:
            if step in ("down", "up"):
                kind = "pointerDown" if step == "down" else "pointerUp"
                actions.append({"type": kind, "button": 0})
            else:
                x, y = (round(n) for n in step[1:])
                actions.append({"type": "pointerMove", "x": x, "y": y, "duration": 0})
        mouse = {"type": "pointer", "id": "mouse", "actions": actions}
        mouse["parameters"] = {"pointerType": "mouse"}
        self.ask("POST", "/actions", {"actions": [mouse]})

    def box(self, selector):
        """Where the first such element is in the window, scrolled into it."""
        script = """
          const e = document.querySelector(arguments[0]);
          e.scrollIntoView({block: "center", behavior: "instant"});
          const box = e.getBoundingClientRect();
          return [box.left, box.top, box.width, box.height];
        """
        return self.run(script, selector)

    def log(self, kind):
        return self.ask("POST", "/se/log", {"type": kind})

    def requests(self):
        """The addresses that were asked for since the last call."""
        events = (json.loads(entry["message"]) for entry in self.log("performance"))
        return [
            event["message"]["params"]["request"]["url"]
            for event in events
            if event["message"]["method"] == "Network.requestWillBeSent"
        ]

    def screenshot(self, name):
        """Keeps a picture of the whole page."""
        size = self.devtools("Page.getLayoutMetrics")["cssContentSize"]
        clip = {**size, "scale": 1}
        shot = self.devtools(
            "Page.captureScreenshot", clip=clip, captureBeyondViewport=True
        )
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        (ARTEFACTS / name).write_bytes(base64.b64decode(shot["data"]))

    def print(self, name):
        """Prints the page as the reader would, and keeps the PDF."""
        pdf = self.ask("POST", "/print", {"background": True})
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        (ARTEFACTS / name).write_bytes(base64.b64decode(pdf))
        return ARTEFACTS / name


def skip_without_browser():
    """Ends the script as skipped where there is no browser."""
    for program, package in ((CHROMIUM, "chromium"), (CHROMEDRIVER, "chromium-driver")):
        if not program:
            print(f"SKIP: no {package} (package {package})")
            sys.exit(77)
