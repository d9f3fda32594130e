"""What all parts of the page are made of."""

import functools

import gradio as gr


def said(function):
    """Errors of arguments and files become messages on the page."""

    @functools.wraps(function)
    def saying(*arguments):
        # A box that was emptied gives None.
        arguments = [0 if value is None else value for value in arguments]
        try:
            return function(*arguments)
        except (ValueError, OSError, RuntimeError) as error:
            raise gr.Error(str(error)) from error

    return saying


def picture(alt):
    return gr.Image(
        show_label=False,
        interactive=False,
        buttons=["download", "fullscreen"],
        elem_classes="picture",
        format="png",
        alt_text=alt,
    )


def seed_box(label="Seed", value=0):
    return gr.Number(value, label=label, precision=0, minimum=0)


def class_label(subject):
    """A control of the class; without classes it is not shown."""
    return gr.Number(
        0, label="Class", precision=0, minimum=0, visible=subject.takes_labels
    )


def draws(triggers, function, inputs, output, api_name):
    """Draw a picture whenever one of the triggers fires."""
    gr.on(
        triggers,
        said(function),
        inputs,
        output,
        # Of a slider that moves, the last place alone is drawn.
        trigger_mode="always_last",
        api_name=api_name,
        show_progress="minimal",
    )
