"""The page itself: controls and pictures, by Gradio."""

import os

import gradio as gr

from keras_mdgan.play import figures
from keras_mdgan.play.real import RealData
from keras_mdgan.play.subject import Subject
from keras_mdgan.play.training_page import training_tab
from keras_mdgan.play.widgets import class_label, draws, picture, said, seed_box

LOOPBACK = "127.0.0.1"
# Fonts of the reader's own: nothing is fetched from elsewhere.
FONTS = {
    "font": ["system-ui", "sans-serif"],
    "font_mono": ["ui-monospace", "monospace"],
}
# Pictures fill a narrow screen, and no tab is narrower than another.
STYLE = """
.picture img { width: 100%; max-width: 640px; height: auto; margin: 0 auto; }
.gradio-container { max-width: 1200px !important; margin: 0 auto !important; }
.gradio-container, .gradio-container .main.fillable { width: 100% !important; }
.gradio-container .main > .wrap, .gradio-container main.contain { width: 100%; }
.kept-in-view { position: sticky; top: 0; align-self: flex-start; }
@media (max-width: 700px) {
  .kept-in-view { order: -1; z-index: 5; background: var(--body-background-fill); }
}
"""


def page(subject: Subject, data: RealData | None = None) -> gr.Blocks:
    """The page for a generator.

    Args:
        subject: the generator.
        data: the real data, or `None`.
    """
    with gr.Blocks(title=f"keras-mdgan: {subject.name}", analytics_enabled=False) as it:
        shape = " x ".join(map(str, subject.data_shape))
        gr.Markdown(
            f"## {subject.name}\n{type(subject.model).__name__}: {subject.prior.dim} "
            f"latents, samples of {shape} numbers."
        )
        with gr.Tab("Samples"):
            _samples(it, subject, data)
        with gr.Tab("Latents"):
            _latents(it, subject)
        with gr.Tab("Interpolation"):
            _interpolation(it, subject)
        with gr.Tab("Corners") as tab:
            _corners(tab, subject, data)
        with gr.Tab("Real and generated") as tab:
            _against(tab, subject, data)
        with gr.Tab("Train"):
            training_tab()
    return it


def serve(blocks: gr.Blocks, port: int | None = None, browser: bool = False) -> str:
    """Serve a page to this machine alone, in threads, and return its address.

    Args:
        blocks: the page.
        port: the port; `None` takes the first free one from 7860 on.
        browser: whether to open the page in the browser.

    Raises:
        OSError: if the port is in use.
    """
    # Every choice that an environment variable would make otherwise is made here.
    _, address, _ = blocks.launch(
        server_name=LOOPBACK,
        server_port=port,
        share=False,
        inbrowser=browser,
        prevent_thread_lock=True,
        quiet=True,
        # Not an empty list, for which Gradio takes a variable's folders.
        allowed_paths=[os.devnull],
        ssr_mode=False,
        mcp_server=False,
        run_history=False,
        footer_links=[],
        theme=gr.themes.Default(**FONTS),
        css=STYLE,
    )
    return address


def _samples(blocks, subject, data):
    with gr.Row():
        with gr.Column(scale=1, min_width=260):
            most, usual = (100, 64) if subject.is_images else (5000, 1000)
            n = gr.Slider(1, most, usual, step=1, label="Samples")
            seed, label = seed_box(), class_label(subject)
            draw = gr.Button("Other samples", variant="primary")
        with gr.Column(scale=2, min_width=300):
            out = picture("Samples of the generator")
    draw.click(lambda old: (old or 0) + 1, seed, seed, api_visibility="private")
    draws(
        [blocks.load, n.release, seed.change, label.change],
        lambda n, seed, label: figures.samples(
            subject, data, int(n), int(seed), int(label)
        ),
        [n, seed, label],
        out,
        "samples",
    )


def _latents(blocks, subject):
    ranges = subject.sliders()
    start = subject.latents(1, 0)[0]
    with gr.Row():
        with gr.Column(scale=1, min_width=260):
            seed, label = seed_box("Seed of all latents"), class_label(subject)
            if len(ranges) < subject.prior.dim:
                gr.Markdown(f"The first {len(ranges)} of {subject.prior.dim}:")
            if not subject.knows_prior:
                gr.Markdown("A SavedModel does not say its prior: -1 to 1 is assumed.")
            sliders = [
                gr.Slider(
                    low,
                    high,
                    round(float(value), 2),
                    step=step,
                    label=f"Latent {index}",
                )
                for index, ((low, high, step), value) in enumerate(zip(ranges, start))
            ]
        # Beside, or on a narrow screen above, the slider that is moved.
        with gr.Column(scale=2, min_width=300, elem_classes="kept-in-view"):
            out = picture("The sample of these latents")

    def drawn(seed, label, *values):
        latents = subject.latents(1, int(seed))[0]
        latents[: len(values)] = values
        return figures.one(subject, latents, int(label))

    def of_seed(seed):
        values = subject.latents(1, int(seed))[0][: len(ranges)]
        return [round(float(value), 2) for value in values]

    seed.change(said(of_seed), seed, sliders, api_visibility="private")
    draws(
        [blocks.load, label.change, *(s.change for s in sliders)],
        drawn,
        [seed, label, *sliders],
        out,
        "latents",
    )


def _interpolation(blocks, subject):
    with gr.Row():
        with gr.Column(scale=1, min_width=260):
            first, last = seed_box("From seed", 0), seed_box("To seed", 1)
            n = gr.Slider(2, 64, 24, step=1, label="Samples on the way")
            label = class_label(subject)
        with gr.Column(scale=2, min_width=300):
            out = picture("Samples between two latents")
    draws(
        [blocks.load, first.change, last.change, n.release, label.change],
        lambda a, b, n, label: figures.interpolation(
            subject, int(a), int(b), int(n), int(label)
        ),
        [first, last, n, label],
        out,
        "interpolation",
    )


def _corners(tab, subject, data):
    if not subject.corners:
        gr.Markdown(
            "Corners are those of a Mixture Density GAN with its discriminator: a "
            "preset or a `.keras` file. This model has none."
        )
        return
    gr.Markdown(
        "A row a corner: the samples that the discriminator embeds nearest to it."
    )
    seed = seed_box()
    beside = gr.Checkbox(
        data is not None and data.known is not None,
        label="Real data beside them",
        visible=data is not None,
    )
    out = picture("Samples at each corner")
    draws(
        [tab.select, seed.change, beside.change],
        lambda seed, beside: figures.corners(
            subject, data if beside else None, int(seed)
        ),
        [seed, beside],
        out,
        "corners",
    )


def _against(tab, subject, data):
    if data is None:
        gr.Markdown("No real data are known for this model: `--data` names them.")
        return
    with gr.Row():
        most, usual = (100, 49) if subject.is_images else (5000, 2500)
        n = gr.Slider(1, most, usual, step=1, label="Samples of each")
        seed, label = seed_box(), class_label(subject)
    out = picture("Real samples beside generated ones")
    draws(
        [tab.select, n.release, seed.change, label.change],
        lambda n, seed, label: figures.against(
            subject, data, int(n), int(seed), int(label)
        ),
        [n, seed, label],
        out,
        "against",
    )
