"""Verbs of saying, in English, French, German, Spanish and Russian."""

from __future__ import annotations

import re

_ENGLISH = (
    "said says say saying told tells telling added adds adding wrote writes writing stated states stating declared "
    "declares declaring asked asks asking replied replies insisted insists insisting warned warns warning argued "
    "argues arguing claimed claims claiming explained explains noted notes noting announced announces announcing "
    "acknowledged acknowledges acknowledging admitted admits admitting confirmed confirms confirming denied denies "
    "denying continued concluded concludes recalled recalls stressed stresses stressing quipped joked tweeted "
    "posted shouted testified reported reports maintained maintains remarked observed commented complained "
    "complains conceded concedes boasted vowed vows pledged pledges predicted predicts urged urges urging called "
    "calls calling described describes describing accused accuses accusing praised praises praising criticised "
    "criticized condemned condemns condemning dismissed dismisses dismissing denounced denounces denouncing hailed "
    "hails branded labelled labeled lamented promised promises threatened threatens suggested suggests suggesting "
    "alleged alleges alleging believed estimated estimates recounted answered emphasised emphasized emphasises "
    "emphasizes reiterated reiterates blasted slammed characterized characterised apologised apologized cautioned "
    "countered demanded demands demanding"
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
_OTHERS = (
    "sagte sagten sagt erklärte erklärt betonte betont fügte meinte meint schrieb schreibt warnte warnt kritisierte "
    "räumte forderte teilte berichtete nannte bezeichnete sprach lobte versicherte dijo dijeron dice afirmó afirma "
    "declaró declara señaló señala añadió añade aseguró asegura explicó explica indicó indica sostuvo advirtió "
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
    rf"(?<![-\w])(?:{'|'.join(sorted(f'{_ENGLISH} {_OTHERS}'.split(), key=len, reverse=True))}"
    rf"|(?:a|ont|avait)(?:-t-(?:il|elle|on))? (?:{_FRENCH_SAID})"
    r"|s['’]est (?:emporté|indigné|exclamé|félicité|réjoui|interrogé|alarmé|inquiété|insurgé|dit|justifié|défendu|agacé|ému)e?"
    r"|(?:s['’]|se )(?:emporte|indigne|exclame|félicite|réjouit|interroge|alarme|inquiète|insurge|justifie|défend|agace|émeut)"
    rf"|(?:{_FRENCH_SAYS})(?:-t-(?:il|elle|on))?|dit(?:-(?:il|elle))?|according to|[Ss]elon|[Dd]['’]après|[Ss]egún|[Ll]aut"
    rf"|(?:{'|'.join(_RUSSIAN_SAID.split())})(?:а|о|и)?(?:сь|ся)?|{'|'.join(_RUSSIAN_SAYS.split())}"
    r"|[Пп]о (?:словам|мнению|оценке|версии)|[Пп]о (?:его|ее|её) (?:словам|мнению))(?!\w)"
)
SOURCE = frozenset(
    ["according to", "selon", "d'après", "d’après", "según", "laut", "по словам", "по мнению", "по оценке", "по версии"]
)
"""Cues that are followed, never preceded, by who said it; in lower case."""
