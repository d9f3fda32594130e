"""The papers' figures, for the tables.

Modes and quality in percent: VEEGAN's table (Srivastava et al. 2017, table 1), the
slides of MD-GAN (tables 1 and 2, marked s) and the first version of its paper (marked
v1). Frechet distances with Inception: Lucic et al. (2018), the best of a large search,
as quoted by MD-GAN's paper (table 2), and GM-GAN's slides (marked g). Stacked MNIST:
table 3 of MD-GAN's slides. Components and variances: the slides' "results of the
hyper-parameter grid search". Clusterings name their sources in the table.
"""

import dataclasses

import numpy as np

from keras_mdgan.validation import check_choice

COMPONENTS = (4, 6, 8, 10, 12)
VARIANCES = (0.5, 0.25, 0.16)


def published(data: str, setting: str, model: str) -> str:
    """The published figures of a method, or a dash.

    Examples:
        >>> published("grid", "plain", "veegan")
        '24.6 / 40'
        >>> published("mnist", "papers_8", "mixture_density")
        '5.98'
    """
    of_setting = _FIGURES.get(f"{data}/{setting}", {})
    return of_setting.get(model) or _FIGURES.get(data, {}).get(model, "-")


def published_search(data: str) -> dict[str, np.ndarray]:
    """The slides' search over components and variances of MD-GAN.

    Examples:
        >>> published_search("grid")["modes"].shape
        (5, 3)

    Args:
        data: `"grid"` or `"ring"`.

    Returns:
        `modes`, `modes_deviation`, `high_quality` and `high_quality_deviation`, the
        latter two in percent: arrays `(components, variances)`, in the order of
        `COMPONENTS` and `VARIANCES`.

    Raises:
        ValueError: if nothing is published on the data.
    """
    check_choice("data", data, _SEARCH)
    figures = np.array(_SEARCH[data].split(), dtype=float)
    figures = figures.reshape(len(COMPONENTS), len(VARIANCES), 4)
    names = ("modes", "modes_deviation", "high_quality", "high_quality_deviation")
    return {name: figures[..., i] for i, name in enumerate(names)}


@dataclasses.dataclass(frozen=True)
class PublishedClustering:
    """A row of published figures of clusters; `"-"` for one that is not published.

    Args:
        method: its name.
        source: the publication.
        figures: NMI, one-to-one accuracy and adjusted Rand index.
        runs: the number of runs of which the figures are means, or `"-"`.
    """

    method: str
    source: str
    figures: tuple[str, str, str]
    runs: str = "-"


def published_clusterings(data: str) -> tuple[PublishedClustering, ...]:
    """Published clusterings by GANs, without labels in training.

    Examples:
        >>> published_clusterings("mnist")[0].figures
        ('.89', '.95', '.89')

    Args:
        data: the name of a data set; without figures the result is empty.
    """
    return _CLUSTERINGS.get(data, ())


# Mukherjee et al. give the figures of the best validated model in their paper, and
# means of ten runs beside their code. Ghasedi et al. have another method of that name;
# its figures are those that later comparisons quote.
_MUKHERJEE = "Mukherjee et al. 2019 (AAAI)"
_MUKHERJEE_CODE = "README of github.com/sudiptodip15/ClusterGAN"
_CLUSTERINGS = {
    "mnist": (
        PublishedClustering("ClusterGAN", _MUKHERJEE, (".89", ".95", ".89")),
        PublishedClustering(
            "ClusterGAN",
            _MUKHERJEE_CODE,
            (".854 +- .036", ".910 +- .040", ".829 +- .062"),
            "10",
        ),
        PublishedClustering(
            "ClusterGAN (self-paced)",
            "Ghasedi et al. 2019 (CVPR)",
            (".921", ".964", "-"),
        ),
    ),
    "fashion_mnist": (
        PublishedClustering("ClusterGAN", _MUKHERJEE, (".64", ".63", ".50")),
        PublishedClustering(
            "ClusterGAN",
            _MUKHERJEE_CODE,
            (".616 +- .011", ".612 +- .023", ".462 +- .023"),
            "10",
        ),
    ),
}

