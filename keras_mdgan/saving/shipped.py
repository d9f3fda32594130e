"""Trained models that ship with the package."""

from pathlib import Path

from keras_mdgan.validation import check_choice

PACKAGE = Path(__file__).parents[1]


def shipped_model(name: str) -> Path:
    """The folder of a model that ships with the package.

    Examples:
        >>> shipped_model("mnist_classifier").name
        'mnist_classifier'

    Args:
        name: the model's name, such as `"mnist_classifier"` or
            `"grid_mixture_density"`.

    Raises:
        ValueError: if there is no model of this name.
    """
    found = shipped_folders()
    check_choice("name", name, found)
    return found[name]


def shipped_folders() -> dict[str, Path]:
    """The folders of all models that ship with the package, by name."""
    # In a checkout they are beside the package, in an installation inside it.
    return {
        card.parent.name: card.parent
        for folder in (PACKAGE.parent, PACKAGE)
        for card in sorted(folder.glob("saved_models/*/README.md"))
    }
