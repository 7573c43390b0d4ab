"""Verbs of saying, in English, French, German, Spanish and Russian."""

from __future__ import annotations

import re

_ENGLISH_VERBS = (
    "accuse acknowledge add admit admonish advise affirm agree allege announce answer apologise apologize argue ask "
    "assert assure aver blast bemoan bellow boast brag caution characterise characterize claim clarify comment "
    "complain concede conclude condemn confess confide confirm contend continue counter criticise criticize declare "
    "demand denounce deny deride describe disclose dismiss emphasise emphasize enthuse estimate exclaim explain fume "
    "gripe grumble gush hail implore inform insist instruct interject joke lament maintain marvel mention mock mumble "
    "murmur muse mutter note observe opine plead pledge praise predict proclaim promise question quip rant "
    "reassure recall reckon recount reflect reiterate rejoin remark remember remind reply report respond retort "
    "reveal scoff scold scream shout shriek slam specify speculate stammer state stress suggest summarise summarize "
    "surmise testify theorise theorize threaten thunder tweet underline underscore urge volunteer vow warn whisper wail "
    "wonder yell"
)
"""Verbs of saying whose forms are regular."""
_ENGLISH_FORMS = (
    "said says say saying told tells telling wrote writes writing called calls calling labelled labeled posted believed "
    "branded begged begs ordered objected swore swears snapped snaps chimed"
)


def _forms(verb: str) -> list[str]:
    """Return the third person, the past and the participle of a regular verb: ``replies replied replying``."""
    if verb.endswith(("admit", "aver", "brag", "slam", "quip")):
        return [f"{verb}s", f"{verb}{verb[-1]}ed", f"{verb}{verb[-1]}ing"]
    if verb.endswith("y") and verb[-2] not in "aeo":
        return [f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"]
    if verb.endswith("e"):
        return [f"{verb}s", f"{verb}d", f"{verb.removesuffix('e') if verb[-2] != 'e' else verb}ing"]
    return [f"{verb}es" if verb.endswith(("s", "sh", "ch")) else f"{verb}s", f"{verb}ed", f"{verb}ing"]


_ENGLISH = " ".join([_ENGLISH_FORMS, *(form for verb in _ENGLISH_VERBS.split() for form in _forms(verb))])
_GERMAN = (
    "sagte sagten sagt erklärte erklärt betonte betont fügte meinte meint schrieb schreibt warnte warnt kritisierte "
    "räumte forderte teilte berichtete nannte bezeichnete sprach lobte versicherte fragte fragt antwortete antwortet "
    "erwiderte entgegnete rief behauptete ergänzte bemerkte mahnte klagte scherzte urteilte bekräftigte"
)
_FRENCH_SAID = (
    "déclaré|dit|affirmé|ajouté|expliqué|estimé|lancé|indiqué|précisé|souligné|assuré|confié|reconnu|annoncé|rappelé|"
    "déploré|dénoncé|insisté|regretté|résumé|conclu|réagi|raconté|averti|répondu|écrit|jugé|plaidé|témoigné|martelé|"
    "commenté|salué|évoqué|soutenu|répété|lâché|clamé|glissé|soufflé|confessé|repris|prévenu|promis|admis|critiqué|accusé|confirmé|proclamé|ironisé|fustigé|rétorqué|répliqué|"
    "plaisanté|témoigné|insisté|concédé|poursuivi|martelé|tweeté|déploré|prédit|proposé|demandé|exigé|noté|observé|"
    "rapporté|analysé|détaillé|reproché|qualifié|relevé|tranché|balayé|nuancé|souri|soupiré|renchéri|tempéré|asséné"
)
_FRENCH_SAYS = (
    "déclare|affirme|ajoute|explique|estime|lance|indique|précise|souligne|assure|confie|reconnaît|annonce|rappelle|"
    "déplore|dénonce|insiste|regrette|résume|conclut|raconte|avertit|répond|juge|plaide|témoigne|commente|poursuit|confirme|ironise|fustige|rétorque|réplique|plaisante|concède|prédit|"
    "propose|demande|note|observe|analyse|détaille|relève|tranche|nuance|sourit|soupire|renchérit|tempère|prévient|répète|martèle|lâche|clame|glisse|souffle|confesse|reprend|écrit(?! par)"
)
_SPANISH = (
    "dijo dijeron dice afirmó afirma declaró declara señaló señala añadió añade aseguró asegura explicó explica indicó indica sostuvo advirtió "
    "agregó comentó manifestó escribió respondió subrayó destacó reconoció anunció denunció criticó calificó "
    "lamentó"
)

_RUSSIAN_SAID = (
    "сказал заявил сообщил отметил рассказал пообещал обещал подчеркнул добавил пояснил уточнил объяснил ответил спросил "
    "заметил признал признался напомнил написал предупредил возразил назвал указал посетовал заключил заверил утверждал "
    "констатировал прокомментировал воскликнул парировал продолжил призвал пожаловался поделился возмутился подтвердил "
    "говорил произнес процитировал отрезал резюмировал подытожил вспоминал вспомнил пошутил полагал оценил обвинил "
    "раскритиковал похвалил описал охарактеризовал высказался потребовал опроверг отрицал спрогнозировал предположил "
    "заметил отчитался обратился воззвал негодовал восхитился посоветовал поблагодарил попросил"
)
_RUSSIAN_SAYS = (
    "говорит говорят считает считают полагает полагают утверждает утверждают уверяет уверяют отмечает отмечают "
    "подчеркивает подчёркивает поясняет объясняет пишет пишут сообщает сообщают добавляет признает признаёт признается "
    "рассказывает рассказывают вспоминает предупреждает предупреждают заявляет заявляют замечает обещает обещают "
    "констатирует сетует жалуется надеется настаивает настаивают возражает заверяет называет уверен уверена уверены "
    "убежден убеждена убеждены указывает предполагает прогнозирует советует требует требуют"
)

CUE = re.compile(
    rf"(?<![-\w])(?:{'|'.join(sorted(set(f'{_ENGLISH} {_GERMAN} {_SPANISH}'.split()), key=len, reverse=True))}"
    rf"|(?:a|ont|avait)(?:-t-(?:il|elle|on))? (?:{_FRENCH_SAID})"
    r"|s['’]est (?:emporté|indigné|exclamé|félicité|réjoui|interrogé|alarmé|inquiété|insurgé|dit|justifié|défendu|agacé|ému)e?"
    r"|(?:s['’]|se )(?:emporte|indigne|exclame|félicite|réjouit|interroge|alarme|inquiète|insurge|justifie|défend|agace|émeut)"
    rf"|(?:{_FRENCH_SAYS})(?:-t-(?:il|elle|on))?|dit(?:-(?:il|elle))?|according to|[Ii]n the words of|[Ss]elon|[Dd]['’]après|[Ss]egún|[Ll]aut"
    rf"|(?:{'|'.join(_RUSSIAN_SAID.split())})(?:а|о|и)?(?:сь|ся)?|{'|'.join(_RUSSIAN_SAYS.split())}"
    r"|[Пп]о (?:словам|мнению|оценке|версии)|[Пп]о (?:его|ее|её) (?:словам|мнению))(?!\w)"
)
SOURCE = frozenset(
    [
        "according to",
        "in the words of",
        "selon",
        "d'après",
        "d’après",
        "según",
        "laut",
        "по словам",
        "по мнению",
        "по оценке",
        "по версии",
    ]
)
"""Cues, in lower case, that are followed and never preceded by the speaker."""
