"""From the user's data to the batches and parts of a training step."""
