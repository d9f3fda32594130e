"""Bayesian GAN: ensembles sampled by stochastic gradient Hamiltonian Monte Carlo."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.latents import Categorical, Joint
from keras_mdgan.models.vanilla import accuracies
from keras_mdgan.networks import Ensemble, Selection
from keras_mdgan.optimizers import SGHMC
from keras_mdgan.training import GAN, checks
from keras_mdgan.training.data.lengths import count_samples
from keras_mdgan.validation import check_integer, check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class BayesianGAN(GAN):
    """Many generators and discriminators, samples of a posterior over weights.

    Weights have Gaussian priors of standard deviation `s`. The discriminators'
    posterior is conditional on the generators. Its likelihood is that of the correct
    labels of `N` real samples and of generated ones. The generators' posterior is
    conditional on the discriminators. Its likelihood is that of "real" as the label of
    generated samples. The losses are the negative log posteriors divided by `N`:

    * discriminators: `E[softplus(-D(x))] + E[softplus(D(G(z)))] + norm(weights)^2 /
      (2 s^2 N)`, the mean over generators and the sum over discriminators;
    * each generator: `E[softplus(-D(G(z)))] + ...`, the mean over discriminators.

    `SGHMC` at the temperature `1 / N` samples these posteriors: each network is a
    Markov chain. `sample` draws a generator of the ensemble at random for each latent.

    In a training step `J` generators share a batch: each makes `n / J` of `n` samples.

    Optimizers by default: `SGHMC` with the rate 1e-2, as in the authors' code for
    synthetic data.

    Logs: `discriminator_loss`, `generator_loss` (sums over the ensembles),
    `real_accuracy`, `fake_accuracy` (means over them).

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.BayesianGAN(
        ...     generator=[km.networks.mlp_generator((2,), seed=s) for s in range(3)],
        ...     discriminator=km.networks.mlp_discriminator((2,)),
        ...     latents=km.latents.Normal(2), seed=0)
        >>> gan.compile()
        >>> gan.sample(5, seed=0).shape
        (5, 2)

    Args:
        generator: a list of layers or models from latents to data, each with different
            initial weights. The paper has 10.
        discriminator: a layer or model from data to one logit, or a list of such.
        latents: a prior of `keras_mdgan.latents`.
        data_size: `N`, the number of training samples. With `None`, `fit` takes it from
            its data (before, it is 10,000).
        prior_stddev: `s`, above 0.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, or a number is out of its range.

    Reference:
        Saatchi and Wilson, Bayesian GAN, 2017, eqs. (1) and (2), algorithm 1.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        data_size: int | None = None,
        prior_stddev: float = 1.0,
        **kwargs,
    ):
        if isinstance(generator, (list, tuple)):
            generator = Selection(generator)
        if not isinstance(generator, Selection):
            raise ValueError(
                "`generator` must be a list of layers or models. "
                f"Received: generator={generator!r}"
            )
        if isinstance(discriminator, (list, tuple)):
            discriminator = Ensemble(discriminator)
        checks.require_prior(latents)
        # The one-hot code chooses a generator in `sample`; training does not use it.
        joint = Joint([latents, Categorical(len(generator.networks))])
        super().__init__(generator, discriminator, joint, **kwargs)
        if data_size is not None:
            data_size = check_integer("data_size", data_size)
        self._given_size, self._found_size = data_size, None
        self.prior_stddev = check_number("prior_stddev", prior_stddev, above=0)

    @property
    def data_size(self) -> int:
        """`N`: the argument, or the number of samples that `fit` found last."""
        return self._given_size or self._found_size or 10_000

    def fit(self, x=None, *args, **kwargs):
        """Train; see `GAN.fit`. Without `data_size`, `x` must have a known length.

        Raises:
            ValueError: if `data_size` is `None` and the number of samples is unknown;
                see also `GAN.fit`.
        """
        if self._given_size is None and self.compiled:
            self._use_size(count_samples(x), kwargs.get("validation_split") or 0.0)
        return super().fit(x, *args, **kwargs)

    def _use_size(self, size, validation_split):
        if not size:
            raise ValueError(
                "The number of training samples must be known: give the constructor "
                "`data_size`. Received: data of unknown length"
            )
        size, before = max(int(size * (1.0 - validation_split)), 1), self.data_size
        self._found_size = size
        if size == before:
            return
        for optimizer in self.optimizer.members.values():
            optimizer = getattr(optimizer, "inner_optimizer", optimizer)
            # Another temperature is the user's choice.
            of_paper = getattr(optimizer, "temperature", None) == 1.0 / before
            if isinstance(optimizer, SGHMC) and of_paper:
                optimizer.temperature = 1.0 / size
        # The number is a constant in compiled steps.
        self.train_function = self.test_function = None

    @property
    def n_generators(self) -> int:
        """The number of generators."""
        return len(self.generator.networks)

    def default_optimizers(self):
        return {
            player.name: SGHMC(
                1e-2,
                friction=0.1,
                temperature=1.0 / self.data_size,
                # Chains with the same noise would not be independent.
                seed=self.seed + number,
            )
            for number, player in enumerate(self.players())
        }

    def _of_each_generator(self, real):
        """A list with the samples of each generator, `n / J` (at least one) each."""
        noise = self.latents.priors[0]
        n = ops.shape(real)[0]
        # Rounded up, so that every generator learns even from a small batch.
        each = (n + self.n_generators - 1) // self.n_generators
        return [
            ops.cast(
                network(
                    ops.convert_to_tensor(noise.sample(each, self.draws)), training=True
                ),
                "float32",
            )
            for network in self.generator.networks
        ]

    def _prior(self, network):
        """`norm(weights)^2 / (2 s^2 N)`."""
        total = sum(ops.sum(ops.square(v)) for v in network.trainable_variables)
        return total / (2.0 * self.prior_stddev**2 * self.data_size)

    def discriminator_loss(self, real):
        fake = ops.stop_gradient(ops.concatenate(self._of_each_generator(real)))
        on_real, on_fake = self.discriminate(real), self.discriminate(fake)
        # The loss is a mean over the discriminators; their posterior asks for a sum.
        loss = losses.vanilla_discriminator_loss(on_real, on_fake) * self.n_outputs
        return loss + self._prior(self.discriminator), accuracies(on_real, on_fake)

    def generator_loss(self, real):
        each = [
            losses.vanilla_generator_loss(self.discriminate(fake))
            for fake in self._of_each_generator(real)
        ]
        return sum(each) + self._prior(self.generator), {}

    def get_config(self):
        # `__init__` joins the noise and the choice of a generator again.
        noise = self.latents.priors[0]
        return {
            **super().get_config(),
            "latents": keras.saving.serialize_keras_object(noise),
            "data_size": self._given_size,
            "found_size": self._found_size,
            "prior_stddev": self.prior_stddev,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        found_size = config.pop("found_size", None)
        gan = super().from_config(config, custom_objects)
        gan._found_size = found_size
        return gan
