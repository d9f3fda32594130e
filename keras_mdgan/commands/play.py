"""`keras-mdgan play`: a page in the browser to play with a generator."""

import importlib.util
import threading

from keras_mdgan.commands.arguments import at_least
from keras_mdgan.commands.sources import model_of


def add_arguments(sub) -> None:
    """Add the command's arguments to its parser."""
    sub.add_argument(
        "model",
        nargs="?",
        default="grid",
        help="a preset's name, a folder or a .keras file; default: grid",
    )
    sub.add_argument(
        "--data",
        help="real data: a data set such as mnist:test, a folder of images or an .npz "
        "file; by default the data set that the model's name begins with",
    )
    sub.add_argument("--port", type=at_least(1), help="default: the first free one")
    sub.add_argument(
        "--no-browser", action="store_true", help="only print the page's address"
    )


def run(options) -> None:
    """Serve the page until Ctrl-C."""
    if importlib.util.find_spec("gradio") is None:
        raise ImportError(
            "The page needs Gradio: pip install 'keras-mdgan[play]', or in a clone "
            "'.[play]'"
        )
    from keras_mdgan.play.page import page, serve
    from keras_mdgan.play.real import RealData, data_of
    from keras_mdgan.play.subject import Subject

    model = model_of(options.model)
    # The name that ships, or the last of a path.
    name = getattr(getattr(model, "path", None), "name", None)
    subject = Subject(model, name or options.model.rstrip("/").split("/")[-1])
    source = options.data or data_of(subject.name)
    side = subject.data_shape[0] if subject.is_images else None
    data = None if source is None else RealData(source, side)
    blocks = page(subject, data)
    address = serve(blocks, options.port, browser=not options.no_browser)
    print(f"{address} (Ctrl-C ends it)", flush=True)
    try:
        threading.Event().wait()  # Gradio serves in threads of its own
    finally:
        blocks.close()
