"""News formats: ANPA, NITF, NewsML, ninjs, Reuters SGML."""
