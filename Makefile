# Everything runs in .venv, which the first target makes.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
export TF_CPP_MIN_LOG_LEVEL ?= 2
# Material's notice of what may come after MkDocs 1, on every build.
export NO_MKDOCS_2_WARNING := 1

.PHONY: demo test docs lint clean

demo: $(VENV)/installed  ## Train MD-GAN on the ring; table, figure, SavedModel.
	$(RUN) examples/ring.py --out runs/ring

test: $(VENV)/installed-dev  ## The whole suite on TensorFlow, JAX and PyTorch.
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mkdocs build --strict
	$(RUN) tests/run_backends.py

# Never with --quiet: it hides warnings from --strict.
docs: $(VENV)/installed-docs  ## The documentation as a site, in site/.
	$(VENV)/bin/mkdocs build --strict

lint: $(VENV)/installed-dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(RUN) -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-docs: pyproject.toml | $(VENV)/bin/python
	$(RUN) -m pip install --quiet --editable ".[docs]"
	touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	$(RUN) -m pip install --quiet --editable ".[dev]"
	touch $@ $(VENV)/installed $(VENV)/installed-docs

clean:
	rm -rf $(VENV) runs build dist site *.egg-info
