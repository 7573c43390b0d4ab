"""Who is who: a marked set of people over documents, and how well the rules find them."""
