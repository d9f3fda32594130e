"""How a training step runs on each backend; `engine.py` says what each must have."""
