"""Sampling from a SavedModel."""

import html

import numpy as np

from keras_mdgan.validation import check_integer


class Sampler:
    """A generator loaded from a SavedModel, for use with any Keras backend.

    `load_sampler` makes it.
    """

    def __init__(self, loaded, path):
        self._loaded, self.path = loaded, path

    def __repr__(self):
        embeds = ", with discriminator" if "embed" in self._loaded.signatures else ""
        return (
            f"<Sampler {self.path.name} latents: {self.latent_shape}, "
            f"data: {self.data_shape}{embeds}>"
        )

    def _repr_html_(self):
        """16 images, or a scatter plot of points in two dimensions."""
        from keras_mdgan import plotting
        from keras_mdgan.plotting.shown import html_of

        images = len(self.data_shape) == 3 and self.data_shape[-1] in (1, 3)
        if images:
            samples = self.sample(16)
            if np.abs(samples).max() > 1:  # not of our own networks
                return None
            figure = plotting.image_grid(samples, rows=2)
        elif self.data_shape == (2,):
            figure = plotting.scatter(self.sample(1000), title=self.path.name)
        else:
            return None  # the notebook shows the text
        return f"<p>{html.escape(repr(self))}</p>{html_of(figure)}"

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """The shape of one latent."""
        _, inputs = self._loaded.signatures[
            "serving_default"
        ].structured_input_signature
        return tuple(inputs["latents"].shape[1:])

    @property
    def data_shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        outputs = self._loaded.signatures["serving_default"].structured_outputs
        (output,) = outputs.values()
        return tuple(output.shape[1:])

    @property
    def takes_labels(self) -> bool:
        """Whether the model was trained with labels."""
        return "conditional_sample" in self._loaded.signatures

    def sample(self, n: int, seed: int = 0, *, labels=None) -> np.ndarray:
        """`n` samples `(n, *data_shape)`, the same for the same `n` and `seed`.

        Args:
            n: how many samples.
            seed: an integer.
            labels: for a model that was trained with labels, the classes of the
                samples: integers `(n,)`, or one for all. `None` draws them evenly.

        Raises:
            ValueError: if `labels` are no classes, or the model has none.
        """
        seed = check_integer("seed", seed, at_least=0)
        given = {"n": np.int32(check_integer("n", n)), "seed": np.int32(seed)}
        if labels is None:
            return self._call("sample", **given)
        if not self.takes_labels:
            raise ValueError(
                "`labels` are for models that were trained with labels. The SavedModel "
                f"at {self.path} has no signature `conditional_sample`. "
                f"Received: labels={labels!r}"
            )
        labels = _integers(labels, given["n"])
        return self._call("conditional_sample", labels=labels, **given)

    def generate(self, latents, labels=None) -> np.ndarray:
        """Samples `(batch_size, *data_shape)` of given latents.

        Args:
            latents: `(batch_size, latent_dim)`.
            labels: for a model that was trained with labels, integers `(batch_size,)`.

        Raises:
            ValueError: if `labels` are missing, are no classes, or the model has none.
        """
        latents = np.asarray(latents, "float32")
        if self.takes_labels != (labels is not None):
            raise ValueError(
                f"`labels` must {'' if self.takes_labels else 'not '}be given: the "
                f"SavedModel at {self.path} has "
                f"{'classes' if self.takes_labels else 'no classes'}. "
                f"Received: labels={labels!r}"
            )
        if labels is None:
            return self._call("serving_default", latents=latents)
        labels = np.broadcast_to(_integers(labels, len(latents)), (len(latents),))
        return self._call("serving_default", latents=latents, labels=labels)

    def embed(self, data) -> np.ndarray:
        """The discriminator's outputs for data, `(batch_size, outputs)`.

        Raises:
            ValueError: if the SavedModel was written without the discriminator.
        """
        if "embed" not in self._loaded.signatures:
            raise ValueError(
                f"The SavedModel at {self.path} was written without the discriminator: "
                "export it with `include_discriminator=True`. (A discriminator that "
                "takes more than data needs a model with an `embed` of its own.)"
            )
        return self._call("embed", data=np.asarray(data, "float32"))

    def _call(self, signature, **arguments):
        import tensorflow as tf

        inputs = {k: tf.convert_to_tensor(v) for k, v in arguments.items()}
        try:
            (output,) = self._loaded.signatures[signature](**inputs).values()
        except tf.errors.InvalidArgumentError as error:
            labels = arguments.get("labels")
            if labels is None:
                raise
            # The graph itself compares labels with the number of classes.
            wanted = str(error).split("Condition")[0].strip().splitlines()[-1]
            raise ValueError(
                f"{wanted} Received: labels from {labels.min()} to {labels.max()}"
            ) from error
        return output.numpy()


def _integers(labels, n):
    """Labels as int32 `(n,)` or, if there is one for all, `(1,)`."""
    array = np.asarray(labels)
    if array.dtype.kind not in "iu" or array.shape not in ((), (n,)):
        raise ValueError(
            f"`labels` must be one integer or {n} of them, of shape ({n},). Received: "
            f"labels of dtype {array.dtype} and shape {array.shape}"
        )
    if np.any(array != array.astype("int32")):
        raise ValueError(
            f"`labels` must be integers of 32 bits. Received: {array.max()}"
        )
    return np.atleast_1d(array).astype("int32")
