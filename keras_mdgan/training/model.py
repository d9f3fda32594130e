"""Keras models whose training is a game between players."""

import dataclasses
import random
from collections.abc import Sequence

import keras
from keras import ops

from keras_mdgan.saving.presets import Presets
from keras_mdgan.training import checks, regularization
from keras_mdgan.training.backends import engine, replicas
from keras_mdgan.training.data.checked import split_batch
from keras_mdgan.training.data.parts import as_tensors, busiest, cut
from keras_mdgan.training.draws import Draws
from keras_mdgan.training.evaluation import Evaluation
from keras_mdgan.training.fit import Fit
from keras_mdgan.training.logs import LogMeans, mean_of_updates
from keras_mdgan.training.optimizer import (
    CompositeOptimizer,
    compile_config,
    inner_optimizer,
    member_optimizers,
    restored_config,
)
from keras_mdgan.training.persistence import Persistence, seed_unseeded
from keras_mdgan.training.players import Player
from keras_mdgan.validation import check_integer, check_seed


@dataclasses.dataclass(frozen=True)
class Compiled:
    """The results of `compile`. Keras does not track the parts of a plain object."""

    turns: tuple[Player, ...]
    adding: frozenset  # the players whose layers add losses
    progressive: tuple
    log_means: LogMeans
    requested: dict
    label_shape: tuple[int, ...]

    @property
    def parts(self) -> int:
        return busiest(self.turns).steps


