"""Gaussian mixture GAN (GM-GAN): a latent space with as many modes as the data."""

import keras
from keras import ops

from keras_mdgan import losses, penalties
from keras_mdgan.latents import GaussianMixture, find_mixture
from keras_mdgan.models.vanilla import accuracies, share
from keras_mdgan.training import GAN, checks
from keras_mdgan.validation import check_bool, check_number


@keras.saving.register_keras_serializable("keras_mdgan")
class GaussianMixtureGAN(GAN):
    """GM-GAN: latents from a mixture of Gaussians, fixed or learned.

    Unsupervised, the losses are those of the vanilla GAN (non-saturating). With
    `gradient_penalty=w` they are those of WGAN-GP, `E[D(G(z))] - E[D(x)] + w
    E[(norm(grad D(u)) - 1)^2]` and `-E[D(G(z))]`.

    Supervised, the discriminator has one output per class, the logit of "real and of
    this class". With `D` their sigmoids, `y` the class of a sample and `f` the class of
    a latent's component, the discriminator minimises

        -E_z[sum_m log(1 - D(G(z))_m)]
        -E_x[log D(x)_y + sum_{m != y} log(1 - D(x)_m)]

    and the generator

        -E_z[log D(G(z))_f + sum_{m != f} log(1 - D(G(z))_m)].

    (The slides call the outputs "softmaxed". But their objective asks for all outputs
    to be 0 on generated samples, and probabilities with sum 1 cannot all be 0.)

    Optimizers by default: Adam 1e-3 with b1 = 0.5, as in the experiments of Mixture
    Density GAN on points. With a penalty those of WGAN-GP, whose form it is: Adam
    1e-4 with b1 = 0 and b2 = 0.9.

    Logs: `discriminator_loss` and `generator_loss`. Unsupervised: also `real_accuracy`
    and `fake_accuracy`, or with a penalty `wasserstein_distance` and
    `gradient_penalty`. Supervised: also `class_accuracy`, the share of real samples
    whose class has the largest output.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.GaussianMixtureGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=2),
        ...     discriminator=km.networks.mlp_discriminator((2,), outputs=8),
        ...     latents=km.latents.GaussianMixture(4, components=16),
        ...     dynamic=True, supervised=True, seed=0)
        >>> gan.latents.trainable
        True

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data to one logit, or to one logit per
            class.
        latents: a `keras_mdgan.latents.GaussianMixture`, or unsupervised a `Joint` with
            one. The slides' best has 10 trained components of `stddev=1.4` in 100
            dimensions.
        dynamic: whether the generator's player trains the means and standard
            deviations; `None` keeps the latents' `trainable`.
        supervised: use labels: `fit` then needs `y`, integers from 0 to the number of
            outputs - 1.
        gradient_penalty: `w` of the WGAN-GP form, at least 0; 0 for the vanilla losses.
            It must be 0 with `supervised`.
        class_of_component: `f`, a sequence with the class of each component. With
            `None`, component `k` belongs to class `k mod n_classes`.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the networks do not fit, the latents hold no mixture, or the
            options do not go together.

    Reference:
        Ben-Yosef and Weinshall, Gaussian Mixture GANs, 2018, sections 3.1 to 3.3.
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        dynamic: bool | None = None,
        supervised: bool = False,
        gradient_penalty: float = 0.0,
        class_of_component=None,
        **kwargs,
    ):
        mixture = find_mixture(latents, "GaussianMixtureGAN")
        if dynamic is not None:
            mixture.trainable = check_bool("dynamic", dynamic)
        gradient_penalty = check_number(
            "gradient_penalty", gradient_penalty, at_least=0
        )
        if supervised and (
            gradient_penalty or not isinstance(latents, GaussianMixture)
        ):
            raise ValueError(
                "`supervised=True` needs latents that are a GaussianMixture, and "
                "`gradient_penalty=0`. Received: "
                f"latents={latents!r}, gradient_penalty={gradient_penalty}"
            )
        super().__init__(generator, discriminator, latents, **kwargs)
        self.uses_labels = self.supervised = check_bool("supervised", supervised)
        self.n_classes = self.n_outputs if supervised else None
        self.gradient_penalty = gradient_penalty
        if gradient_penalty:
            checks.refuse_single_derivative_layers(discriminator, type(self).__name__)
        self.class_of_component = class_of_component
        if supervised:
            self._classes = self._check_classes(mixture.components)
        else:
            checks.require_one_output(self)

    def _check_classes(self, components):
        classes = self.class_of_component
        if classes is None:
            classes = [k % self.n_outputs for k in range(components)]
        classes = [int(c) for c in classes]
        if len(classes) != components or set(classes) != set(range(self.n_outputs)):
            raise ValueError(
                "`class_of_component` must give each of the "
                f"{components} components one of the {self.n_outputs} classes of the "
                "discriminator, and every class at least one. "
                f"Received: class_of_component={classes}"
            )
        return classes

    def default_optimizers(self):
        if not self.gradient_penalty:
            return super().default_optimizers()
        return {p.name: keras.optimizers.Adam(1e-4, 0.0, 0.9) for p in self.players()}

    def discriminator_loss(self, batch):
        if self.supervised:
            return self._supervised_discriminator_loss(*batch)
        on_real, fake = self.discriminate(batch), self.generate_like(batch)
        on_fake = self.discriminate(fake)
        if not self.gradient_penalty:
            loss = losses.vanilla_discriminator_loss(on_real, on_fake)
            return loss, accuracies(on_real, on_fake)
        loss = losses.wasserstein_critic_loss(on_real, on_fake)
        penalty = penalties.interpolated_penalty(
            self.discriminate, batch, fake, self.draws
        )
        return loss + self.gradient_penalty * penalty, {
            "wasserstein_distance": -loss,
            "gradient_penalty": penalty,
        }

    def generator_loss(self, batch):
        if self.supervised:
            return self._supervised_generator_loss(batch[0])
        on_fake = self.discriminate(self.generate_for(batch))
        if self.gradient_penalty:
            return -ops.mean(on_fake), {}
        return losses.vanilla_generator_loss(on_fake), {}

    def _supervised_discriminator_loss(self, real, labels):
        on_real = self.discriminate(real)
        on_fake = self.discriminate(self.generate_like(real))
        rejected = ops.mean(ops.sum(ops.softplus(on_fake), axis=-1))
        found = ops.cast(ops.argmax(on_real, axis=-1), "int32")
        return rejected + self._class_loss(on_real, labels), {
            "class_accuracy": share(found == ops.cast(labels, "int32"))
        }

    def _supervised_generator_loss(self, real):
        latents, component = self.latents.draw_with_components(
            ops.shape(real)[0], self.draws
        )
        classes = ops.convert_to_tensor(self._classes, "int32")
        wanted = ops.take(classes, component, axis=0)
        return self._class_loss(self.discriminate(self.decode(latents)), wanted), {}

    def _class_loss(self, logits, classes):
        """`-E[log D_y + sum_{m != y} log(1 - D_m)]`."""
        classes = ops.expand_dims(ops.cast(classes, "int32"), -1)
        own = ops.cast(classes == ops.arange(self.n_outputs, dtype="int32"), "float32")
        # `softplus(-a) = -log s(a)`: exact also where the sigmoid rounds to 0 or 1.
        each = own * ops.softplus(-logits) + (1.0 - own) * ops.softplus(logits)
        return ops.mean(ops.sum(each, axis=-1))

    def get_config(self):
        return {
            **super().get_config(),
            "supervised": self.supervised,
            "gradient_penalty": self.gradient_penalty,
            "class_of_component": self.class_of_component,
        }
