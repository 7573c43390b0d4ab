"""Web pages: the article on a page, its head, its blocks and what stands around it."""
