"""Heads of news texts in the shapes of many desks: title, byline, date (UTC where a zone is given) and dateline."""

from __future__ import annotations

import pytest

from workers.parse.article.newstext import read_text
from workers.parse.encoding import decode

HEADS: list[tuple[str, str, str | None, str, str]] = [
    ('Council delays vote on tram line', 'Jane Roe', '2024-06-12T08:15', 'Leeds', """\
Council delays vote on tram line

Jane Roe, Transport Correspondent
The Morning Ledger
12 June 2024 | 09:15 BST

LEEDS — The council put off the vote on Tuesday, saying the figures were late and that nobody had read them.

It will meet again in July."""),
    ('Council delays vote on tram line', 'Jane Roe', None, 'Leeds', """\
BC-EU--Tram Vote,3rd Ld-Writethru
^Council delays vote on tram line
^By JANE ROE
^Associated Wire
LEEDS, England (AW) _ The council put off the vote on Tuesday, saying the figures were late and nobody had read them.

It will meet again in July."""),
    ('Council delays vote on tram line', 'Jane Roe', None, 'Leeds', """\
URGENT
Council delays vote on tram line
LEEDS, June 12 (Wire) - The council put off the vote on Tuesday, saying the figures were late and nobody had read them. (Reporting by Jane Roe; Editing by Tom Low)"""),
    ('Council delays vote on tram line', 'Jane Roe, Tom Low', None, '', """\
Politics

Council delays vote on tram line

The vote has been put off three times since the winter, and the money runs out in July

By Jane Roe and Tom Low
Updated June 12, 2024 4:15 p.m. ET

The council put off the vote on Tuesday, saying the figures were late and that nobody had read them.

"We will meet again," the mayor said.

—Ann Poe contributed to this article.

Write to Jane Roe at jane.roe@ledger.example"""),
    ('Le conseil reporte le vote sur le tramway', 'Anne Le Goff', '2024-06-12T18:30', 'Leeds', """\
Le conseil reporte le vote sur le tramway

Par Anne Le Goff (avec AFP)
Publié le 12 juin 2024 à 18h30, mis à jour le 13 juin 2024 à 07h02 • Temps de lecture : 3 min.

Leeds (Royaume-Uni) – Le conseil municipal a reporté mardi le vote sur la nouvelle ligne de tramway, faute de chiffres.

Il se réunira de nouveau en juillet."""),
    ('Rat verschiebt Abstimmung über Straßenbahn', 'Petra Schmidt', '2024-06-12T18:30', '', """\
Rat verschiebt Abstimmung über Straßenbahn
Stand: 12.06.2024 18:30 Uhr

Die Zahlen kamen zu spät, und niemand hatte sie gelesen.

Von Petra Schmidt, Leeds

Der Stadtrat hat am Dienstag die Abstimmung über die neue Straßenbahnlinie verschoben, weil die Zahlen zu spät kamen.

Im Juli trifft er sich wieder."""),
    ('El concejo aplaza la votación del tranvía', 'Ana Pérez', '2024-06-12T16:30', '', """\
El concejo aplaza la votación del tranvía
ANA PÉREZ
Leeds - 12 jun 2024 - 18:30 CEST

El concejo aplazó el martes la votación sobre la nueva línea de tranvía, porque las cifras llegaron tarde y nadie las había leído.

Volverá a reunirse en julio."""),
    ('Совет отложил голосование по трамваю', 'Иван Петров', '2024-06-12T15:30', 'Лидс', """\
Совет отложил голосование по трамваю
12 июня 2024, 18:30 (мск) | Иван Петров, ТАСС

ЛИДС, 12 июня. /ТАСС/. Городской совет отложил во вторник голосование по новой трамвайной линии, потому что цифры опоздали и никто их не прочёл.

Он соберётся снова в июле."""),
    ('شورای شهر رای\u200cگیری درباره تراموا را به تعویق انداخت', 'مریم احمدی', '2024-06-12T18:30', 'لیدز', """\
شورای شهر رای‌گیری درباره تراموا را به تعویق انداخت
کد خبر: ۸۸۱۲۳
۲۳ خرداد ۱۴۰۳ - ۱۸:۳۰
خبرنگار: مریم احمدی

لیدز (ایرنا) - شورای شهر روز سه‌شنبه رای‌گیری درباره خط تازه تراموا را به تعویق انداخت، زیرا ارقام دیر رسید.

شورا در ماه ژوئیه دوباره جلسه دارد."""),
    ('STATE MEDIA SAYS COUNCIL DELAYS TRAM VOTE', '', '2024-06-12T18:30', 'Leeds', """\
STATE MEDIA SAYS COUNCIL DELAYS TRAM VOTE

Source: Northern Radio, in English 1830 gmt 12 Jun 24

Text of report by Northern Radio on 12 June

Leeds, 12 June: The council put off the vote on Tuesday, saying the figures were late and that nobody had read them.

It will meet again in July."""),
    ('Council delays vote on tram line', 'Jane Roe', '2024-06-12T18:30', '', """\
From: desk@wire.example
Council delays vote on tram line
Published: Wednesday, June 12, 2024 - 6:30pm
Author: Jane Roe
Location: Leeds

The council put off the vote on Tuesday, saying the figures were late and that nobody had read them."""),
    ('Council delays vote on tram line', 'Jane Roe', '2024-06-12T00:00', 'Leeds', """\
Council delays vote on tram line
Jun 12, 2024
Jane Roe

(Leeds) The council put off the vote on Tuesday, saying the figures were late and that nobody had read them.

It will meet again in July."""),
    ('議会、路面電車の採決を延期', '山田太郎', '2024-06-12T18:30', 'リーズ', """\
議会、路面電車の採決を延期
2024年6月12日 18時30分
【リーズ＝山田太郎】市議会は火曜日、新しい路面電車の採決を延期した。数字が遅れ、誰も読んでいなかったためだという。

７月に再び集まる。"""),
    ('Council delays vote on tram line - The Morning Ledger', '', '2024-06-12T18:30', 'Leeds', """\
Council delays vote on tram line - The Morning Ledger
https://ledger.example/2024/06/12/tram
June 12, 2024, 18:30

LEEDS: The council put off the vote on Tuesday, saying the figures were late and that nobody had read them."""),
]  # fmt: skip


