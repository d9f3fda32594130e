"""WGAN's and Geometric GAN's critics: clipped weights, hinge losses."""

import keras
import numpy as np
import pytest

import keras_mdgan as km
from keras_mdgan.training.draws import HostDraws
from support.hand import batch, check, close, linear, loss_of, mlp, run

LOGITS = np.array([[-2.0], [-0.5], [0.25], [3.0]], "float32")


def of_logits(cls, discriminator=None, **kwargs):
    """Data and latents are their own logits."""
    discriminator = discriminator or linear([[1.0]])
    return cls(linear([[1.0]]), discriminator, km.latents.Normal(1), seed=0, **kwargs)


def hinge(nets, draws):
    fake = run(nets["generator"], draws.normal((4, 1)))
    on_real, on_fake = (run(nets["discriminator"], v) for v in (LOGITS, fake))
    return np.mean(np.maximum(0, 1 - on_real)) + np.mean(np.maximum(0, 1 + on_fake))


def slope(nets, draws):
    fake = run(nets["generator"], draws.normal((4, 1)))
    return -np.mean(run(nets["discriminator"], fake))


def test_hinge_losses():
    gan = of_logits(km.GeometricGAN)
    check(gan, "discriminator", LOGITS, hinge)
    check(gan, "generator", LOGITS, slope)
    # By hand: real 3, 1.5, 0.75 and 0; beyond the margin nothing.
    on_fake = np.mean(np.maximum(0, 1 + HostDraws(3).normal((4, 1))))
    close(loss_of(gan, "discriminator", LOGITS)[0], 5.25 / 4 + on_fake, rtol=1e-5)


def test_samples_beyond_the_margin_move_nothing():
    gan = of_logits(km.GeometricGAN, linear([[1.0]], -50.0))
    *_, gradients = loss_of(
        gan,
        "discriminator",
        LOGITS + 60.0,
        variables=gan.discriminator.trainable_variables,
    )
    assert not any(g.any() for g in gradients)


def test_wasserstein_objectives():
    gan = of_logits(km.WassersteinGAN)

    def objective(nets, draws):
        fake = run(nets["generator"], draws.normal((4, 1)))
        on_real, on_fake = (run(nets["discriminator"], v) for v in (LOGITS, fake))
        return np.mean(on_fake) - np.mean(on_real)

    loss, logs = check(gan, "critic", LOGITS, objective)
    assert logs["wasserstein_distance"] == pytest.approx(-loss)
    check(gan, "generator", LOGITS, slope)


class Watched:
    """Remembers the largest weights before and after each update."""

    def __init__(self, **kwargs):
        super().__init__(
            mlp(2, 2), mlp(2, 3, 1), km.latents.Normal(2), seed=0, **kwargs
        )
        self.seen = []

    def largest(self):
        return [
            max(np.abs(v.numpy()).max() for v in network.trainable_variables)
            for network in (self.discriminator, self.generator)
        ]

    def after_update(self, player):
        before = self.largest()
        super().after_update(player)
        self.seen.append((player.name, before, self.largest()))


class WatchedWGAN(Watched, km.WassersteinGAN):
    pass


class WatchedGeometric(Watched, km.GeometricGAN):
    pass


@pytest.mark.parametrize("cls", [WatchedWGAN, WatchedGeometric])
def test_weights_are_clipped_after_each_critic_update_only(cls):
    gan = cls(weight_clip=0.05, critic_steps=3)
    gan.compile({p.name: keras.optimizers.SGD(10.0) for p in gan.players()})
    gan.adversarial_step((keras.ops.convert_to_tensor(batch(6)),))
    critic = gan.players()[0].name
    assert [name for name, *_ in gan.seen] == [critic] * 3 + ["generator"]
    for name, before, after in gan.seen:
        if name == critic:
            assert before[0] > 0.05
            assert after[0] == pytest.approx(0.05)
        else:
            assert after == before
            assert after[1] > 0.05


def test_geometric_gan_clips_only_if_asked():
    gan = WatchedGeometric()
    gan.compile()
    gan.adversarial_step((keras.ops.convert_to_tensor(batch(6)),))
    assert all(before == after for _, before, after in gan.seen)
    assert gan.largest()[0] > 0.05


@pytest.mark.parametrize(
    ("cls", "rate", "clip", "steps"),
    [(km.WassersteinGAN, 5e-5, 0.01, 5), (km.GeometricGAN, 2e-4, None, 1)],
)
def test_paper_settings(cls, rate, clip, steps):
    gan = of_logits(cls)
    assert (gan.weight_clip, gan.critic_steps) == (clip, steps)
    for optimizer in gan.default_optimizers().values():
        assert isinstance(optimizer, keras.optimizers.RMSprop)
        assert float(optimizer.learning_rate) == pytest.approx(rate)
