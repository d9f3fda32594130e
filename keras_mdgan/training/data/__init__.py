"""From the data a user gives to the batches and parts that a step trains on."""
