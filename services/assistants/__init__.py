"""Tools for assistants (Model Context Protocol): `copydesk mcp` on standard input and output, `/mcp` over HTTP. See
docs/assistants.md."""
