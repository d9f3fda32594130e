"""Puts the trained models of `saved_models/` into the wheel; see pyproject.toml."""

import pathlib
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithModels(build_py):
    """A checkout has the models beside the package, an installed package inside."""

    def run(self):
        super().run()
        if not self.editable_mode:
            inside = pathlib.Path(self.build_lib, "keras_mdgan", "saved_models")
            shutil.copytree("saved_models", inside, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithModels})
