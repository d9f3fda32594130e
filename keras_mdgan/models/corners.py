"""What the corners of a Mixture Density GAN tell: clusters, and samples of one."""

import numpy as np
from keras import ops

from keras_mdgan.training.draws import as_source
from keras_mdgan.validation import check_integer, is_integer

# Latents are drawn in rounds of this size, whatever the batch: the samples of a corner
# then depend on the seed alone.
_ROUND = 2500


class Corners:
    """The part of `MixtureDensityGAN` that uses a trained model's corners.

    The discriminator embeds data near the corners of a simplex. The nearest corner is
    the cluster of a sample, real or generated.

    Examples:
        >>> import keras_mdgan as km
        >>> gan = km.MixtureDensityGAN.from_preset("ring")
        >>> corners = gan.cluster(km.datasets.ring().sample(100, seed=0))
        >>> samples, draws = gan.sample(5, seed=0, corner=9, return_draws=True)
        >>> samples.shape, set(map(int, gan.cluster(samples)))
        ((5, 2), {9})
        >>> 5 <= draws < 100
        True
    """

    @property
    def components(self) -> int:
        """The number of Gaussians."""
        return self.mixture_real.n_components

    def embed(self, x):
        """Embeddings of data, `(batch_size, d)` float32.

        Args:
            x: data `(batch_size, *data_shape)`.
        """
        return self._bounded(self.discriminator(x, training=False))

    def cluster(self, x):
        """The index of the component nearest to each sample's embedding.

        Args:
            x: data `(batch_size, *data_shape)`, embedded at once.
                `metrics.clusters_of` embeds many samples batch by batch.

        Returns:
            Integers `(batch_size,)` in `[0, components)`.
        """
        return self.mixture_real.assign(self.embed(x))

    def likelihood(self, x):
        """`lk(D(x)) / lambda` in [0, 1]: how real each sample looks.

        At the optimum it is `p_data(x) / (p_data(x) + p_gen(x))` (eq. 5).

        Args:
            x: data `(batch_size, *data_shape)`.

        Returns:
            Float32 `(batch_size,)`.
        """
        return ops.exp(self.mixture_real.log_ratio(self.embed(x)))

    def sample(
        self,
        n: int,
        seed: int | None = None,
        batch_size: int = 2500,
        *,
        corner: int | None = None,
        max_draws: int | None = None,
        return_draws: bool = False,
    ):
        """Draw samples, from the whole distribution or at one corner.

        With `corner=k`, samples are drawn and embedded by the discriminator (in
        inference mode), and those whose nearest corner is `k` are kept, in the order
        of the draws: rejection sampling from the generator's distribution given
        `cluster(x) == k`. One seed gives the same latents on every backend for any
        `n` and `batch_size`, and a larger `n` continues a smaller one. Only samples
        midway between two corners may differ, by rounding.

        Args:
            n: how many samples.
            seed: an integer >= 0, or `None` for samples that cannot be reproduced.
            batch_size: the largest number of samples that the networks take at once.
            corner: an integer in `[0, components)`, or `None` for all corners.
            max_draws: with a corner, give up after so many draws. The default is the
                larger of 10,000 and `20 * components * n`, which is enough for a
                corner with a twentieth of an equal share.
            return_draws: also return the number of draws, up to the last kept sample.
                `n / draws` estimates the corner's share of the generated samples.

        Returns:
            A float32 array `(n, *data_shape)`, or this array and the number of draws.
            It comes from the averaged generator if the model keeps one.

        Raises:
            ValueError: if an argument is not as described, or `max_draws` draws have
                fewer than `n` samples at the corner. The message says how many, and
                which corners the draws were at.
        """
        if corner is None:
            if max_draws is not None:
                raise ValueError(
                    "`max_draws` is for samples of one corner. "
                    f"Received: max_draws={max_draws!r} with corner=None"
                )
            samples = super().sample(n, seed, batch_size)
            return (samples, n) if return_draws else samples
        n = check_integer("n", n)
        batch_size = check_integer("batch_size", batch_size)
        if not is_integer(corner, at_least=0) or corner >= self.components:
            raise ValueError(
                f"`corner` must be None or an integer from 0 to {self.components - 1}."
                f" Received: corner={corner!r}"
            )
        if max_draws is None:
            max_draws = max(10_000, 20 * self.components * n)
        max_draws = check_integer("max_draws", max_draws)
        samples, draws = self._sample_at(corner, n, seed, batch_size, max_draws)
        return (samples, draws) if return_draws else samples

    def _sample_at(self, corner, n, seed, batch_size, max_draws):
        """`n` samples at a corner, and the number of draws to the last of them."""
        # Batches have one size, because another would be another compilation; and one
        # batch is about enough if corners have equal shares.
        size = min(batch_size, n * self.components, max_draws)
        kept, draws, used = [], 0, np.zeros(self.components, int)
        for latents in self._latents(as_source(seed), size):
            samples = np.asarray(self.predict_on_batch(latents), "float32")
            samples = samples[: max_draws - draws]
            corners = ops.convert_to_numpy(self.cluster(samples))
            here = np.flatnonzero(corners == corner)[:n]
            n -= len(here)
            kept.append(samples[here])
            if not n:
                return np.concatenate(kept), draws + int(here[-1]) + 1
            draws += len(samples)
            used += np.bincount(corners, minlength=self.components)
            if draws == max_draws:
                raise _too_few(corner, n, used)

    def _latents(self, source, size):
        """The latents of successive draws, `size` at a time, without end."""
        waiting = np.zeros((0, *self.latents.shape), "float32")
        while True:
            while len(waiting) < size:
                drawn = ops.convert_to_numpy(self.latents.sample(_ROUND, source))
                waiting = np.concatenate([waiting, drawn])
            yield waiting[:size]
            waiting = waiting[size:]


def _too_few(corner, missing, used):
    """The error of a corner that has too few of the draws."""
    found, draws = int(used[corner]), int(used.sum())
    most = [k for k in np.argsort(-used, kind="stable")[:3] if used[k]]
    seen = ", ".join(f"{k} ({100 * used[k] / draws:.1f} %)" for k in most)
    return ValueError(
        f"`corner` {corner} has too few generated samples: {found:,} of the "
        f"{found + missing:,} wanted, in {draws:,} draws. Corners with most of the "
        f"draws: {seen}. Take another corner, or a larger `max_draws`. "
        f"Received: corner={corner}, max_draws={draws}"
    )
