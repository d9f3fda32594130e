"""The progress line of `fit` and `evaluate`."""

import math
import time

import keras

from keras_mdgan.validation import check_integer

COLUMNS = 80
MOST_FIGURES = 3
LONGEST_BAR = 20  # that of Keras


class ProgressLine(keras.callbacks.ProgbarLogger):
    """Shows progress in one line of at most 80 columns.

    The line has the players' losses, by the initials of their names (`D` is
    `discriminator_loss`, `G` is `generator_loss`), and at most three other logs.
    Whatever does not fit is left out. The bar gives way to the figures. All logs remain
    in the history and in the logs of other callbacks. `fit` and `evaluate` add this
    callback, unless `callbacks` has a `keras.callbacks.ProgbarLogger`.

    Examples:
        >>> ProgressLine("high_quality", "kl").figures
        ('high_quality', 'kl')

    Args:
        *figures: the names of the logs to show, at most three. By default they are the
            first ones that callbacks add, then the first ones of the model.
        columns: the width of the line.

    Raises:
        ValueError: if there are more than three names, or one is not a string.
    """

    async_safe = True  # as Keras' own, which never delays a step

    def __init__(self, *figures: str, columns: int = COLUMNS):
        super().__init__()
        named = all(isinstance(name, str) for name in figures)
        if len(figures) > MOST_FIGURES or not named:
            raise ValueError(
                f"`figures` must be at most {MOST_FIGURES} names of logs. "
                f"Received: figures={figures}"
            )
        self.figures = figures
        self.columns = check_integer("columns", columns)
        self._begin()

    def _begin(self):
        self._begun, self._shown = time.monotonic(), -math.inf

    def on_epoch_begin(self, epoch, logs=None):
        self._begin()
        super().on_epoch_begin(epoch, logs)

    def on_test_begin(self, logs=None):
        self._begin()
        super().on_test_begin(logs)

    # The base class would print every log that it is given, so it is given none.

    def on_train_batch_end(self, batch, logs=None):
        self._show(logs)
        super().on_train_batch_end(batch)

    def on_test_batch_end(self, batch, logs=None):
        self._show(logs)
        super().on_test_batch_end(batch)

    def on_epoch_end(self, epoch, logs=None):
        self._show(logs, final=True)
        super().on_epoch_end(epoch)

    def on_test_end(self, logs=None):
        self._show(logs, final=True)
        super().on_test_end()

    def _show(self, logs, final=False):
        bar = self.progbar
        if bar is None or not (self.verbose == 1 or (self.verbose and final)):
            return
        now = time.monotonic()
        if now - self._shown < bar.interval and not final:
            return  # as the bar itself: small models have thousands of steps a second
        self._shown = now
        room = self.columns - self._taken(bar, final)
        text = "".join(self._fitting(self._items(logs or {}), room))
        # The unit is the last thing that a line without logs says.
        bar.unit_name = "step" + text
        bar.width = max(0, min(LONGEST_BAR, room - len(text)))

    def _items(self, logs):
        """Pairs of a short name and a log, the most important first."""
        losses = {f"{player.name}_loss" for player in self.model.turns}
        names = [player.name for player in self.model.turns]
        pairs = [
            (short, logs[f"{name}_loss"])
            for short, name in zip(short_names(names), names)
            if f"{name}_loss" in logs
        ]
        own = set(self.model.log_means.names)
        others = [
            name
            for name in logs
            if name not in losses | {"loss"} and not name.endswith("learning_rate")
        ]
        # What somebody asked for comes before what a model always logs. Of that, short
        # names leave room for others.
        others.sort(
            key=lambda name: (
                name.startswith("val_"),
                (len(name), name) if name in own else (0, ""),
            )
        )
        chosen = self.figures or others
        return pairs, [(name, logs[name]) for name in chosen if name in logs]

    def _fitting(self, items, room):
        losses, figures = items
        shown = 0
        for index, (name, value) in enumerate([*losses, *figures]):
            text = f"  {name} {number(value)}"
            figure = index >= len(losses)
            if len(text) <= room and not (figure and shown == MOST_FIGURES):
                yield text
                room -= len(text)
                shown += figure

    def _taken(self, bar, final):
        """The columns of the count and the times, which Keras writes."""
        if bar.target:
            count = 2 * len(str(bar.target)) + 2  # "40/40 "
        else:
            count = len("      1/Unknown")
        # An estimate of the remaining time has hours at most.
        elapsed = f" {time.monotonic() - self._begun:.0f}s "
        taken = count + (len(elapsed) if final else len(" 10:00:00"))
        if self.verbose == 2:
            taken += len(" -") + len("- ")
        return taken + len(" 1000ms/step")


def short_names(players: list[str]) -> list[str]:
    """The players' initials; whole names where two have the same.

    Examples:
        >>> short_names(["manifold_discriminator", "generator"])
        ['MD', 'G']
        >>> short_names(["generator", "guide"])
        ['generator', 'guide']
    """
    initials = ["".join(word[:1] for word in n.split("_")).upper() for n in players]
    return [
        short if short and initials.count(short) == 1 else name
        for short, name in zip(initials, players)
    ]


def number(value: float) -> str:
    """Three digits, and integers as integers.

    Examples:
        >>> [number(x) for x in (25.0, 0.69314, 1e-7, 98765.4, float("nan"))]
        ['25', '0.693', '1e-07', '98765', 'nan']
    """
    value = float(value) + 0.0  # -0.0 is 0
    whole = value == round(value, 0) or abs(value) >= 1e3
    return f"{value:.0f}" if whole and abs(value) < 1e7 else f"{value:.3g}"


def with_progress_line(callbacks: list, verbose) -> list:
    """The callbacks, and a `ProgressLine` unless they have a progress bar."""
    barred = any(isinstance(c, keras.callbacks.ProgbarLogger) for c in callbacks)
    return callbacks if barred or not verbose else [*callbacks, ProgressLine()]
