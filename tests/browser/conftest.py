# SPDX-License-Identifier: Apache-2.0
"""The page of ig report in a headless Chromium, from a file; what it looks like is kept as pictures."""
import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.need import need

SOURCE = Path(__file__).resolve().parent.parent.parent
CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"


@pytest.fixture(scope="session")
def pictures():
    folder = Path(os.environ.get("IG_BUILD", SOURCE / "build")) / "test-results" / "report"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def page(ig_binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    session = folder / "shop.db"
    subprocess.run([ig_binary.parent.parent / "tests" / "report_shop", session], check=True, timeout=60)
    page = folder / "shop.html"
    subprocess.run([ig_binary, "report", session, "--format", "html", "-o", page], check=True, timeout=60)
    return page


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    need(Path(CHROMIUM).exists() and Path(DRIVER).exists(), "chromium and chromium-driver are not installed")
    need(importlib.util.find_spec("selenium"), "python3-selenium is not installed")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    profile = tmp_path_factory.mktemp("chromium")
    # As root Chromium has no sandbox; /dev/shm is small in containers.
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--force-device-scale-factor=1", "--no-first-run", f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(DRIVER))
    browser.set_window_size(1360, 900)
    yield browser
    browser.quit()
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def browser(driver, page):
    """The page, opened afresh."""
    driver.set_window_size(1360, 900)
    driver.get(page.as_uri())
    yield driver
    severe = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
    assert not severe


@pytest.fixture
def requests_of(driver):
    """The addresses that the page asked for."""
    def asked():
        messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
        return [message["params"]["request"]["url"] for message in messages
                if message["method"] == "Network.requestWillBeSent"]
    return asked
