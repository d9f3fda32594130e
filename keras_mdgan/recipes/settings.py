"""The settings by name."""

from collections.abc import Mapping

from keras_mdgan.datasets import dataset
from keras_mdgan.recipes.image_settings import IMAGE_SETTINGS
from keras_mdgan.recipes.point_settings import POINT_SETTINGS
from keras_mdgan.recipes.searched import SEARCHED
from keras_mdgan.recipes.setting import Setting
from keras_mdgan.validation import check_choice

SETTINGS: dict[str, Setting] = {**POINT_SETTINGS, **IMAGE_SETTINGS}

# The default settings of a table, by the kind of data.
DEFAULT_SETTINGS = {"points": "ours", "images": "papers", "stacked": "stacked_half"}


def settings_of(data) -> list[str]:
    """The names of the settings for a data set.

    Examples:
        >>> settings_of(dataset("mnist"))
        ['papers', 'compact', 'papers_8', 'papers_8_wide', 'papers_10']
    """
    return [name for name, setting in SETTINGS.items() if setting.kind == data.kind]


def setting_for(
    name: str,
    data: str,
    steps: int | None = None,
    model: str | None = None,
    options: Mapping | None = None,
) -> Setting:
    """A setting for a data set, with samples and steps filled in.

    Examples:
        >>> setting_for("ours", "synthetic_1200d").steps
        4000
        >>> setting_for("papers", "mnist", model="wasserstein_gp").batch_size
        320

    Args:
        name: a key of `SETTINGS`.
        data: a key of `keras_mdgan.datasets.DATASETS`.
        steps: training steps; by default the setting's number.
        model: a key of `METHODS`. With it, `batch_size` is that of a step: on images,
            each update of a critic with several has a batch of the setting's size.
        options: further arguments of the model, see `Setting.build`.

    Raises:
        ValueError: if the setting is not for this kind of data.
    """
    found = dataset(data)
    check_choice("setting", name, settings_of(found))
    return SETTINGS[name].on(found, steps, model, options)


def trained_as(setting: str, data: str, model: str) -> str:
    """The setting whose runs also count for `setting`, for a model.

    If the search found nothing better than a method's defaults, `searched` equals
    `plain`. The method is then not trained twice.

    Examples:
        >>> trained_as("searched", "ring", "unrolled")
        'plain'
        >>> trained_as("searched", "ring", "vanilla")
        'searched'

    Args:
        setting: a key of `SETTINGS`.
        data: a key of `keras_mdgan.datasets.DATASETS`.
        model: a key of `METHODS`.
    """
    default = SETTINGS[setting].searched and model not in SEARCHED.get(data, {})
    return "plain" if default else setting
