"""Text functions shared by the workers, which index words, and the API, which searches for them."""
