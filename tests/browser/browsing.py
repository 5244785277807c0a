"""What tests do with a page in a browser, by mouse and keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WIDTHS = (1400, 800, 390)


class Browser:
    """What tests do with a page, by mouse and keyboard."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, path: Path, *, width: int = 1400, place: str = "", dark: bool = False) -> None:
        """Show a page, anew."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        wishes = {
            "prefers-color-scheme": "dark" if dark else "light",
            "prefers-reduced-motion": "reduce",  # else clicks go where things were
        }
        features = [{"name": name, "value": value} for name, value in wishes.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get(path.as_uri() + place)
        # What is drawn after the first frame is there after the next.
        self.driver.execute_async_script(
            "const done = arguments[0]; setTimeout(() => requestAnimationFrame(() => done()), 0);"
        )

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what a script returns."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> Any:
        """Return the first element of a selector."""
        return self.driver.find_element("css selector", selector)

    def find_all(self, selector: str) -> list[Any]:
        """Return all elements of a selector."""
        return list(self.driver.find_elements("css selector", selector))

    def texts(self, selector: str) -> list[str]:
        """Return what elements say."""
        return [
            str(text)
            for text in self.run(
                "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)",
                selector,
            )
        ]

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        actions = ActionChains(self.driver)
        for key in keys:
            actions.send_keys(key)
        actions.perform()

    def choose(self, select: Any, value: str) -> None:
        """Choose a value of a list of choices."""
        self.run(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('change', {bubbles: true}));",
            select,
            value,
        )

    def complaints(self) -> list[str]:
        """Return what the console has said since the page was opened."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]
