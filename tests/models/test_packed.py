"""PacGAN: packs against explicit loops."""

import numpy as np
import pytest

import keras_mdgan as km
from support.hand import array, batch, check, close, mean_softplus, mlp, run


def packed(packing=3):
    return km.PackedGAN(
        mlp(2, 2, seed=1),
        mlp(2 * packing, 3, 1, seed=2),
        km.latents.Normal(2),
        packing=packing,
        seed=0,
    )


def by_loop(x, m):
    """Sample `i` of pack `p` is `x[p m + i]`, in the channels from `i c` on."""
    c = x.shape[-1]
    out = np.zeros((len(x) // m, *x.shape[1:-1], m * c), x.dtype)
    for p in range(len(out)):
        for i in range(m):
            for channel in range(c):
                out[p, ..., i * c + channel] = x[p * m + i, ..., channel]
    return out


@pytest.mark.parametrize("packing", [1, 2, 3])
def test_packs_of_vectors(packing):
    gan, x = packed(packing), batch(6)
    np.testing.assert_array_equal(array(gan.pack(x)), by_loop(x, packing))
    assert gan.discriminator_input == (2 * packing,)


@pytest.mark.parametrize("packing", [1, 2, 3])
def test_packs_of_images(packing):
    x = np.random.default_rng(0).normal(size=(6, 3, 2, 2)).astype("float32")
    pack = km.PackedGAN.pack

    class Shapes:
        data_shape = (3, 2, 2)
        discriminator_input = (3, 2, 2 * packing)

    Shapes.packing = packing
    np.testing.assert_array_equal(array(pack(Shapes, x)), by_loop(x, packing))


def test_objectives_are_those_of_packs():
    gan, x = packed(), batch(6)

    def fake_of(nets, draws):
        return by_loop(run(nets["generator"], draws.normal((6, 2))), 3)

    def discriminator(nets, draws):
        d = nets["discriminator"]
        on_real = run(d, by_loop(x, 3))
        assert on_real.shape == (2, 1)
        return mean_softplus(-on_real) + mean_softplus(run(d, fake_of(nets, draws)))

    check(gan, "discriminator", x, discriminator)

    def generator(nets, draws):
        return mean_softplus(-run(nets["discriminator"], fake_of(nets, draws)))

    check(gan, "generator", x, generator)


def test_embed_shows_packs_of_one_sample():
    gan, x = packed(), batch(4)
    wanted = run(gan.discriminator.get_weights(), np.concatenate([x, x, x], axis=1))
    close(array(gan.embed(x)), wanted, rtol=1e-5)


def test_batches_that_packs_do_not_divide_are_refused():
    gan = packed()
    gan.compile()
    with pytest.raises(ValueError, match=r"divisible by 3, the samples.*batch of 8"):
        gan.fit(batch(8), batch_size=8, verbose=0)
    with pytest.raises(ValueError, match=r"multiple of `packing`=3. Received: 5"):
        gan.pack(batch(5))
    gan = km.PackedGAN(
        mlp(2, 2), mlp(4, 1), km.latents.Normal(2), packing=2, critic_steps=3, seed=0
    )
    gan.compile()
    with pytest.raises(ValueError, match=r"3, the steps.* times by 2, the samples"):
        gan.fit(batch(9), batch_size=9, verbose=0)
