"""Words as they are searched for: shared by the workers, who index them, and the API, which looks them up."""
