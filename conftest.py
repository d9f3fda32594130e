"""What pytest does not collect from the package: modules of extras that are missing."""

import importlib.util

# They import Gradio at their head, and the examples of all modules are run.
PAGE = ("page", "training_page", "widgets")
collect_ignore = []
if importlib.util.find_spec("gradio") is None:
    collect_ignore = [f"keras_mdgan/play/{name}.py" for name in PAGE]
