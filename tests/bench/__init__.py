"""How fast is it beside the model alone: ``make bench``."""
