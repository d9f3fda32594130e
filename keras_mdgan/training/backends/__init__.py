"""How a training step runs on each backend; `engine.py` lists their common names."""
