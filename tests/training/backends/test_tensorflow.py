"""What training does to TensorFlow itself."""

import keras
import pytest

import keras_mdgan as km


def test_fit_leaves_tensorflows_options_as_they_were():
    """`fit` switches two graph rewrites off for as long as it runs."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("TensorFlow's options")
    import tensorflow as tf

    options = tf.config.optimizer
    seen = {}

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.update(options.get_experimental_options())

    gan = km.VanillaGAN(
        km.networks.mlp_generator((2,), hidden=(4,)),
        km.networks.mlp_discriminator((2,), hidden=(4,)),
        km.latents.Uniform(2),
    )
    gan.compile()
    options.set_experimental_options({"dependency_optimization": False})
    try:
        x = km.datasets.ring().sample(20)
        gan.fit(x, batch_size=10, verbose=0, callbacks=[Look()])
        assert seen["arithmetic_optimization"] is False
        after = options.get_experimental_options()
        assert after["dependency_optimization"] is False
        assert after["arithmetic_optimization"] is True
    finally:
        options.set_experimental_options({"dependency_optimization": True})
