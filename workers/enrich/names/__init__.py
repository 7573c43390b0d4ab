"""Who and where: entities, their roles, places on the map."""
