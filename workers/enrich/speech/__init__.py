"""Who said what: quotes, statements, credits."""