class AdversarialModel(
    Fit,  # `fit` on data in a reproducible order
    Evaluation,  # `evaluate` and `predict`, which do not influence the run
    Persistence,  # `save` and `save_weights`, atomic and with the seeds
    Presets,  # `from_preset` and `save_to_preset`
    engine.StepMixin,  # how this backend compiles the step and divides batches
    keras.Model,
):
    """A Keras model whose players minimise their losses in turn.

    A subclass defines the players (`players`) and a loss for each of them. For a player
    named `critic` this is `critic_loss(batch)`. It returns a scalar and a dictionary of
    further scalars to log. Losses call networks with `training=True`, draw random
    numbers from `self.draws` and may assign to variables. The same code runs compiled
    on TensorFlow, JAX and PyTorch.

    In a training step each player in turn takes `Player.steps` gradient steps with its
    own optimizer. The whole state of a run (weights, every optimizer's state, seeds,
    the number of steps) is saved with the model. A loaded run continues exactly.

    Args:
        seed: an integer >= 0 for latents, layers and the order of the data. `None`
            draws a random seed and keeps it in the config.
        name: the model's name.
    """

    def __init__(self, *, seed: int | None = None, name: str | None = None, **kwargs):
        super().__init__(name=name, **kwargs)
        self.draws_own_seed = seed is None
        self.seed = random.randrange(2**31) if seed is None else check_seed(seed)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.draws = Draws(self.seed_generator)

    # For subclasses to define.

    def players(self) -> Sequence[Player]:
        """The players, in the order of their turns."""
        raise NotImplementedError(f"{type(self).__name__} must define `players()`.")

    def default_optimizers(self) -> dict:
        """The paper's optimizer for each player, for `compile()` without arguments.

        Adam 1e-3 with b1 = 0.5, as in the experiments of Mixture Density GAN on points,
        for a class that defines no other.
        """
        return {
            player.name: keras.optimizers.Adam(1e-3, beta_1=0.5)
            for player in self.players()
        }

    def sample_batch(self):
        """A small batch of zeros, from which `compile` learns the names of the logs."""
        raise NotImplementedError(
            f"{type(self).__name__} must define `sample_batch()`."
        )

    def check_batch(self, batch):
        """Raise a `ValueError` if the static shape of a batch is wrong."""

    def after_update(self, player: Player):
        """Called after each update of a player (weight clipping, controllers)."""

    def after_step(self):
        """Called after each training step (averages of weights)."""

    # Compiling.

    def compile(
        self,
        optimizer=None,
        *,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        **refused,
    ):
        """Give each player its optimizer.

        Args:
            optimizer: a dictionary with an optimizer for each player; or one optimizer,
                which is copied for every player; or `None` for the paper's.
            run_eagerly: run the step as plain Python (slow; for debugging).
            steps_per_execution: training steps per call of the compiled program. On
                JAX this is one `lax.scan` (with convolutions on a CPU, where a scan is
                slow, a loop), on TensorFlow one compiled loop, on PyTorch a loop.
                Batch-level callbacks are called once per execution.
            jit_compile: `True`, `False` or `"auto"`. On TensorFlow `"auto"` uses XLA
                on a GPU, and on a CPU for several steps without convolutions.
            **refused: Keras' `loss`, `metrics` and the like, with what to do instead.

        Raises:
            ValueError: if the optimizers' names are not the players', an argument is
                refused, or `steps_per_execution` is not a positive integer.
        """
        checks.refuse_compile_arguments(self, refused)
        steps_per_execution = check_integer("steps_per_execution", steps_per_execution)
        turns = tuple(self.players())
        given = self.default_optimizers() if optimizer is None else optimizer
        composite = CompositeOptimizer(
            member_optimizers(given, turns, self._uses_float16())
        )
        members = composite.members.values()
        seed_unseeded(self, [inner_optimizer(member) for member in members])
        composite.build({player.name: player.variables for player in turns})
        jit = jit_compile
        if jit == "auto":
            jit = not run_eagerly and self.compiles_by_default(steps_per_execution)
        super().compile(
            optimizer=composite,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit,
            # Keras would wrap the composite. Each player's optimizer scales its loss.
            auto_scale_loss=False,
        )
        self._loss_tracker = None  # `log_means` replaces Keras' mean of `loss`
        sample = self.sample_batch()
        adding = regularization.adding_players(turns, self._own_loss, sample)
        logged = engine.outline(lambda: self._every_loss(sample, turns, adding))
        self._compiled = Compiled(
            turns=turns,
            adding=adding,
            progressive=tuple(
                layer
                for layer in self._flatten_layers(include_self=False)
                if hasattr(layer, "on_training_step")
            ),
            log_means=LogMeans(logged, [f"{player.name}_loss" for player in turns]),
            requested={
                "run_eagerly": run_eagerly,
                "steps_per_execution": steps_per_execution,
                "jit_compile": jit_compile,
            },
            label_shape=tuple(sample[1].shape[1:]) if self.uses_labels else (),
        )

    @property
    def log_means(self) -> LogMeans:
        """Running means of this epoch's logs."""
        return self._compiled.log_means

    def _uses_float16(self):
        layers = self._flatten_layers(include_self=False)
        return any(layer.dtype_policy.name == "mixed_float16" for layer in layers)

    def get_compile_config(self):
        if not self.compiled:
            return None
        return compile_config(self.optimizer, self.turns) | self._compiled.requested

    def compile_from_config(self, config):
        arguments, rates = restored_config(config, self.players())
        self.compile(**arguments)
        self.optimizer.relative_rates.update(rates)

    @property
    def metrics(self):
        return [self.log_means] if self.compiled else []

    # The step.

    def _batch(self, data):
        """`x`, or `(x, y)` for a model that uses labels."""
        return as_tensors(split_batch(self, data))

    uses_labels = False
    # The number of classes of the labels, integers from 0. `None` for other labels.
    n_classes: int | None = None
    # The number of samples that a loss takes together. It divides the batch size.
    samples_together = 1

    @property
    def batch_multiple(self) -> int:
        """The number that must divide the size of a training batch."""
        return self._compiled.parts * self.samples_together

    @property
    def turns(self) -> tuple[Player, ...]:
        """The players of the compiled model, in the order of their turns."""
        return self._compiled.turns

    @property
    def label_shape(self) -> tuple[int, ...]:
        """The shape of one sample's label, as in `sample_batch`."""
        return self._compiled.label_shape

    def share_of(self, batch, index):
        """The samples of a batch that replica `index` trains on."""
        return replicas.share_of(batch, index, self.shares, self._compiled.parts)

    def _parts(self, batch):
        return cut(batch, self._compiled.turns, self.samples_together)

    def adversarial_step(self, data):
        """One training step: every player's updates on one batch."""
        batch = self._batch(data)
        parts = self._parts(batch)
        for layer in self._compiled.progressive:
            layer.on_training_step(self.optimizer.iterations)
        logs = {}
        for player in self._compiled.turns:
            logged = [self._update(player, part) for part in parts[: player.steps]]
            logs.update(mean_of_updates(logged))
        self.optimizer.count_step()
        self.after_step()
        self._log(logs, batch)

    def _update(self, player, batch):
        optimizer = self.optimizer[player.name]

        def scaled_loss():
            loss, logs = self._loss_of(player, batch, self._compiled.adding)
            return optimizer.scale_loss(loss), logs

        variables = player.variables
        (_, logs), gradients = engine.value_and_grad(scaled_loss, variables)
        if variables:  # none, if all of the player's networks are frozen
            engine.apply(optimizer, replicas.mean(gradients), variables)
        self.after_update(player)
        return logs

    def _own_loss(self, player, batch):
        with replicas.shared_draws():
            returned = getattr(self, f"{player.name}_loss")(batch)
        return checks.require_loss(self, player.name, returned)

    def _loss_of(self, player, batch, adding):
        (loss, logs), added = regularization.of_player(
            player, lambda: self._own_loss(player, batch), player.name in adding
        )
        if added is not None:
            loss = loss + added
            logs = {**logs, f"{player.name}_regularization": added}
        return loss, {f"{player.name}_loss": loss, **logs}

    def _every_loss(self, batch, turns, adding):
        """Every player's loss and logs on the whole batch, without an update."""
        logs = {}
        for player in turns:
            logs |= self._loss_of(player, batch, adding)[1]
        return logs

    def evaluation_step(self, data):
        batch = self._batch(data)
        compiled = self._compiled
        logs = self._every_loss(batch, compiled.turns, compiled.adding)
        self._log(logs, batch)

    def _log(self, logs, batch):
        size = ops.shape(keras.tree.flatten(batch)[0])[0]
        self.log_means.update_state(logs, size)

    def get_config(self):
        return {"name": self.name, "seed": self.seed}
