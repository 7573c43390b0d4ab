"""Five short documents for testing searches."""

from __future__ import annotations

WIRE = {
    "ferry": """Norway Orders Battery Ferries

OSLO (North Wire) - Norway ordered four ferries on Monday for $2.4 billion, the transport ministry said.
“The boats will cross the fjord without a drop of diesel,” said Ingrid Solheim, Norway's ambassador to South Korea.
""",
    "bridge": """Bridge Replaces Boat at Bergen

BERGEN, Norway (North Wire) - A bridge opened on Friday where a ferry had crossed for ninety years, and the town's
ferries were sold for 3 million euros. Mayor Kari Lunde cut the ribbon.
""",
    "flood": """Flood Closes Bank in Osijek

OSIJEK, Croatia (Danube Press) - The river Drava rose over its bank on Sunday and closed the port, officials said.
""",
    "french": """Les banques ferment leurs guichets à Lyon

LYON (Agence du Rhône) - Les banques de la ville ont fermé leurs guichets lundi, a déclaré la mairie. Les négociations
avec le syndicat des employés ont échoué pendant la nuit, et la grève doit continuer toute la semaine dans la région.
""",
    "tokyo": """Suva Harbour Reopens

SUVA, Fiji (Pacific Wire) - The harbour of Suva reopened on Tuesday after a storm, the port authority said.
""",
}
