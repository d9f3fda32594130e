"""Trained models that ship with the package."""

from pathlib import Path

from keras_mdgan.validation import check_choice

# Of an installed package; of a checkout, where they are beside it.
_PACKAGE = Path(__file__).parents[1]
FOLDERS = (_PACKAGE / "saved_models", _PACKAGE.parent / "saved_models")


def shipped_model(name: str) -> Path:
    """The folder of a model that ships with the package.

    Examples:

    >>> shipped_model("mnist_classifier").name
    'mnist_classifier'

    Args:
        name: such as `"mnist_classifier"` or `"grid_mixture_density"`.

    Raises:
        ValueError: if there is none of this name.
    """
    found = {
        card.parent.name: card.parent
        for folder in reversed(FOLDERS)
        for card in sorted(folder.glob("*/README.md"))
    }
    check_choice("name", name, found)
    return found[name]
