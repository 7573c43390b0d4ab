"""The questions of docs/querying.md: one specification of each, from which the page's code for mongosh and PyMongo is made."""
