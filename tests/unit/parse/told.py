"""The story that all samples tell."""

TITLE = "Dockers of Port Vale end nine-day strike"
LEAD = (
    "PORT VALE, March 10 (Reuters) - Dockers of the northern quay went back to their cranes on Saturday after nine days, "
    "and the first of fourteen waiting ships was unloaded before noon."
)
SECOND = "“We asked for safe ladders and we got them,” said Maria Anders, who led the talks for the dockers’ union."
HEADING = "Talks in the night"
THIRD = "The port’s owners will replace two hundred ladders by June and pay for the days that were lost."
BODY = [LEAD, SECOND, HEADING, THIRD]