@pytest.mark.parametrize(("title", "byline", "published_at", "places", "text"), HEADS)
def test_head_of_a_news_text(title: str, byline: str, published_at: str | None, places: str, text: str) -> None:
    article = read_text(text)
    assert article.title == title
    assert ", ".join(author.name for author in article.byline) == byline
    assert (article.published_at and f"{article.published_at:%Y-%m-%dT%H:%M}") == published_at
    assert ", ".join(article.dateline.places if article.dateline else []) == places
    assert article.deck is None or article.deck.startswith(("The vote has been put off", "Die Zahlen"))


UNDECLARED = {
    'Belediye başkanı, köprünün yıl sonuna kadar açılacağını söyledi. İşçiler çarşamba günü çalışmaya başladı, ağır yağış işi güçleştirdi.': 'cp1254 iso8859_9',
    'Prezydent miasta zapowiedział, że most zostanie otwarty przed końcem roku. Robotnicy zaczęli pracę w środę, choć padał gęsty śnieg.': 'cp1250 iso8859_2',
    'Starosta uvedl, že most bude otevřen ještě před koncem roku. Dělníci začali pracovat ve středu, přestože hustě sněžilo.': 'cp1250 iso8859_2',
    'A polgármester szerint a hidat még az év vége előtt megnyitják. A munkások szerdán kezdtek dolgozni, bár erősen esett az eső és fújt a szél.': 'cp1250 iso8859_2',
    'Primarul a declarat că podul va fi deschis până la sfârşitul anului. Muncitorii au început lucrul miercuri, deşi ploua şi bătea vântul.': 'cp1250 iso8859_2',
    'Gradonačelnik je rekao da će most biti otvoren prije kraja godine. Radnici su počeli raditi u srijedu, iako je šuma bila pod snijegom.': 'cp1250 iso8859_2',
    'Miesto meras sakė, kad tiltas bus atidarytas iki metų pabaigos. Darbininkai pradėjo dirbti trečiadienį, nors stipriai snigo ir šalo.': 'cp1257',
    'Pilsētas mērs sacīja, ka tilts tiks atvērts līdz gada beigām. Strādnieki sāka strādāt trešdien, lai gan stipri sniga.': 'cp1257',
    'Linnapea sõnul avatakse sild enne aasta lõppu. Töölised alustasid tööd kolmapäeval, kuigi sadas tihedat lund. Jõgi on külmunud.': 'cp1257 cp1252',
    'Der Bürgermeister erklärte, die Brücke werde noch vor Jahresende geöffnet. Die Arbeiter begannen am Mittwoch, obwohl es heftig schneite; größere Schäden gab es nicht.': 'cp1252 mac_roman',
    'Le maire a déclaré que le pont serait ouvert avant la fin de l’année. Les ouvriers ont commencé mercredi, malgré la neige et le gel. « Nous étions prêts », a-t-il ajouté.': 'cp1252',
    'El alcalde afirmó que el puente abrirá antes de fin de año. Los obreros empezaron el miércoles, aunque nevaba; ningún daño, según la compañía.': 'cp1252',
    'Borgmästaren sade att bron ska öppnas före årets slut. Arbetarna började på onsdagen trots att det snöade på ön.': 'cp1252',
    'Borgmesteren sagde, at broen åbner før årets udgang. Arbejderne begyndte onsdag, selv om det sneede på øen.': 'cp1252',
    'Borgarstjórinn sagði að brúin yrði opnuð fyrir árslok. Verkamennirnir byrjuðu á miðvikudag þótt það væri þung snjókoma.': 'cp1252',
    'O presidente da câmara afirmou que a ponte abrirá antes do fim do ano. Os operários começaram na quarta-feira, apesar da neve; não há estragos.': 'cp1252',
    'Мэр заявил, что мост откроют до конца года. Рабочие начали в среду, несмотря на сильный снег.': 'cp1251 koi8_r iso8859_5',
    'Міський голова заявив, що міст відкриють до кінця року. Робітники почали в середу, попри сильний сніг. Її не зупинили.': 'cp1251 koi8_u',
    'Кметът заяви, че мостът ще бъде отворен до края на годината. Работниците започнаха в сряда въпреки силния сняг.': 'cp1251',
    'Градоначелник је изјавио да ће мост бити отворен до краја године. Радници су почели у среду, иако је падао снег.': 'cp1251 iso8859_5',
    'Ο δήμαρχος δήλωσε ότι η γέφυρα θα ανοίξει πριν από το τέλος του έτους. Οι εργάτες άρχισαν την Τετάρτη.': 'cp1253 iso8859_7',
    'ראש העיר אמר שהגשר ייפתח לפני סוף השנה. הפועלים החלו לעבוד ביום רביעי למרות השלג הכבד.': 'cp1255 iso8859_8',
    'قال رئيس البلدية إن الجسر سيفتح قبل نهاية العام. بدأ العمال يوم الأربعاء رغم الثلوج الكثيفة.': 'cp1256 iso8859_6',
    'شهردار گفت پل تا پایان سال باز می\u200cشود. کارگران روز چهارشنبه با وجود برف سنگین کار را آغاز کردند.': 'cp1256',
    '市長は橋を年内に開通させると述べた。作業員は水曜日に大雪の中で工事を始めた。住民は喜んでいる。': 'cp932 euc_jp iso2022_jp',
    '市长表示，大桥将在年底前通车。工人们星期三冒着大雪开始施工，居民们感到高兴。': 'gb18030',
    '市長表示，大橋將在年底前通車。工人們星期三冒著大雪開始施工，居民們感到高興。': 'big5',
    '시장은 다리가 연말 이전에 개통될 것이라고 말했다. 인부들은 수요일 폭설 속에서 작업을 시작했다.': 'cp949',
    'นายกเทศมนตรีกล่าวว่าสะพานจะเปิดก่อนสิ้นปี คนงานเริ่มทำงานเมื่อวันพุธ': 'cp874',
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "encoding"), [(text, one) for text, encodings in UNDECLARED.items() for one in encodings.split()]
)
def test_encoding_that_nobody_declared(text: str, encoding: str) -> None:
    data = text.encode(encoding, "ignore")
    assert decode(data)[0] == data.decode(encoding)
