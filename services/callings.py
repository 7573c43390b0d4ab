"""Words for what people do, by field: they tell namesakes apart, and are not part of a name."""

from __future__ import annotations

FIELDS = {
    "sport": "striker goalkeeper midfielder defender winger fullback halfback quarterback linebacker pitcher batsman bowler "
    "outfielder shortstop catcher golfer cyclist sprinter runner footballer player boxer wrestler swimmer skier skater "
    "jockey coach point-guard batter cricketer gymnast rower sailor champion racer driver",
    "law": "judge justice magistrate lawyer attorney prosecutor barrister solicitor counsel",
    "politics": "minister president senator congressman congresswoman lawmaker mayor governor ambassador envoy chancellor "
    "king queen mp legislator councillor councilman councilwoman premier secretary undersecretary candidate",
    "arts": "singer actor actress musician painter novelist poet guitarist drummer rapper composer filmmaker sculptor dancer "
    "pianist conductor author writer artist playwright",
    "science": "professor scientist researcher doctor physicist biologist chemist economist historian surgeon physician "
    "astronomer geologist engineer",
    "business": "ceo cfo executive banker trader analyst founder broker entrepreneur owner",
    "arms": "general colonel commander sergeant lieutenant admiral soldier major marine",
    "police": "sheriff inspector detective constable superintendent trooper",
    "religion": "bishop archbishop pope cleric priest pastor rabbi imam cardinal vicar nun",
    "crime": "suspect gunman defendant robber murderer burglar thief killer inmate",
    "media": "journalist reporter correspondent editor columnist spokesman spokeswoman spokesperson broadcaster anchor photographer",
    "trade": "plumber farmer teacher fisherman ferryman carpenter nurse electrician baker butcher janitor mechanic cook headteacher librarian winemaker ferrywoman "
    "student pensioner waiter waitress",
}
FIELD_OF = {word: field for field, words in FIELDS.items() for word in words.split()}
"""The field of each word, such as ``law`` for ``judge``."""
