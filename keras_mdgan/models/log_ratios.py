"""Likelihoods of real samples at their corners, and the penalties on them."""

import keras
from keras import ops

from keras_mdgan import penalties
from keras_mdgan.mixtures import balanced_assignment
from keras_mdgan.mixtures.numerics import log1mexp
from keras_mdgan.models.vanilla import share
from keras_mdgan.training import checks, replicas
from keras_mdgan.validation import check_integer, is_number


def logit(log_ratio):
    """`log r - log(1 - r)` of `log r`, without rounding where `r` is near 0 or 1.

    Examples:
        >>> round(float(logit(ops.log(0.75))), 4)  # log 3
        1.0986
    """
    return log_ratio - log1mexp(log_ratio)


def log_ratio_at(mixture, embeddings, corners):
    """`log r` at the given corners, or of the whole mixture if they are `None`."""
    if corners is None:
        return mixture.log_ratio(embeddings)
    return mixture.log_ratio_at(embeddings, corners)


class LogRatios:
    """The part of `MixtureDensityGAN` that both players' losses share."""

    def _check_augmentation(self, augmentation, assignment):
        if augmentation is None:
            if self.consistency_weight:
                raise ValueError(
                    "`consistency_weight` needs an `augmentation`, such as "
                    "layers.RandomAffine(). Received: augmentation=None, "
                    f"consistency_weight={self.consistency_weight}"
                )
            return
        if not isinstance(augmentation, keras.layers.Layer):
            raise ValueError(
                "`augmentation` must be None or a layer, such as "
                f"layers.RandomAffine(). Received: augmentation={augmentation!r}"
            )
        if assignment != "balanced":
            raise ValueError(
                "`augmentation` is for assignment='balanced'. "
                f"Received: assignment={assignment!r}"
            )
        shape = checks.output_shape(augmentation, self.data_shape, "augmentation")
        if shape != self.data_shape or augmentation.trainable_variables:
            raise ValueError(
                "`augmentation` must keep the data's shape and have no weights to "
                f"train. Received: augmentation={augmentation!r}, which gives {shape} "
                f"for {self.data_shape} and has "
                f"{len(augmentation.trainable_variables)} such weights"
            )

    def _check_corners(self, components, embedding_range):
        reach = float(abs(self.mixture_real.vertices).max())
        if embedding_range is not None and reach > embedding_range:
            raise ValueError(
                "`embedding_range` must reach the corners, whose largest coordinate "
                f"is {reach:.4g}. Received: embedding_range={embedding_range}, "
                f"offset={self.mixture_real.offset}"
            )
        if components is None:
            return
        if check_integer("components", components) != self.components:
            dim = components - (0 if self.mixture_real.offset else 1)
            raise ValueError(
                f"A mixture of {components} components needs embeddings of dimension "
                f"{dim}. Received: components={components} and a discriminator with "
                f"{self.n_outputs} outputs"
            )

    @staticmethod
    def _check_range(embedding_range):
        number = is_number(embedding_range)
        if embedding_range is not None and not (number and embedding_range > 0):
            raise ValueError(
                "`embedding_range` must be None or a finite number > 0. "
                f"Received: embedding_range={embedding_range!r}"
            )

    def _bounded(self, outputs):
        outputs = ops.cast(outputs, "float32")
        if self.embedding_range is None:
            return outputs
        return self.embedding_range * (2.0 * ops.sigmoid(outputs) - 1.0)

    def _embedded_copies(self, real):
        """Embeddings of changed copies of real samples; `None` without augmentation.

        With an augmentation, a sample's corner is that of its changed copy: samples
        that differ by such a change then share a corner.
        """
        if self.augmentation is None:
            return None
        copies = self.augmentation(ops.cast(real, "float32"), training=True)
        return self.discriminate(copies)

    def _corners(self, embeddings):
        """The corners of real samples if shares are equal; `None` for the nearest."""
        if self.assignment != "balanced":
            return None
        # Shares are equal over the whole batch, so all replicas' scores are needed.
        scores = ops.stop_gradient(self.mixture_real.scores(embeddings))
        shares = balanced_assignment(
            replicas.gather(scores), self.balance_temperature, self.balance_iterations
        )
        return replicas.own_share(ops.argmax(shares, axis=-1))

    def _consistency(self, on_real, on_copies):
        """The cross entropy of the copies' posteriors with the samples' own corners."""
        posteriors = self.mixture_real.log_responsibilities(on_copies)
        own = ops.expand_dims(self._corners(on_real), -1)
        return -ops.mean(ops.take_along_axis(posteriors, own, axis=-1))

    def _penalties(self, real, fake, corners, corners_of_fake=None):
        """R1, and R2 if asked for. Corners are `None` for the nearest."""

        def ratio_at(mixture, corners):
            if corners is not None:
                corners = penalties.every_kth(corners, self.penalty_every)
            return lambda e: log_ratio_at(mixture, e, corners)

        points = {"r1": (real, ratio_at(self.mixture_real, corners))}
        if self.penalty_samples == "both":
            points["r2"] = fake, ratio_at(self.mixture_fake, corners_of_fake)
        direction = None
        if self.penalty_on == "embedding":
            direction = ops.convert_to_tensor(self.draws.normal((self.n_outputs, 1)))

        def score(x, log_ratio):
            embeddings = self.discriminate(x)
            if self.penalty_on == "embedding":
                return ops.matmul(embeddings, direction)
            found = log_ratio(embeddings)
            return found if self.penalty_on == "log_ratio" else logit(found)

        return {
            name: penalties.zero_centred_penalty(
                lambda x, log_ratio=log_ratio: score(x, log_ratio),
                penalties.every_kth(ops.cast(x, "float32"), self.penalty_every),
            )
            for name, (x, log_ratio) in points.items()
        }

    def _log_ratio_of_real(self, embeddings, corners):
        return log_ratio_at(self.mixture_real, embeddings, corners)

    def _share_used(self, mixture, embeddings):
        # Not `one_hot`: on PyTorch it reads values, and then no step can be recorded.
        nearest = replicas.gather(ops.expand_dims(mixture.assign(embeddings), -1))
        used = ops.any(nearest == ops.arange(self.components, dtype="int32"), axis=0)
        return share(used)
