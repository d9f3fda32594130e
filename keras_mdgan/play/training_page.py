"""The part of the page where a Mixture Density GAN trains."""

import gradio as gr

from keras_mdgan.play import figures
from keras_mdgan.play.live import ASSIGNMENTS, DATA, MOST_COMPONENTS, LiveTraining
from keras_mdgan.play.widgets import picture, said

STEPS_A_LOOK = 120


def training_tab() -> None:
    """A Mixture Density GAN of the page's own, one for all its visitors."""
    held = {"live": None}
    gr.Markdown(
        "A Mixture Density GAN learns points. Change components, variance and "
        "assignment while it trains."
    )
    with gr.Row():
        with gr.Column(scale=1, min_width=260):
            data = gr.Radio(DATA, value=DATA[0], label="Data (for a new start)")
            components = gr.Slider(2, MOST_COMPONENTS, 10, step=1, label="Components")
            variance = gr.Slider(0.02, 1.0, 0.25, step=0.01, label="Variance")
            assignment = gr.Radio(ASSIGNMENTS, value="max", label="Assignment")
            with gr.Row():
                start = gr.Button("Train", variant="primary", min_width=90)
                stop = gr.Button("Pause", min_width=90)
                anew = gr.Button("Start anew", min_width=90)
        with gr.Column(scale=2, min_width=300):
            note = gr.Markdown("Not trained yet.", elem_classes="progress-note")
            samples = picture("Samples of the model that trains")
            embedded = picture("Embeddings of the data by the discriminator")
    options = [components, variance, assignment]

    def change(components, variance, assignment):
        if held["live"] is not None:
            held["live"].change(
                components=int(components),
                variance=float(variance),
                assignment=assignment,
            )

    def train(data, *options):
        live = held["live"]
        if live is None or live.done:
            yield "Preparing: the first steps are compiled.", None, None
            live = held["live"] = LiveTraining(data)
        change(*options)
        try:
            for progress in live.run(STEPS_A_LOOK):
                yield look(live, progress)
        except (RuntimeError, ValueError) as error:
            raise gr.Error(str(error)) from error

    def pause():
        if held["live"] is not None:
            held["live"].stop()

    def forget():
        pause()
        held["live"] = None
        return "Not trained yet.", None, None

    start.click(
        train,
        [data, *options],
        [note, samples, embedded],
        api_name="train",
        show_progress="minimal",
    )
    stop.click(pause, api_name="pause")
    anew.click(forget, None, [note, samples, embedded], api_name="anew")
    gr.on(
        [components.release, variance.release, assignment.change],
        said(change),
        options,
        None,
        api_name="change",
    )


def look(live: LiveTraining, progress) -> tuple:
    """A line, a picture of samples and one of embeddings, for the page."""
    logs = progress.logs
    line = (
        f"**{progress.steps:,} of {live.length:,} steps** · "
        f"{live.model.components} components, variance {live.options['variance']:g}, "
        f"{live.options['assignment']} · likelihood of real "
        f"{logs['real_likelihood']:.2f}, generated {logs['fake_likelihood']:.2f}"
    )
    return line, figures.live(live, progress.samples), figures.live_embeddings(live)