_FIGURES = {
    "grid": {
        "vanilla": "3.3 / 0.5",
        "adversarially_learned_inference": "15.8 / 1.6",
        "unrolled": "23.6 / 16",
        "veegan": "24.6 / 40",
        "deligan": "21 / 74.92 (s)",
        "infogan": "17.2 / 75.12 (s)",
        "spectral_norm": "23.8 / 90.96 (s)",
        "wasserstein_gp": "24 / 12.69 (v1)",
        "mixture_density": "25 / 99.36 (s); 25 / 59.56 (v1, C 10)",
    },
    "ring": {
        "vanilla": "1 / 99.3",
        "adversarially_learned_inference": "2.8 / 0.13",
        "unrolled": "7.6 / 35.6",
        "veegan": "8 / 52.9",
        "deligan": "6.4 / 98.28 (s)",
        "infogan": "3 / 98.88 (s)",
        "spectral_norm": "6.8 / 86.64 (s)",
        "mixture_density": "8 / 89.03 (s)",
    },
    "synthetic_1200d": {
        "vanilla": "1.6 / 2.0",
        "adversarially_learned_inference": "3 / 5.4",
        "unrolled": "0 / 0.0",
        "veegan": "5.5 / 28.29",
    },
    "mnist": {
        "vanilla": "6.7",
        "wasserstein": "6.8",
        "wasserstein_gp": "8.9",
        "dragan": "7.7",
        "began": "12.3",
        "gaussian_mixture": "15.67 (g)",
    },
    "mnist/papers": {"mixture_density": "4.97"},
    "mnist/papers_8": {"mixture_density": "5.98"},
    "mnist/papers_8_wide": {"mixture_density": "6.29"},
    "mnist/papers_10": {"mixture_density": "5.59"},
    "fashion_mnist": {
        "vanilla": "26.6",
        "wasserstein": "18.0",
        "wasserstein_gp": "20.6",
        "dragan": "26.0",
        "began": "33.2",
    },
    "fashion_mnist/papers": {"mixture_density": "13.03"},
    "fashion_mnist/papers_8": {"mixture_density": "10.47"},
    "fashion_mnist/papers_8_wide": {"mixture_density": "11.79"},
    "fashion_mnist/papers_10": {"mixture_density": "13.74"},
    "cifar10": {
        "vanilla": "58.6",
        "wasserstein": "55.9",
        "wasserstein_gp": "52.9",
        "dragan": "68.5",
        "began": "71.4",
    },
    "cifar10/papers": {"mixture_density": "38.84"},
    "cifar10/papers_8": {"mixture_density": "41.47"},
    "cifar10/papers_8_wide": {"mixture_density": "36.80"},
    "cifar10/papers_10": {"mixture_density": "47.96"},
    "celeba": {
        "vanilla": "58.0",
        "wasserstein": "42.9",
        "wasserstein_gp": "26.8",
        "dragan": "41.4",
        "began": "38.1",
    },
    "celeba/papers": {"mixture_density": "28.44"},
    "celeba/papers_8": {"mixture_density": "31.86"},
    "celeba/papers_8_wide": {"mixture_density": "24.51"},
    "celeba/papers_10": {"mixture_density": "31.55"},
    "stacked_mnist/stacked_big": {
        "vanilla": "99 / 3.4",
        "adversarially_learned_inference": "16 / 5.4",
        "veegan": "150 / 2.95",
        "unrolled": "48.7 / 4.32",
        "mixture_density": "1000 / 0.046",
    },
    "stacked_mnist/stacked_half": {
        "unrolled": "817 / 1.43",
        "deligan": "126 / 3.77",
        "infogan": "796 / 0.90",
        "spectral_norm": "679 / 1.45",
        "mixture_density": "921 / 0.80",
    },
    "stacked_mnist/stacked_quarter": {
        "unrolled": "327 / 4.66",
        "deligan": "159 / 3.22",
        "infogan": "237 / 2.87",
        "spectral_norm": "355 / 2.44",
        "mixture_density": "696 / 1.32",
    },
}

# The slides' "results of the hyper-parameter grid search". A row is a number of
# components. For each variance it has: modes, their standard deviation, high quality,
# its standard deviation.
_SEARCH = {
    "ring": """
        8.00 0.00 90.85 0.75  7.20 0.40 74.26  9.73  8.00 0.00 89.82  1.32
        8.00 0.00 92.67 1.9   7.80 0.40 67.71 12.54  8.00 0.00 91.3   1.15
        8.00 0.00 91.81 2.67  8.00 0.00 95.82  3.71  8.00 0.00 83.52  4.72
        8.00 0.00 96.48 3.6   8.00 0.00 89.03  3.70  8.00 0.00 93.56  1.13
        8.00 0.00 95.77 2.04  7.20 0.40 78.87  9.82  6.4  0.80 90.256 2.19
    """,
    "grid": """
        22.67 1.89 67.67 1.94  24.00 0.00 77.55 9.43  16.67 11.79 56.75 40.13
        25.00 0.00 93.31 0.66  25.00 0.00 87.84 2.55  24.33  0.47 79.81  5.51
        24.67 0.47 92.04 3.05  25.00 0.00 88.53 5.41  23.67  1.89 76.79 19.14
        25.00 0.00 93.84 0.00  25.00 0.00 99.36 2.28  24.00  1.41 93.96  0.17
        25.00 0.00 89.11 5.36  25.00 0.00 93.87 2.28  25.00  0.00 89.21  0.30
    """,
}
SEARCH_NOTES = {
    "ring": "the ring's are of 5 runs",
    "grid": "the grid's are of 3 runs (16.67 +- 11.79 modes is 25, 25 and 0). The "
    "2.28 beside 99.36 cannot be: even 5 runs of that mean, none above 100, deviate "
    "by 1.28 at most",
}
