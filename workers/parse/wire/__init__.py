"""Read news formats: ANPA, NITF, NewsML, ninjs, Reuters SGML."""
