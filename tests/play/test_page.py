"""The page as a browser gets it: by requests, and slowly in a real browser."""

import gc
import pathlib
import shutil
import socket
import threading
import urllib.error
import urllib.request

import numpy as np
import pytest
from PIL import Image

import keras_mdgan as km
from keras_mdgan.commands import main
from keras_mdgan.play.real import RealData, data_of
from keras_mdgan.play.subject import Subject

gradio = pytest.importorskip("gradio")
# Gradio's own, of the libraries that it stands on.
pytestmark = pytest.mark.filterwarnings("ignore::Warning")

TABS = ("Samples", "Latents", "Interpolation", "Corners", "Real and generated", "Train")


@pytest.fixture(autouse=True)
def collected():
    """Event loops that Gradio left open are complained of here, not in later tests."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def address():
    from keras_mdgan.play.page import page, serve

    subject = Subject(km.GAN.from_preset("ring"), "ring_mixture_density")
    blocks = page(subject, RealData("ring"))
    yield serve(blocks)
    blocks.close()
    gc.collect()


@pytest.fixture(scope="module")
def client(address):
    from gradio_client import Client

    client = Client(address, verbose=False)
    yield client
    client.close()


def pixels(answer):
    return np.asarray(Image.open(answer))


def test_the_page_is_served_to_this_machine_alone(address, monkeypatch):
    from keras_mdgan.play.page import page, serve

    assert address.startswith("http://127.0.0.1:")
    assert urllib.request.urlopen(address).status == 200
    port = int(address.split(":")[2].strip("/"))
    outside = socket.gethostbyname(socket.gethostname())
    if not outside.startswith("127."):
        with pytest.raises(OSError):
            socket.create_connection((outside, port), timeout=2)
    # Variables by which Gradio would open itself to others.
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    monkeypatch.setenv("GRADIO_SHARE", "True")
    monkeypatch.setenv("GRADIO_ALLOWED_PATHS", "/")
    blocks = page(Subject(km.GAN.from_preset("ring"), "ring"))
    try:
        other = serve(blocks)
        assert other.startswith("http://127.0.0.1:")
        assert blocks.share is False
        assert not blocks.share_url
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{other}gradio_api/file={pathlib.Path(__file__)}")
        with pytest.raises(OSError):
            serve(page(Subject(km.GAN.from_preset("ring"), "ring")), port)
    finally:
        blocks.close()


def test_every_control_draws_what_it_says(client):
    few = pixels(client.predict(100, 0, 0, api_name="/samples"))
    again = pixels(client.predict(100, 0, 0, api_name="/samples"))
    other = pixels(client.predict(100, 1, 0, api_name="/samples"))
    np.testing.assert_array_equal(few, again)
    assert not np.array_equal(few, other)
    signs = [1.0] * 10
    here = pixels(client.predict(0, 0, *signs, 0.0, 0.0, api_name="/latents"))
    there = pixels(
        client.predict(0, 0, *[-x for x in signs], 0.0, 0.0, api_name="/latents")
    )
    assert not np.array_equal(here, there)
    for name, arguments in (
        ("interpolation", (0, 1, 8, 0)),
        ("corners", (0, True)),
        ("corners", (0, False)),
        ("against", (100, 0, 0)),
    ):
        assert pixels(client.predict(*arguments, api_name=f"/{name}")).std() > 5


def test_errors_are_said_on_the_page():
    from keras_mdgan.play.widgets import said

    with pytest.raises(gradio.Error, match=r"There is no .*no_such_folder"):
        said(RealData("no_such_folder").sample)(3)
    with pytest.raises(
        gradio.Error, match=r"`n` must be an integer >= 1. Received: n=0"
    ):
        said(RealData("ring").sample)(None)  # a box that was emptied


def test_a_model_trains_and_changes_while_it_does(client):
    training = client.submit("ring", 10, 0.25, "max", api_name="/train")
    seen = []
    for line, samples, embedded in training:
        if samples is None:  # being prepared
            continue
        seen.append(line)
        assert pixels(samples).std() > 1
        assert pixels(embedded).std() > 1
        if len(seen) == 1:
            client.predict(5, 0.1, "balanced", api_name="/change")
        if "5 components, variance 0.1, balanced" in line:
            client.predict(api_name="/pause")
        assert len(seen) < 10
    assert "10 components, variance 0.25, max" in seen[0]
    assert "5 components, variance 0.1, balanced" in seen[-1]
    assert "of 6,000 steps" in seen[-1]


def test_the_command_finds_model_and_data(monkeypatch, capsys):
    import keras_mdgan.play.page as served

    made = {}

    class Served:
        def close(self):
            made["closed"] = True

    def page(subject, data):
        made.update(subject=subject, data=data)
        return Served()

    def interrupted(self, timeout=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(served, "page", page)
    monkeypatch.setattr(served, "serve", lambda blocks, port, browser: f"at {port}")
    monkeypatch.setattr(threading.Event, "wait", interrupted)
    assert main(["play", "ring", "--port", "8123", "--no-browser"]) == 130
    assert made["closed"]
    assert made["data"].known.name == "ring"
    assert made["subject"].name == "ring"
    assert "at 8123" in capsys.readouterr().out
    assert main(["play", "ring", "--port", "0"]) == 2
    assert main(["play", "no_such_model"]) == 1
    assert data_of("mnist_mixture_density") == "mnist:test"


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("model", ["ring", "mnist"])
def test_in_a_browser(model, width, tmp_path_factory):
    """Every tab has its picture, nothing is wider than the screen, nothing fails."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium")
    from keras_mdgan.commands.sources import model_of
    from keras_mdgan.play.page import page, serve

    folder = tmp_path_factory.mktemp(f"{model}{width}")
    data = RealData("ring") if model == "ring" else None
    blocks = page(Subject(model_of(model), model), data)
    address, failed, asked = serve(blocks), [], []
    try:
        with playwright.sync_playwright() as browsers:
            browser = browsers.chromium.launch(
                executable_path=chromium, args=["--no-sandbox"]
            )
            view = browser.new_page(viewport={"width": width, "height": 900})
            view.set_default_timeout(300_000)  # a busy machine
            view.on("pageerror", lambda error: failed.append(str(error)))
            view.on("request", lambda request: asked.append(request.url))
            view.goto(address)
            view.get_by_role("heading", level=2).wait_for()
            for tab in TABS:
                choose(view, tab)
                absent = (model, tab) in {
                    ("mnist", "Corners"),
                    ("mnist", "Real and generated"),
                }
                if tab == "Train":
                    view.get_by_role("button", name="Train", exact=True).click()
                if not absent:
                    image = view.locator("[role=tabpanel]:visible .picture img").first
                    image.wait_for()
                    view.wait_for_timeout(1500)
                    assert image.bounding_box()["width"] > 0.6 * min(width, 640)
                view.screenshot(path=folder / f"{tab.split()[0]}.png", full_page=True)
                wide = view.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (tab, wide)
            view.get_by_role("button", name="Pause").click()
            browser.close()
    finally:
        blocks.close()
    assert not failed
    elsewhere = [u for u in asked if not u.startswith((address, "data:", "blob:"))]
    assert not elsewhere


def choose(view, tab):
    """Choose a tab, which a narrow screen keeps in a menu."""
    button = view.get_by_role("tab", name=tab, exact=True)
    if not button.first.is_visible():
        view.locator(".overflow-menu > button").first.click()
        view.locator(".overflow-dropdown button", has_text=tab).first.click()
        return
    button.first.click()
