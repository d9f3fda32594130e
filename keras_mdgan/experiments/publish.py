"""Train a generator as the experiments do; write it as a SavedModel, with a card.

python -m keras_mdgan.experiments.publish grid --out saved_models
python -m keras_mdgan.experiments.publish mnist --model vanilla
"""

import argparse
import pathlib
import shlex
import sys

import keras_mdgan as km
from keras_mdgan.experiments import cards
from keras_mdgan.experiments.data import DATA, IMAGES
from keras_mdgan.experiments.record import Plan, Run
from keras_mdgan.experiments.settings import MODELS, SETTINGS
from keras_mdgan.validation import check_choice

TOY = ("grid", "ring")  # those of two dimensions, with a figure of the samples
PUBLISHED = (*TOY, *IMAGES)


def publish(run_: Run, out, command: str, backup="runs/publish") -> dict:
    """Train, export, measure what was exported, and write the card.

    The run is that of the experiments' record of the same name. If it is interrupted,
    the same call goes on with it; its last state stays in `backup`.

    Args:
        run_: which run. On toy data Mixture Density GANs alone, whose SavedModels are
            presets, too.
        out: the folder that gets `{data}_{model}`.
        command: what was typed, for the card.
        backup: the folder of the state while it trains.

    Returns:
        The figures of the SavedModel's samples.
    """
    setting, plan = run_.resolved, Plan.of(run_.resolved, evaluations=1)
    gan = run_.build()
    state = pathlib.Path(backup) / run_.name / f"{setting.steps}_steps"
    source = DATA[run_.data].make()
    gan.fit(
        source.as_dataset(setting.n_points, setting.batch_size, seed=run_.seed),
        epochs=plan.epochs,
        verbose=2,
        callbacks=[km.callbacks.BackupAndRestore(state, delete_checkpoint=False)],
    )
    write = cards.write_toy if run_.data in TOY else cards.write_images
    folder = pathlib.Path(out) / f"{run_.data}_{run_.model}"
    return write(run_, gan, folder, command)


def parse(arguments) -> tuple[Run, str]:
    """Which run, and where to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help=f"one of {', '.join(PUBLISHED)}")
    parser.add_argument("--model", default="mixture_density")
    parser.add_argument("--setting", help="default: the data's own")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, help="another length")
    parser.add_argument("--out", default="saved_models")
    options = parser.parse_args(arguments)
    try:
        check_choice("data", options.data, PUBLISHED)
        data = DATA[options.data]
        models = ("mixture_density",) if options.data in TOY else MODELS
        check_choice("--model", options.model, models)
        fitting = [name for name, setting in SETTINGS.items() if data.has(setting)]
        setting = options.setting or data.default_setting
        check_choice("--setting", setting, fitting)
    except ValueError as error:
        parser.error(str(error))
    run_ = Run(options.data, setting, options.model, options.seed, options.steps)
    return run_, options.out


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    run_, out = parse(arguments)
    command = "python -m keras_mdgan.experiments.publish " + shlex.join(arguments)
    print(run_.measures.line(publish(run_, out, command)))


if __name__ == "__main__":
    main()
