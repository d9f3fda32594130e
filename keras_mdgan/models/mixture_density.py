"""Mixture Density GAN."""

import keras
from keras import ops

from keras_mdgan import losses
from keras_mdgan.mixtures import SimplexGaussianMixture
from keras_mdgan.mixtures.gaussian import ASSIGNMENTS
from keras_mdgan.models.corners import Corners
from keras_mdgan.models.log_ratios import LogRatios, logit
from keras_mdgan.training import GAN, checks
from keras_mdgan.validation import check_bool, check_choice, check_integer, check_number

_SETTINGS = {
    "v1": {
        "assignment": "max",
        "scale": "unit_edge",
        "variance_real": 0.25,
        "variance_fake": 0.25,
        "generator_loss": "minimax",
        "embedding_range": None,
    },
    "slides": {
        "assignment": "mixture",
        "scale": "unit_norm",
        "variance_real": 0.25,
        "variance_fake": 0.25,
        "generator_loss": "minimax",
        "embedding_range": 2.5,
    },
}
_SETTINGS["authors_demo"] = {**_SETTINGS["slides"], "scale": "authors_demo"}


@keras.saving.register_keras_serializable("keras_mdgan")
class MixtureDensityGAN(Corners, LogRatios, GAN):
    """MD-GAN: the discriminator embeds data near the corners of a simplex.

    A discriminator with `d` outputs embeds data in `R^d`. Gaussians on the `d + 1`
    vertices of a simplex turn an embedding into a likelihood `lk` with the maximum
    `lambda`. The discriminator pulls real data to the vertices and pushes generated
    data away from them. The generator is pulled to all vertices: there are many ways
    to look real, so one mode is not enough.

    Let `r = lk(D(x)) / lambda` under `variance_real` and `f = lk(D(G(z))) / lambda`
    under `variance_fake`. The discriminator minimises `-E[log r] - E[log(1 - f)]`
    (eq. 4 but for a constant). The generator minimises `E[log(1 - f)]` (minimax) or
    `-E[log f]` (non-saturating). Both are computed in log space. Each likelihood is
    divided by its own `lambda`, so `1 - f` is never negative when the variances differ.

    With `assignment="balanced"`, every corner receives the same share of the real
    embeddings of a batch. A real sample's corner is chosen under this constraint
    (`mixtures.balanced_assignment`), and `r` is the likelihood at that corner. Without
    it nothing in the objective asks for a second corner, and on images one corner may
    hold all data. Generated samples may go to any corner, as with `"max"`. The optimum
    is the same: at every `x` the discriminator does best to place `D(x)` nearest to
    the corner that real `x` are assigned to, where both likelihoods are those of
    `"max"`, so eq. (5) and `p_data = p_gen` stand. The constraint only decides which
    corner that is, and makes the corners clusters of equal size.

    With `consistency_weight=w` the discriminator also minimises `-w E[log p(c(x) |
    D(a(x)))]`, where `c(x)` is the balanced corner of `x`, `a(x)` its changed copy and
    `p` the posterior of the components. It makes corners classes of what images show.

    The corners surround the origin, where a new network's embeddings are. From there a
    generated sample has no way out: it comes closer to one corner as it leaves another.
    `offset` puts the corners aside, along one more dimension of the embeddings. "Far
    from all of them" is then one direction, as with a logit. The likelihoods only
    depend on distances to the corners, so the theory is the same.

    With `penalty_weight=g` the discriminator also minimises R1, `(g / 2) E[norm(grad
    s(x))^2]` at real `x`. On `"logit"`, `s = log r - log(1 - r)`, the counterpart of a
    vanilla discriminator's logit. On `"embedding"` the norm is that of the Jacobian of
    `D`, estimated without bias by one random direction per batch. Far from the corners
    `s` falls with the square of the distance, and is steepest at generated samples:
    `penalty_samples="both"` bounds it there too (R2).

    With `relativistic=True`, both players compare pairs of a real and a generated
    sample, as in R3GAN, by `s = log r - log(1 - r)`: the discriminator minimises
    `E[softplus(s(G(z)) - s(x))]`, the generator `E[softplus(s(x) - s(G(z)))]`.

    `cluster`, `likelihood` and samples of one corner, `sample(n, corner=k)`: `Corners`.

    Optimizers by default: Adam 1e-3 with b1 = 0.5, of the authors' code for points.
    For images the papers take DCGAN's, Adam 2e-4: `recipes.images`.

    Logs: `discriminator_loss` (`2 log 2 = 1.386` at equilibrium; if it is far below,
    the discriminator has won), `generator_loss`, `real_likelihood` and
    `fake_likelihood` (means of `r` and `f`, 0.5 at equilibrium), `components_used_real`
    and `components_used_fake`, with a penalty also `r1`, with a `consistency_weight`
    also `consistency`. `components_used_*`
    are shares of the components: those nearest to at least one embedding of a batch.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.MixtureDensityGAN(
        ...     generator=km.networks.mlp_generator((2,), output_range=6),
        ...     discriminator=km.networks.mlp_discriminator((2,), outputs=9),
        ...     latents=km.latents.Uniform(2), variance_real=0.25, seed=0)
        >>> gan.components
        10
        >>> gan.compile()
        >>> history = gan.fit(km.datasets.grid().sample(64), batch_size=32, verbose=0)
        >>> tuple(gan.cluster(km.datasets.grid().sample(5)).shape)
        (5,)

    Args:
        generator: a layer or model from latents to data.
        discriminator: a layer or model from data to `d` outputs without activation.
        latents: a prior of `keras_mdgan.latents`.
        components: the number of Gaussians, `d + 1`, or `d` with an `offset`; `None`
            takes it from the discriminator.
        variance_real: the Gaussians' variance for real data.
        variance_fake: the Gaussians' variance for generated data; `None` for
            `variance_real`.
        assignment: `"max"` (likelihood of the best component, section 3.6),
            `"mixture"` (the weighted sum, as in the slides) or `"balanced"` (equal
            shares of the real data for all components).
        scale: `"unit_norm"` (vertices on the unit sphere), `"unit_edge"` (at distance
            one, section 5.2.3) or `"authors_demo"`: `mixtures.simplex_vertices`.
        offset: the distance of the corners' centre from the origin, see above.
        generator_loss: `"non_saturating"` or `"minimax"`.
        balance_temperature: how soft the balanced assignment is, above 0, where an
            embedding at a vertex has the score 1. For `"balanced"` only.
        balance_iterations: scalings of the balanced assignment, at least 1.
        embedding_range: bound embeddings to `[-range, range]^d` by a scaled sigmoid;
            `None` for no bound.
        penalty_weight: `g`, at least 0, in units of the data squared.
        penalty_on: `"logit"`, `"log_ratio"` (`s = log r`) or `"embedding"`.
        penalty_samples: `"real"` (R1) or `"both"` (R1 and R2).
        penalty_every: see `VanillaGAN`.
        augmentation: for `"balanced"`, a layer that changes images but not what they
            show, such as `layers.RandomAffine`. A real image's corner is then that of
            its changed copy. The networks train on unchanged images.
        consistency_weight: `w`, at least 0; more than 0 needs an `augmentation`.
        relativistic: compare pairs of real and generated samples, see above.
            `generator_loss` then has no effect.
        **kwargs: `critic_steps`, `ema_momentum`, `seed`, `name`; see `GAN`.

    Raises:
        ValueError: if the discriminator does not have `components - 1` outputs (one
            more with an offset), a number is out of range, or an option is unknown.

    Reference:
        Eghbal-zadeh et al., Mixture Density Generative Adversarial Networks, 2019:
        eq. (3), eq. (4), sections 3.4 to 3.6. Penalty: Mescheder et al. 2018, eq. (9).
    """

    def __init__(
        self,
        generator,
        discriminator,
        latents,
        *,
        components: int | None = None,
        variance_real: float = 0.25,
        variance_fake: float | None = None,
        assignment: str = "max",
        scale: str = "unit_norm",
        offset: float = 0.0,
        generator_loss: str = "non_saturating",
        balance_temperature: float = 0.05,
        balance_iterations: int = 10,
        embedding_range: float | None = 2.5,
        penalty_weight: float = 0.0,
        penalty_on: str = "logit",
        penalty_samples: str = "real",
        penalty_every: int = 1,
        augmentation=None,
        consistency_weight: float = 0.0,
        relativistic: bool = False,
        **kwargs,
    ):
        check_choice("penalty_on", penalty_on, ("logit", "log_ratio", "embedding"))
        check_choice("penalty_samples", penalty_samples, ("real", "both"))
        check_choice("assignment", assignment, (*ASSIGNMENTS, "balanced"))
        check_choice("generator_loss", generator_loss, ("non_saturating", "minimax"))
        self._check_range(embedding_range)
        super().__init__(generator, discriminator, latents, **kwargs)
        if variance_fake is None:
            variance_fake = variance_real
        variance_real = check_number("variance_real", variance_real, above=0)
        variance_fake = check_number("variance_fake", variance_fake, above=0)
        self.penalty_weight = check_number("penalty_weight", penalty_weight, at_least=0)
        self.penalty_on, self.penalty_samples = penalty_on, penalty_samples
        self.relativistic = check_bool("relativistic", relativistic)
        self.penalty_every = check_integer("penalty_every", penalty_every)
        if penalty_weight:
            checks.refuse_single_derivative_layers(discriminator, type(self).__name__)
        self.consistency_weight = check_number(
            "consistency_weight", consistency_weight, at_least=0
        )
        self._check_augmentation(augmentation, assignment)
        self.assignment, self.augmentation = assignment, augmentation
        self.balance_temperature = check_number(
            "balance_temperature", balance_temperature, above=0
        )
        self.balance_iterations = check_integer(
            "balance_iterations", balance_iterations
        )
        # Where the corner is given, the likelihood is that of the best component.
        assignment = "max" if assignment == "balanced" else assignment

        def mixture(variance):
            return SimplexGaussianMixture(
                self.n_outputs, variance, assignment, scale, offset
            )

        self.mixture_real = self.mixture_fake = mixture(variance_real)
        if variance_fake != variance_real:
            self.mixture_fake = mixture(variance_fake)
        self._check_corners(components, embedding_range)
        self.generator_objective = generator_loss
        self.embedding_range = embedding_range

    @staticmethod
    def paper_settings(name: str) -> dict:
        """Keyword arguments for the settings of a published experiment.

        Examples:
            >>> MixtureDensityGAN.paper_settings("v1")["scale"]
            'unit_edge'

        Args:
            name: `"v1"`, `"slides"` or `"authors_demo"`. `"v1"` is the paper (sections
                3.6 and 5.2.3; it also reports `variance_real=0.28`, and 8 or 10
                components). `"slides"` has unit vertices and 10 components.
                `"authors_demo"` is the authors' published demonstration: the same but
                for the vertices' norm, see `mixtures.simplex_vertices`. (It also
                trains on exactly 400 points of each mode.)

        Raises:
            ValueError: for another name.
        """
        check_choice("name", name, _SETTINGS)
        return dict(_SETTINGS[name])

    def discriminate(self, x):
        return self._bounded(self.discriminator(x, training=True))

    def discriminator_loss(self, real):
        on_real = self.discriminate(real)
        fake = self.generate_like(real)
        on_fake = self.discriminate(fake)
        on_copies = self._embedded_copies(real)
        corners = self._corners(on_real if on_copies is None else on_copies)
        log_real = self._log_ratio_of_real(on_real, corners)
        log_fake = self.mixture_fake.log_ratio(on_fake)
        if self.relativistic:
            loss = losses.relativistic_loss(logit(log_real), logit(log_fake))
        else:
            loss = losses.density_discriminator_loss(log_real, log_fake)
        logs = self._penalties(real, fake, corners) if self.penalty_weight else {}
        loss = loss + 0.5 * self.penalty_weight * sum(logs.values())
        if self.consistency_weight:
            logs["consistency"] = self._consistency(on_real, on_copies)
            loss = loss + self.consistency_weight * logs["consistency"]
        return loss, {
            **logs,
            "real_likelihood": ops.mean(ops.exp(log_real)),
            "fake_likelihood": ops.mean(ops.exp(log_fake)),
            "components_used_real": self._share_used(self.mixture_real, on_real),
            "components_used_fake": self._share_used(self.mixture_fake, on_fake),
        }

    def generator_loss(self, real):
        on_fake = self.discriminate(self.generate_for(real))
        log_fake = self.mixture_fake.log_ratio(on_fake)
        if not self.relativistic:
            return losses.density_generator_loss(log_fake, self.generator_objective), {}
        on_real = self.discriminate(real)
        on_copies = self._embedded_copies(real)
        corners = self._corners(on_real if on_copies is None else on_copies)
        log_real = self._log_ratio_of_real(on_real, corners)
        return losses.relativistic_loss(logit(log_fake), logit(log_real)), {}

    def get_config(self):
        return {
            **super().get_config(),
            "variance_real": self.mixture_real.variance,
            "variance_fake": self.mixture_fake.variance,
            "assignment": self.assignment,
            "balance_temperature": self.balance_temperature,
            "balance_iterations": self.balance_iterations,
            "scale": self.mixture_real.scale,
            "offset": self.mixture_real.offset,
            "generator_loss": self.generator_objective,
            "embedding_range": self.embedding_range,
            "penalty_weight": self.penalty_weight,
            "penalty_on": self.penalty_on,
            "penalty_samples": self.penalty_samples,
            "penalty_every": self.penalty_every,
            "relativistic": self.relativistic,
            "consistency_weight": self.consistency_weight,
            "augmentation": keras.saving.serialize_keras_object(self.augmentation),
        }
