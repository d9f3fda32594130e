"""Settings for images: the papers' networks and budgets."""

import dataclasses
import functools

import keras

import keras_mdgan as km
from keras_mdgan.recipes.image_networks import (
    CompactNetworks,
    ImageNetworks,
    StackedMNISTNetworks,
)
from keras_mdgan.recipes.setting import (
    Setting,
    rate_of,
    updates_per_step,
    with_schedule,
)
from keras_mdgan.training import AdversarialModel

# Their own optimizers are those of experiments on points.
FOR_POINTS = (km.DeliGAN, km.PackedGAN, km.UnrolledGAN)


def image_optimizers(
    gan,
    steps,
    rate=1.0,
    generator_rate=2e-4,
    others_rate=2e-4,
    beta_1=0.5,
    beta_2=0.999,
):
    """The optimizers of each method.

    A method whose paper names none for images gets DCGAN's, Adam 2e-4 with b1 = 0.5.
    The rates and betas given here only apply to these: in the settings of the unrolled
    GAN's experiment they make them that paper's. `rate` multiplies all rates.
    """
    own, optimizers = _has_own(gan), {}
    for player, optimizer in gan.default_optimizers().items():
        if not own:
            first = generator_rate if player == "generator" else others_rate
            optimizer = keras.optimizers.Adam(first, beta_1, beta_2)
        optimizer.learning_rate = rate * rate_of(optimizer)
        optimizers[player] = optimizer
    return optimizers


def compact_optimizers(gan, steps, rate=1.0):
    """As `image_optimizers` with 1e-3, b1 = 0 and b2 = 0.99, and rates that fall.

    Rates fall to a fiftieth along a half wave of a cosine. With small steps at the end,
    the networks settle: at a constant rate they wander about the equilibrium, and
    classes come and go.
    """
    optimizers = image_optimizers(
        gan, steps, rate, generator_rate=1e-3, others_rate=1e-3, beta_1=0.0, beta_2=0.99
    )
    return {
        player: with_schedule(
            optimizer,
            keras.optimizers.schedules.CosineDecay(
                rate_of(optimizer), steps * updates_per_step(gan, player), alpha=0.02
            ),
        )
        for player, optimizer in optimizers.items()
    }


def _has_own(gan):
    """Whether a model's default optimizers are a paper's for images."""
    if isinstance(gan, km.GaussianMixtureGAN):
        return gan.gradient_penalty > 0
    if isinstance(gan, FOR_POINTS):
        return False
    # If not, the method has replaced the base class's function.
    return type(gan).default_optimizers is not AdversarialModel.default_optimizers


# The paper's loss is minimax. Recorded results have the non-saturating one: with the
# option `generator_loss="minimax"` a run follows the paper.
def _mixture_density(variance_real, **options):
    return {
        **km.MixtureDensityGAN.paper_settings("v1"),
        "variance_real": variance_real,
        "variance_fake": 0.25,
        "generator_loss": "non_saturating",
        **options,
    }


PAPERS = Setting(
    description="the papers' networks, optimizers and epochs, but for what "
    "docs/images.md lists; MD-GAN non-saturating, with 10 components and variances "
    ".28 / .25",
    epochs=20,
    batch_size=64,
    networks=ImageNetworks,
    optimizers=image_optimizers,
    mixture_density=_mixture_density(0.28),
    kind="images",
    steps_per_execution=10,
    batch_per_update=True,
    # Epochs of Lucic et al. (2018).
    changes={"cifar10": {"epochs": 100}, "celeba": {"epochs": 40}},
)


def _stacked(size, description, **changes):
    return dataclasses.replace(
        PAPERS,
        description=description,
        networks=functools.partial(StackedMNISTNetworks, size=size),
        mixture_density=_mixture_density(0.25),
        kind="stacked",
        changes={},
        **changes,
    )


# Lengths and rates of the code of PacGAN (Lin et al. 2018), which repeats the
# experiments of VEEGAN (50 epochs of 128,000 images in batches of 64) and unrolled GAN.
_VEEGAN = {"steps": 100_000, "batch_size": 64}
_UNROLLED = {
    "steps": 500_000,
    "batch_size": 128,
    "optimizers": functools.partial(image_optimizers, generator_rate=1e-4, beta_2=0.99),
}


# Found on Stacked MNIST. Without normalisation in the discriminator and with R1 even
# the vanilla GAN keeps most modes after 2,000 steps, where the published networks draw
# no digits. Mixture Density GAN's corners are as near to each other as in the paper,
# relative to the Gaussians' width: edge^2 / variance is 4.4 here and 4 there. At 8.9,
# an embedding between two corners counts as generated, and modes go missing there.
# It learns fastest in pairs and with both penalties; without pairs and at half the rate
# hardly a shoe was among its Fashion-MNIST. Embeddings are not bounded: of three seeds
# with the bound one lost all gradients at the start, when all embeddings lay where the
# sigmoid is flat.
COMPACT = dataclasses.replace(
    PAPERS,
    description="small networks without normalisation in D, R1 where a method has it "
    "(weight 3), Adam with b1 = 0, rates that fall, averaged weights; MD-GAN with 10 "
    "balanced components",
    networks=CompactNetworks,
    optimizers=compact_optimizers,
    mixture_density={
        "assignment": "balanced",
        "variance_real": 0.5,
        "variance_fake": 0.5,
        "offset": 1.0,
        "augmentation": True,
        "consistency_weight": 1.0,
        "penalty_weight": 3.0,
        "penalty_every": 4,
        "penalty_samples": "both",
        "relativistic": True,
        "embedding_range": None,
    },
    options={
        "vanilla": {"penalty_weight": 3.0, "penalty_every": 4},
        # Its own optimizers, at the rate of the others.
        "relativistic": {"penalty_weight": 3.0, "penalty_every": 4, "rate": 5.0},
    },
    ema_momentum=0.999,
    changes={},
)


# On Stacked MNIST modes are far more than corners, and a changed copy's corner tells
# nothing.
_COMPACT_STACKED = {**COMPACT.mixture_density, "augmentation": False}


def _cell(components, variance_real):
    return dataclasses.replace(
        PAPERS,
        description=f"{components} components, variances {variance_real} / 0.25",
        mixture_density=_mixture_density(variance_real),
        components=components,
        change_of="papers",
    )


IMAGE_SETTINGS = {
    "papers": PAPERS,
    "compact": COMPACT,
    "papers_8": _cell(8, 0.25),
    "papers_8_wide": _cell(8, 0.28),
    "papers_10": _cell(10, 0.25),
    "stacked_big": _stacked("big", "the DCGAN of VEEGAN's experiment", **_VEEGAN),
    "stacked_half": _stacked(
        "half", "the unrolled GAN's, D of half the width", **_UNROLLED
    ),
    "stacked_compact": dataclasses.replace(
        COMPACT,
        kind="stacked",
        epochs=None,
        steps=14_000,
        mixture_density=_COMPACT_STACKED,
    ),
    "stacked_quarter": _stacked(
        "quarter", "the unrolled GAN's, D of a quarter", **_UNROLLED
    ),
}
