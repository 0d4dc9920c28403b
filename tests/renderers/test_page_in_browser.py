"""The page as a browser sees it."""

import shutil
import struct
import subprocess

import pytest
from test_texts import SPEEDSCOPE, evil

from pdeperf.renderers import html

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed (apt-get install chromium)")


def browse(page, folder, *options):
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            BROWSER,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            f"--user-data-dir={folder / 'profile'}",
            "--virtual-time-budget=2000",
            *options,
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def test_the_page_is_whole_in_a_browser(report, tmp_path):
    dom = browse(html.page(report, SPEEDSCOPE), tmp_path, "--dump-dom").stdout
    assert dom.count("<section") == 7
    assert dom.count("<details") == 3
    assert "Heat by line" in dom
    assert "sweep&lt;b&gt;" in dom


def test_hostile_names_stay_text_in_a_browser(report, tmp_path):
    dom = browse(html.page(evil(report)), tmp_path, "--dump-dom").stdout
    assert "<script" not in dom
    assert "<b onclick" not in dom
    assert "&lt;script&gt;alert(1)" in dom


def test_the_page_fits_a_narrow_screen_and_is_painted(report, tmp_path):
    page = html.page(report, SPEEDSCOPE)
    browse(page, tmp_path, "--window-size=500,900", "--screenshot=shot.png")
    image = (tmp_path / "shot.png").read_bytes()
    assert struct.unpack(">II", image[16:24]) == (500, 900)
    assert len(image) > 10_000
