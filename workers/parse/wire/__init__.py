"""The trade's own formats: ANPA, NITF, NewsML, ninjs, Reuters SGML."""
