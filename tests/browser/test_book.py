# SPDX-License-Identifier: Apache-2.0
"""The book that scripts/book makes of docs/, as a reader finds it; what it looks like is kept as pictures."""
import functools
import http.server
import importlib.util
import posixpath
import re
import shutil
import subprocess
import threading
import time
import urllib.request

import pytest
from conftest import SOURCE

from support.need import need


def wait_for(condition):
    end = time.monotonic() + 20
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return value


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Its address. Built strictly: a link that leads nowhere is an error."""
    need(shutil.which("mkdocs") and importlib.util.find_spec("pymdownx"), "mkdocs and mkdocs-material are not installed")
    folder = tmp_path_factory.mktemp("book")
    subprocess.run([SOURCE / "scripts/book", folder], check=True, timeout=120)
    handler = functools.partial(QuietHandler, directory=folder / "site")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def reader(driver, book):
    driver.set_window_size(1360, 900)
    driver.get(f"{book}/index.html")
    return driver


def find(browser, selector):
    return wait_for(lambda: browser.find_elements("css selector", selector))


def test_a_reader_turns_the_pages_from_the_first_to_the_last(book):
    seen, page = [], "index.html"
    while page:
        seen.append(page.removesuffix(".html"))
        assert len(seen) < 200, "the book never ends"
        with urllib.request.urlopen(f"{book}/{page}", timeout=20) as answer:
            following = re.search(r'<a href="([^"]*)" [^>]*rel="next"', answer.read().decode())
        page = posixpath.normpath(posixpath.join(posixpath.dirname(page), following[1])) if following else None
    pages = [page.stem for page in (SOURCE / "docs").glob("*.md") if page.name != "README.md"]
    gadgets = [f"gadgets/{page.parent.name}" for page in SOURCE.glob("gadgets/*/README.md")]
    assert seen[:2] == ["index", "tutorial"]
    assert sorted(seen) == sorted(["index", *pages, *gadgets])


def test_search_finds_a_word(reader, pictures):
    find(reader, "input.md-search__input")[0].send_keys("ebpf.rest.name")
    wait_for(lambda: "Adding a gadget" in reader.find_element("css selector", ".md-search-result").text)
    reader.save_screenshot(str(pictures / "book-search.png"))


def test_nothing_comes_from_elsewhere(reader, book, pictures, requests_of):
    for page in ("index", "gadgets", "life-of-an-event"):
        reader.get(f"{book}/{page}.html")
        find(reader, "h1")
        reader.save_screenshot(str(pictures / f"book-{page}.png"))
    assert [url for url in requests_of() if url.startswith("http") and not url.startswith(book)] == []
