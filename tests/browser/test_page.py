# SPDX-License-Identifier: Apache-2.0
"""The page of ig report, used as a person does: clicks, keys, a search; and what it must never do."""
import time

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

EVIL = "<script>alert(1)</script>"


def one(parent, selector):
    return parent.find_element(By.CSS_SELECTOR, selector)


def every(parent, selector):
    return parent.find_elements(By.CSS_SELECTOR, selector)


def text(browser, element):
    """All of it, also what is scrolled or folded away."""
    return browser.execute_script("return arguments[0].textContent", element)


def scroll_to(browser, element):
    browser.execute_script("arguments[0].scrollIntoView({block: 'start'})", element)


def block(browser, section, title):
    for heading in every(browser, f"#{section} h3"):
        if text(browser, heading) == title:
            return heading.find_element(By.XPATH, "ancestor::*[contains(concat(' ', @class, ' '), ' block ')][1]")
    raise AssertionError(f"no {title} in {section}")


def column(browser, table, place):
    return [text(browser, cell) for cell in every(table, f"tbody td:nth-child({place})")]


def picture(browser, element, path):
    """Of the element, as high as it is."""
    height = browser.execute_script("return arguments[0].getBoundingClientRect().height", element)
    browser.set_window_size(1360, int(min(max(height + 120, 500), 6000)))
    scroll_to(browser, element)
    element.screenshot(str(path))


def use_theme(browser, theme):
    button = browser.find_element(By.ID, "theme")
    for _ in range(3):
        if button.text == f"Theme: {theme}":
            return
        button.click()
    raise AssertionError(f"no theme {theme}")


def test_shows_every_section_that_was_recorded(browser):
    sections = [section.get_attribute("id") for section in every(browser, "main > section")]
    assert sections[:2] == ["overview", "policies"]
    assert {"block-io", "cpu", "tcp", "dns", "exec", "files", "syscalls", "oom", "network"} <= set(sections)
    assert one(browser, "#title").text.endswith("shop.db")
    assert every(browser, "#nav a") and len(every(browser, "#nav a")) == len(sections)


def test_asks_nobody_for_anything(browser, requests_of):
    time.sleep(0.5)
    asked = [url for url in requests_of() if not url.startswith(("file:", "data:", "chrome"))]
    assert asked == []


def test_a_name_stays_a_name(browser):
    assert every(browser, "main script, main img, main b > *") == []
    assert EVIL in text(browser, browser.find_element(By.ID, "overview"))
    assert "onerror=alert(2)" in text(browser, browser.find_element(By.ID, "cpu"))
    with pytest.raises(Exception, match="no such alert"):
        browser.switch_to.alert.accept()


def test_losses_are_told(browser):
    assert "trace_dns lost 12 events" in text(browser, one(browser, "#dns .notes.lost"))
    assert every(browser, "#overview .timeline rect.lost")


def test_a_link_of_the_overview_leads_to_its_section(browser):
    one(browser, "#overview a[href='#dns']").click()
    assert browser.current_url.endswith("#dns")
    top = browser.execute_script("return document.getElementById('dns').getBoundingClientRect().top")
    assert 0 <= top < 200


def test_tables_sort_by_a_click(browser):
    table = block(browser, "files", "Most opened")
    heading = every(table, "thead button")[1]
    scroll_to(browser, table)
    heading.click()
    times = [int(value.replace(",", "")) for value in column(browser, table, 2)]
    assert times == sorted(times, reverse=True) and len(times) > 2
    heading.click()
    times = [int(value.replace(",", "")) for value in column(browser, table, 2)]
    assert times == sorted(times)
    assert every(table, "thead th")[1].get_attribute("aria-sort") == "ascending"


def test_tables_show_the_rows_that_have_a_text(browser):
    table = block(browser, "cpu", "Functions by their own time")
    scroll_to(browser, table)
    one(table, "input[type=search]").send_keys("epoll")
    assert set(column(browser, table, 1)) == {"epoll_wait", "do_epoll_wait"} or \
        all("epoll" in name for name in column(browser, table, 1))


def frame(browser, name):
    for item in every(browser, ".flame [role=treeitem]"):
        if item.get_attribute("aria-label").startswith(name + " ("):
            return item
    return None


