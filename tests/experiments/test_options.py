"""Options on the command line, and the tables of runs with them."""

import pytest

from keras_mdgan.datasets import dataset
from keras_mdgan.experiments import measures
from keras_mdgan.experiments.__main__ import main, parse
from keras_mdgan.experiments.literature import published_clusterings
from keras_mdgan.experiments.options import parsed, sections
from keras_mdgan.experiments.run import runs_of

pytestmark = pytest.mark.host


def test_values_are_those_of_python():
    found = parsed("a=1, b=0.5,c=None,d=True,e=v1,f=1e-3,g=-2,h=[1]")
    assert found == {
        "a": 1,
        "b": 0.5,
        "c": None,
        "d": True,
        "e": "v1",
        "f": 0.001,
        "g": -2,
        "h": "[1]",
    }
    assert parsed("") == parsed(None) == {}


@pytest.mark.parametrize("text", ["balanced", "a=", "=1", "a=1,", "a=1,a=2", "a b=1"])
def test_other_texts_are_refused(text):
    with pytest.raises(
        ValueError, match=r"`--options` must be NAME=VALUE.*Received: '"
    ):
        parsed(text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("mixture_density --options assinment=max", "Did you mean 'assignment'?"),
        ("vanilla,mixture_density --options components=4", "'components'"),
        ("mixture_density --options components=1", "`components` must be an integer"),
        ("mixture_density --options max", "NAME=VALUE"),
    ],
)
def test_wrong_options_are_told_before_training(arguments, message, capsys):
    with pytest.raises(SystemExit):
        main(f"run ring --models {arguments}".split())
    assert message in capsys.readouterr().err


def test_every_run_has_the_options():
    arguments = "run ring --models mixture_density --seeds 2 --options components=4"
    options = parse(arguments.split())
    assert options.options == {"components": 4}
    runs = runs_of("ring", ["plain", "ours"], ["mixture_density"], 2, options.options)
    assert [run.name for run in runs] == [
        f"ring/{setting}/mixture_density/components_4/seed_{seed}"
        for setting in ("plain", "ours")
        for seed in (0, 1)
    ]


def record(seed, options, setting="ours", model="mixture_density", **figures):
    return {
        "setting": setting,
        "model": model,
        "seed": seed,
        "options": options,
        "steps": 2000,
        **figures,
    }


def test_runs_with_options_have_a_table():
    of_points = measures.of(dataset("ring"))
    records = [
        record(0, {"rate": 0.2}, modes_strict=4, kl=0.25),
        record(1, {"rate": 0.2}, modes_strict=6, kl=0.75),
        record(0, {"rate": 0.2}, model="vanilla", modes_strict=1, kl=2.0),
        record(0, {"components": 8}, modes_strict=8, kl=0.0),
        # These have other sections.
        record(0, {}, modes_strict=7, kl=0.0),
        record(0, {"variance": 0.5, "components": 4}, modes_strict=7, kl=0.0),
        record(0, {"rate": 5.0}, setting="search", modes_strict=7, kl=0.0),
    ]
    text = "\n".join(sections("ring", records, of_points))
    rows = [line for line in text.splitlines() if line.startswith("| ours")]
    deviation = "0.354"
    assert rows == [
        "| ours | mixture_density | rate=0.2 | 2 | 5.0 +- 1.4 | - | "
        f"0.500 +- {deviation} | - |",
        "| ours | vanilla | rate=0.2 | 1 | 1.0 | - | 2.000 | - |",
        "| ours | mixture_density | components=8 | 1 | 8.0 | - | 0.000 | - |",
    ]
    assert "## Clustering" not in text
    assert sections("ring", records[4:], of_points) == []


def test_clusters_stand_beside_published_ones():
    figures = {"nmi": 0.5, "cluster_accuracy": 0.6, "ari": 0.4, "clusters": 10}
    records = [record(0, {}, setting="papers", **figures)]
    of_images = measures.of(dataset("fashion_mnist"))
    text = "\n".join(sections("fashion_mnist", records, of_images))
    assert "## With options" not in text
    ours = "| mixture_density (papers) | 1 | 2,000 | 10.0 | 0.500 | 0.600 | 0.400 |"
    assert ours in text
    for each in published_clusterings("fashion_mnist"):
        assert f"{each.source} | {each.runs} | - | - | {each.figures[0]} |" in text


def test_published_clusterings():
    """Three figures a row: NMI, accuracy, adjusted Rand index."""
    (best, mean, paced), fashion = map(
        published_clusterings, ("mnist", "fashion_mnist")
    )
    assert best.figures == (".89", ".95", ".89")
    assert (mean.figures[1], mean.runs) == (".910 +- .040", "10")
    assert paced.figures == (".921", ".964", "-")
    assert [each.figures[1] for each in fashion] == [".63", ".612 +- .023"]
    assert published_clusterings("cifar10") == ()
