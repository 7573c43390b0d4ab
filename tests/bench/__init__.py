"""Compare the speed of the service with that of the model alone: ``make bench``."""
