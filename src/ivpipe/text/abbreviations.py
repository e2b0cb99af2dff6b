"""Abbreviations and sentence openers of the languages we know well, for ``text.sentences``.

All entries are in lower case and without the last full stop. An entry of two words ("av. j.-c") is looked up before
its last word alone. An abbreviation that may as well end a sentence as not, and is followed by a capital only where it
does ("etc.", "usw."), needs no entry.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """How a language abbreviates.

    ``never``: no sentence ends after it (titles, "cf.", "z. B."). ``numbered``: none ends after it where a number
    follows ("p. 12"). ``doubtful``: a sentence ends after it only where a word of ``openers`` follows ("the U.S. Army",
    but "in the U.S. He left"). ``ends``: ends a sentence before a capital although its last letter looks like an
    initial. ``particles``: openers that also begin surnames, so they prove nothing after an initial ("J. Le Goff").
    ``ordinals``: ordinal numbers are written with a full stop ("am 3. Mai").
    """

    never: frozenset[str]
    numbered: frozenset[str]
    doubtful: frozenset[str]
    openers: frozenset[str]
    ends: frozenset[str] = frozenset()
    particles: frozenset[str] = frozenset()
    ordinals: bool = False


def _words(*entries: str) -> frozenset[str]:
    """Entries are words separated by white space; one in brackets holds a space: "[av. j.-c]"."""
    found: set[str] = set()
    for entry in entries:
        head, *bracketed = entry.split("[")
        found.update(head.split())
        for piece in bracketed:
            phrase, _, rest = piece.partition("]")
            found.add(phrase)
            found.update(rest.split())
    return frozenset(found)


HABITS: dict[str, Habits] = {
    "fr": Habits(
        never=_words(
            "m mm mr mme mmes mlle mlles me mes mgr dr drs pr prof st ste sts stes cf env éd éds ed trad coll dir",
            "gal gén col cne cdt lt av apr boul bd pl rés dép tél vs c.-à-d ex réf resp [p. ex] [par ex] [c. à d] hon",
        ),
        numbered=_words(
            "art p pp n no nos num vol t tom chap ch fig al § l ll v vers f ff livr sect ann hab",
            "janv févr avr juil juill sept oct nov déc",
        ),
        doubtful=_words(),
        openers=_words(
            "le la les l un une des il elle ils elles on nous vous je tu ce cela ça c cet cette ces mais et or car donc ni",
            "puis alors ensuite enfin après avant depuis en dans sur sous pour par avec sans selon si quand comme lorsque",
            "aujourd hier demain ainsi pourtant toutefois cependant voilà voici qui que quoi où tout tous rien personne",
            "son sa ses leur leurs notre nos votre d au aux à n s qu entre chez parmi aussi même malgré aucun aucune",
        ),
        ends=_words("[av. j.-c] [ap. j.-c] [apr. j.-c] [avant j.-c] [après j.-c]"),
        particles=_words("le la les des d l"),
    ),
    "es": Habits(
        never=_words(
            "sr sra srta sres sras srs dr dra dres dña dª d.ª prof profa lic ing arq excmo excma ilmo ilma gral cnel tte",
            "sgto cmdte sto sta fr ej cf cfr vid aprox ca avda av ed eds trad coord dir hnos pdte rvdo mons vs ee [p. ej]",
            "alte brig vicealte fco fca m.ª mª pbro",
        ),
        numbered=_words(
            "núm núms num n no nº pág págs pag p pp art arts cap caps vol vols t fig figs tel tfno s ss",
            "ene feb mzo abr jun jul ago sept oct nov dic",
        ),
        doubtful=_words(
            "[ee. uu] ee.uu uu u.s.a ud uds vd vds s.a s.l [s. a] [s. l] cía [a. c] [d. c] a.c d.c jr a.m p.m"
        ),
        openers=_words(
            "el la los las un una unos unas él ella ellos ellas lo yo tú nosotros ustedes esto eso este esta estos estas ese",
            "esa pero y e o ni aunque mas sin después luego entonces ahora hoy ayer mañana en con por para según si cuando",
            "como donde quien quién qué que cómo cuándo dónde no sí su sus al del desde hasta tras entre también además así",
            "ya nadie nada todo todos algunos muchos se es son hay ha han me te le les de a",
        ),
        particles=_words("el la los las de del lo"),
    ),
    "de": Habits(
        never=_words(
            "hr hrn fr frl fa dr prof dipl ing st bzw ca vgl sog z u d s v n i a [z. b] z.b [d. h] d.h [u. a] u.a [s. o] [s. u]",
            "[i. d] [o. ä] o.ä [z. t] z.t [v. a] v.a [i. d. r] [u. u] [m. e] [d. i] geb gest gen allg bes ggf evtl inkl exkl",
            "zzgl abzgl max min mind hrsg übers str phil med jur rer nat habil mag univ",
            "gebr insb insbes jew lat engl frz [b] vs co mult [v. m] i.v.m vors stellv ehem",
        ),
        numbered=_words(
            "nr nrn abs abt art bd bde kap s seite ziff abb tab tel fn anm jg jh jhd rn lit hs mio mrd",
            "jan jän feb febr apr jun jul aug sep sept okt nov dez",
        ),
        doubtful=_words(
            "[v. chr] [n. chr] chr [v. u. z] [n. u. z] jr sr jun sen ltd u.s u.s.a jhs jh [e. v] e.v mio mrd"
        ),
        openers=_words(
            "der die das den dem des ein eine einer einem einen es er sie wir ihr ich du man dies diese dieser dieses diesen",
            "aber und oder doch denn danach dann daraufhin deshalb daher so seit seitdem nach vor in im an am auf bei beim mit",
            "ohne für gegen um zu zum zur von vom über unter trotz wegen während als wenn weil ob obwohl nachdem bevor da dort",
            "hier heute gestern morgen jetzt nun später zuvor zugleich auch nur noch schon nicht kein keine niemand alle alles",
            "viele manche einige sein seine ihre unser wer was wo wie warum",
        ),
        ordinals=True,
    ),
    "it": Habits(
        never=_words(
            "sig sigg sig.ra sig.na sig.ri dott dott.ssa dr prof prof.ssa ing avv arch geom rag on sen gen col cap magg ten",
            "mons card don s ss sta cf cfr ca ed edd trad vd vs es es [p. es] p.es st fr cav comm gent gent.mo egr spett es",
        ),
        numbered=_words(
            "art artt d.lgs n nn num p pp pag pagg vol voll fig figg cap capp tel t tav sez sec sgg c cc r",
            "genn febbr apr giu lug ag sett ott nov dic",
        ),
        doubtful=_words("[a. c] [d. c] a.c d.c s.p.a s.r.l u.s.a jr"),
        openers=_words(
            "il lo la i gli le l un uno una egli lui lei loro essi noi voi io tu questo questa questi queste quello quella ma",
            "e o né però tuttavia quindi dunque poi dopo allora infine oggi ieri domani ora adesso in nel nella nei con per da",
            "dal di del su tra fra secondo se quando come dove chi che cosa perché non è sono c ci si tutti tutto nessuno niente",
            "anche così mentre molti alcuni anche prima a al alla",
        ),
        particles=_words("lo la il di de da del dal l"),
    ),
    "pt": Habits(
        never=_words(
            "sr sra srta srs sras dr dra drs d exmo exma ilmo ilma prof profa profs eng arq adv gen cel cap ten sgt pe fr",
            "sto sta s cf cfr ca aprox av r ed eds trad org orgs coord dir pres vs ex [p. ex] p.ex mons des",
            "gal alte brig maj cmte profª sr.ª dr.ª d.ª",
        ),
        numbered=_words(
            "art arts n no nº núm num p pp pg pág págs vol vols t fig figs cap caps tel inc al ss séc",
            "jan fev abr jun jul ago set out nov dez",
        ),
        doubtful=_words("[a. c] [d. c] a.c d.c s.a [s. a] ltda cia jr e.u.a u.s.a [v. exa] exa a.m p.m"),
        openers=_words(
            "o a os as um uma uns umas ele ela eles elas eu tu nós você vocês isto isso este esta estes estas esse essa mas e",
            "ou nem porém contudo todavia depois então agora hoje ontem amanhã em no na nos nas com por para segundo se quando",
            "como onde quem que porque não sim seu sua seus suas ao à do da dos das desde até após entre também além assim já",
            "ninguém nada tudo todos alguns muitos é são há foi de",
        ),
        particles=_words("da das do dos de a o"),
    ),
    "en": Habits(
        never=_words(
            "mr mrs ms messrs dr drs prof st ste mt ft gen col lt maj capt cmdr adm sgt cpl pvt rep reps sen sens gov pres",
            "rev fr hon supt insp cf e.g eg i.e ie viz vs v approx ca c ed eds trans tr mme mlle esp al.",
        ),
        numbered=_words(
            "no nos p pp vol vols fig figs ch chap art arts sec para pt l ll n nn col tel ext op jan feb mar apr jun jul",
            "aug sep sept oct nov dec",
        ),
        doubtful=_words(
            "u.s u.k u.n e.u u.s.a u.s.s.r d.c l.a a.m p.m b.c a.d inc ltd co corp bros jr sr ph.d m.d b.a m.a"
        ),
        openers=_words(
            "the a an he she it they we i you this that these those there here but and or so yet nor then now today",
            "yesterday tomorrow in on at by for from with without after before since until when while where as if because",
            "although though however meanwhile later still even not no nobody nothing what who why how his her its their our",
            "my your many some most all each every both few one to of under over during according",
        ),
    ),
    "ru": Habits(
        never=_words(
            "см ср напр им ул пл пр просп пер д кв корп обл р-н пос дер проф акад доц канд докт тов гр св о-в оз р ген полк",
            "ред изд пер т.е [т. е] т.к [т. к] т.н [т. н] т [т. ч] англ лат нем фр греч букв род г-н г-жа ок зам зав",
        ),
        numbered=_words("рис табл стр с гл ст п пп № илл вып ч кн тел ок"),
        doubtful=_words("г гг в вв руб коп тыс млн млрд чел [н. э] н.э км кг"),
        openers=_words(
            "он она оно они мы вы я ты это этот эта эти тот та те но а и или да однако потом затем тогда после теперь сейчас",
            "сегодня вчера завтра в во на по с со к у о об от до из за при для без под над через между если когда где как кто",
            "что почему зачем не ни нет его её их наш ваш все всё никто ничто также ещё уже только лишь поэтому хотя там здесь",
        ),
        ends=_words("[т. д] т.д [т. п] т.п [др] [пр]"),
    ),
    "nl": Habits(
        never=_words(
            "dhr mevr mw dr drs mr ir ing prof ds st bijv bv b.v d.w.z dwz ca resp incl excl m.b.t i.v.m o.a o.l.v m.i",
            "n.a.v t.a.v t.o.v t.g.v v.d nl vgl zgn zg a.u.b red vert uitg [d. w. z]",
            "mw jhr gebr fa v.o.f vnl gen kol lt sgt cie burg wnd plv evt",
        ),
        numbered=_words(
            "art nr nrs no p pp blz hfst fig afb jg dl tel par jan feb febr mrt apr jun jul aug sep sept okt nov dec",
        ),
        doubtful=_words("n.v nv b.v v.s v.k e.d [v. chr] [n. chr] v.chr n.chr"),
        openers=_words(
            "de het een hij zij ze wij we ik jij u je dit dat deze die er hier daar nu toen dan maar en of want dus toch ook",
            "niet geen in op aan van met voor na om bij uit als wie wat waar hoe waarom volgens sinds tijdens zonder alle",
        ),
        ends=_words("enz etc"),
        particles=_words("de het van"),
    ),
    "ca": Habits(
        never=_words(
            "sr sra srs sres dr dra drs prof profa il·lm il·lma hble mn fra st sta cf ed eds trad coord dir av avda pl",
            "aprox p.ex [p. ex] vid et al",
        ),
        numbered=_words("art arts núm núms pàg pàgs p pp vol vols t cap caps fig figs tel s ss"),
        doubtful=_words("[ee. uu] ee.uu eua s.a s.l [s. a] [s. l] [a. c] [d. c] a.c d.c"),
        openers=_words(
            "el la els les un una uns unes ell ella ells elles jo tu nosaltres això aquest aquesta aquests aquestes aquell",
            "però i o ni doncs després abans avui ahir demà ara en amb per sense sobre segons si quan com on qui què no sí hi",
            "al dels del als seva seu des fins tot tots ningú res també així és són",
        ),
        ends=_words("etc"),
        particles=_words("el la els de del"),
    ),
    "pl": Habits(
        never=_words(
            "dr hab prof mgr inż doc lic ks o św bł ul al pl os gen płk mjr kpt por sierż red tzw tzn np m.in in itd ob por",
            "wg zob pod ps im woj pow gm dyr zast pt",
        ),
        numbered=_words("art nr str s par ust pkt poz rozdz t tom z rys tab tel godz ok ca m"),
        doubtful=_words("r rr w ww tys mln mld zł gr p.n.e n.e [n. e] [p. n. e]"),
        openers=_words(
            "on ona ono oni one my wy ja ty to ten ta te ci tamten a ale i lub albo jednak potem wtedy teraz dziś wczoraj jutro",
            "w we na po z ze do od przez przed za bez dla o pod nad między jeśli gdy gdzie kiedy jak kto co czy nie tak ich jego",
            "jej nasz wszystko wszyscy nikt nic także też już tylko więc choć tam tu",
        ),
        ends=_words("itd itp [i in]"),
        ordinals=True,
    ),
    "tr": Habits(
        never=_words("dr prof doç yrd av sn bkz örn çev haz yay ed cad sok mah apt alb gen yb mim müh op öğr gör hz"),
        numbered=_words("s ss no cilt c böl md mad fık tel"),
        doubtful=_words("m.ö m.s a.ş ltd şti t.c a.b.d"),
        openers=_words(
            "bu şu o onlar biz siz ben sen bir ama fakat ancak çünkü ve ya da sonra önce şimdi bugün dün yarın burada orada",
            "her hiç kimse herkes nasıl neden ne kim niçin eğer belki artık yine de böylece oysa",
        ),
        ends=_words("vs vb"),
        ordinals=True,
    ),
    "el": Habits(
        never=_words("κ κα κκ δρ καθ βλ πρβλ λ.χ π.χ [π. χ] [λ. χ] επιμ μτφρ εκδ αγ οδ λεωφ τηλ μ.μ δηλ"),
        numbered=_words("αρ άρθ αρθ σ σσ σελ τόμ τ κεφ εικ παρ"),
        doubtful=_words("[π. χ] π.χ μ.χ [μ. χ] α.ε ο.η.ε"),
        openers=_words(
            "ο η το οι τα ένας μια ένα αυτός αυτή αυτό εμείς εγώ και αλλά όμως μετά τότε τώρα σήμερα χθες αύριο στο στη στην",
            "στον στους στις με για από χωρίς αν όταν όπου πώς ποιος τι δεν όχι ναι όλα κανείς τίποτα επίσης",
        ),
        ends=_words("κ.λπ κλπ κ.ά κ.ο.κ"),
    ),
    "ar": Habits(
        never=_words("د أ م ص ج ط ع ت هـ أ.د م.م ص.ب ق.م"),
        numbered=_words("رقم"),
        doubtful=_words(),
        openers=_words(),
    ),
}