def test_the_flame_graph_zooms_by_a_click_and_back(browser):
    flame = one(browser, ".flame")
    scroll_to(browser, flame)
    before = frame(browser, "postgres").rect["width"]
    frame(browser, "postgres").click()
    assert frame(browser, "postgres").rect["width"] > before * 1.5
    assert frame(browser, "nginx") is None
    one(browser, "#cpu .tools button").click()
    assert frame(browser, "nginx") is not None
    assert frame(browser, "postgres").rect["width"] == pytest.approx(before, abs=1)


def test_the_flame_graph_works_by_keys(browser):
    flame = one(browser, ".flame")
    scroll_to(browser, flame)
    browser.execute_script("arguments[0].focus()", one(flame, "[tabindex='0']"))

    def press(key):
        ActionChains(browser).send_keys(key).perform()
        return browser.switch_to.active_element.get_attribute("aria-label")

    assert press(Keys.ARROW_DOWN).startswith("db (workload)")
    assert press(Keys.ARROW_RIGHT).startswith("web (workload)")
    assert press(Keys.ARROW_DOWN).startswith("nginx (process)")
    assert press(Keys.ENTER).startswith("nginx (process)")
    assert frame(browser, "postgres") is None
    assert press(Keys.ESCAPE).startswith("all (")
    assert frame(browser, "postgres") is not None


def test_the_flame_graph_is_searched(browser):
    flame = one(browser, ".flame")
    scroll_to(browser, flame)
    one(browser, "#cpu figure input[type=search]").send_keys("aes_gcm")
    found = every(flame, ".found")
    assert len(found) == 1 and found[0].get_attribute("aria-label").startswith("aes_gcm (user)")
    # 110 of 438 samples
    assert "25.1 % of the samples" in text(browser, one(browser, "#cpu figure .head .hint"))


def test_the_network_shows_what_one_end_talked_to(browser):
    graph = one(browser, "#network .graph")
    scroll_to(browser, graph)
    web = next(node for node in every(graph, ".node") if node.get_attribute("aria-label").startswith("web,"))
    ActionChains(browser).move_to_element(web).click().perform()
    assert "chosen" in graph.get_attribute("class")
    assert len(every(graph, ".edge.on")) == 4
    assert "failed: ECONNREFUSED" in web.get_attribute("aria-label") or "failed" in web.get_attribute("aria-label")
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    assert "chosen" not in graph.get_attribute("class")


def test_processes_fold(browser):
    tree = one(browser, ".process-tree")
    scroll_to(browser, tree)
    visible = len([row for row in every(tree, "tbody tr") if row.is_displayed()])
    one(tree, ".fold").click()
    assert len([row for row in every(tree, "tbody tr") if row.is_displayed()]) < visible
    assert one(tree, ".fold").get_attribute("aria-expanded") == "false"


def test_policies_open_with_their_evidence(browser):
    document = next(one for one in every(browser, "details.document") if "seccomp-profile: web" in one.text)
    scroll_to(browser, document)
    one(document, "summary").click()
    assert '"defaultAction"' in one(document, "pre").text
    assert "x86_64 accept4" in text(browser, document)


def test_the_theme_follows_the_switch(browser):
    def ground():
        return browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    use_theme(browser, "light")
    light = ground()
    use_theme(browser, "dark")
    assert ground() != light
    use_theme(browser, "auto")


def test_everything_that_can_be_used_has_a_name(browser):
    unnamed = browser.execute_script("""
        return [...document.querySelectorAll("button, input, select, [role=tree], [role=img], svg[role]")]
            .filter((element) => !(element.textContent.trim() || element.getAttribute("aria-label") || element.closest("label")))
            .map((element) => element.outerHTML.slice(0, 120));""")
    assert unnamed == []


def test_nothing_is_wider_than_a_telephone(browser):
    # A window of Chromium cannot be that narrow, a page in a frame can.
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True})
    try:
        time.sleep(0.3)
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= 390
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_are_kept(browser, pictures, theme):
    use_theme(browser, theme)
    browser.save_screenshot(str(pictures / f"first-{theme}.png"))
    for section in every(browser, "main > section"):
        picture(browser, section, pictures / f"{section.get_attribute('id')}-{theme}.png")
    assert len(list(pictures.glob(f"*-{theme}.png"))) > 10
    use_theme(browser, "auto")
