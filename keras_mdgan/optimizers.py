"""Optimizers that Keras does not have."""

import keras
from keras import ops

from keras_mdgan.training.draws import Draws
from keras_mdgan.validation import check_number, check_seed


@keras.saving.register_keras_serializable("keras_mdgan")
class SGHMC(keras.optimizers.Optimizer):
    """Stochastic gradient Hamiltonian Monte Carlo: samples weights from a posterior.

    With the gradient `g` of a loss `U`, friction `a`, rate `h` and temperature `T`, an
    update is

        v <- (1 - a) v - h g + sqrt(2 a h T) xi,   xi ~ N(0, I)
        w <- w + v

    For small rates `w` follows the density `exp(-U(w) / T)`. If the loss is a mean over
    `N` samples instead of a sum, use `T = 1 / N`. Without noise (`T = 0`) this is
    gradient descent with momentum `1 - a`.

    The state of the random numbers is a variable of the optimizer and is saved with
    the model.

    Examples:
        >>> import keras
        >>> weight = keras.Variable([1.0])
        >>> optimizer = SGHMC(0.1, friction=1.0, temperature=0.0)
        >>> optimizer.apply([keras.ops.ones((1,))], [weight])
        >>> round(float(weight.numpy()[0]), 4)
        0.9

    Args:
        learning_rate: `h`, a number or a schedule.
        friction: `a`, in (0, 1].
        temperature: `T`, at least 0.
        seed: an integer, or `None`.
        **kwargs: the arguments of `keras.optimizers.Optimizer`.

    Raises:
        ValueError: if a number is out of its range.

    Reference:
        Chen, Fox and Guestrin, Stochastic Gradient Hamiltonian Monte Carlo, 2014,
        eq. (15); Saatchi and Wilson, Bayesian GAN, 2017, algorithm 1.
    """

    def __init__(
        self,
        learning_rate=1e-2,
        friction: float = 0.1,
        temperature: float = 1.0,
        seed: int | None = None,
        name: str = "sghmc",
        **kwargs,
    ):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.friction = check_number("friction", friction, above=0)
        if friction > 1:
            raise ValueError(
                f"`friction` must be in (0, 1]. Received: friction={friction!r}"
            )
        self.temperature = check_number("temperature", temperature, at_least=0)
        self.seed = check_seed(seed)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        # Tracked: saved with the optimizer, and carried by the compiled step on JAX.
        self._track_variable(self.seed_generator.state)
        self.draws = Draws(self.seed_generator)

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")

    def update_step(self, gradient, variable, learning_rate):
        velocity = self._velocities[self._get_variable_index(variable)]
        rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        moved = (1.0 - self.friction) * velocity.value - rate * gradient
        if self.temperature:
            noise = ops.cast(self.draws.normal(tuple(variable.shape)), variable.dtype)
            scale = ops.sqrt(2.0 * self.friction * self.temperature * rate)
            moved = moved + scale * noise
        self.assign(velocity, moved)
        self.assign_add(variable, moved)

    def get_config(self):
        return {
            **super().get_config(),
            "friction": self.friction,
            "temperature": self.temperature,
            "seed": self.seed,
        }
