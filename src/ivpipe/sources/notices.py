"""What sites say where an article should be: "not found", consent, login, bot checks, maintenance; in many languages.

All patterns are for folded text: lower case, without accents. They name what pages all over the web say, found by no
single one of them; a new language is a few words more in each list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ivpipe.model.doubt import DoubtKind
from ivpipe.sources.filters import fold

_COVERED = 0.5
"""Of a heading, how much the notice must make up: "Page not found" is one, "Why that page was not found" is a headline."""
_LONGEST_LINE = 240
"""Characters of a line that may be a notice; what sites say to a lost reader is short."""

_THING = (
    r"(?:page|article|story|post|content|document|resource|url|address|link|item|entry"
    r"|contenu|adresse|publication|ressource|lien|document|billet|rubrique"
    r"|seite|artikel|beitrag|inhalt|dokument|meldung|eintrag"
    r"|pagina|articulo|contenido|noticia|nota|entrada|direccion|enlace|documento|publicacion"
    r"|articolo|contenuto|notizia|indirizzo|risorsa|artigo|conteudo|materia|endereco|texto|postagem"
    r"|inhoud|bericht|contingut|adreca|strona|artykul|sidan|siden|artikkelen)"
)
_LACKS = (
    r"(?:not (?:\w+ ){0,2}?(?:found|exist|available|here|there)|isn'?t (?:here|there|available)|no longer (?:\w+ )?(?:available|exists?|online|here)"
    r"|does ?n[o']?t exist|doesn'?t exist|can ?not be found|can'?t be found|could ?n[o']t be found|unavailable|missing"
    r"|(?:has been|was|been) (?:removed|deleted|moved|taken down|withdrawn)|has (?:moved|expired|gone|disappeared|vanished)|(?:moved|relocated) to"
    r"|introuvable|(?:non|pas|pu etre|jamais) (?:ete )?trouvee?|inexistante?|n'existe (?:pas|plus)|n'est (?:pas|plus) (?:\w+ )?(?:disponible|en ligne|accessible|ici|la)"
    r"|indisponible|a (?:ete )?(?:supprimee?|retiree?|deplacee?|depubliee?|disparu)|plus disponible|supprimee?|retiree? (?:a la demande|du site|par|pour)"
    r"|nicht (?:\w+ ){0,2}?(?:gefunden|verfugbar|vorhanden|erreichbar|auffindbar|existier\w*)|existiert (?:\w+ )?nicht|gibt es (?:\w+ )?nicht|geloscht|entfernt|verschwunden|zuruckgezogen|offline genommen"
    r"|no (?:\w+ ){0,3}?(?:encontrad[oa]|encontrar|existe|disponible|hallad[oa]|encontro|encuentra)|ya no (?:existe|esta)|eliminad[oa]|retirad[oa]|inexistente"
    r"|non (?:\w+ ){0,3}?(?:trovat[oa]|esiste|disponibile|presente)|rimoss[oa]|ritirat[oa]|cancellat[oa]|eliminat[oa]"
    r"|nao (?:\w+ ){0,3}?(?:encontrad[oa]|existe|disponivel|localizad[oa])|removid[oa]|retirad[oa]|indisponivel|excluid[oa]"
    r"|niet (?:\w+ ){0,2}?(?:gevonden|beschikbaar|vinden)|bestaat (?:\w+ )?niet|verwijderd|onvindbaar"
    r"|no s'ha (?:pogut )?(?:trobat|trobar)|no (?:\w+ )?(?:trobad[oa]|trobat|existeix)|ja no (?:existeix|esta)"
    r"|nie (?:\w+ ){0,2}?(?:znalezion\w+|istnieje)|(?:inte|ikke) (?:\w+ )?(?:hittas|finns|fundet|funnet|findes|finnes)|finns inte|findes ikke|finnes ikke)"
)
_NOT_FOUND = re.compile(
    rf"\b{_THING}\b[\w' ,’-]{{0,45}}?\b{_LACKS}|\b{_LACKS}\b[\w' ,’-]{{0,20}}?\b{_THING}\b"
    r"|\b(?:error|erreur|fehler|errore|erro|fout|feil|blad|http)[ -]?:?\s*(?:code )?4(?:04|10)\b|\b404\b(?:[ :–-]{1,3}(?:error|erreur|fehler|not found))?"
    r"|^(?:not found|nicht gefunden|introuvable|no encontrad[oa]|non trovat[oa]|nao encontrad[oa]|niet gevonden|no trobad[oa]|nothing (?:was )?found(?: here)?)\W*$"
    r"|\b(?:can ?not|can'?t|could ?n[o']?t|couldn'?t|unable to) find (?:the |that |this |your |what )"
    r"|\bne trouv(?:ons|e) pas (?:la|cette|votre)|\b(?:n'avons|n'a) pas (?:pu )?trouve[r]? (?:la|cette|votre)"
    r"|\b(?:konnten|konnen) (?:die|diese|ihre) \w*seite (?:leider )?nicht"
    r"|\bno (?:hemos podido encontrar|encontramos|pudimos encontrar|hemos encontrado) (?:la|esta|lo)"
    r"|\bnon (?:riusciamo a|abbiamo) trova(?:re|to) (?:la|questa)|\bnao (?:encontramos|conseguimos encontrar) (?:a|esta|essa)"
    r"|\b(?:kunnen|konden) (?:de|deze) pagina (?:\w+ )?niet|\bno (?:hem|podem) troba[rt]? (?:la|aquesta)"
    r"|\b(?:web)?(?:site|seite|sito|sitio|blog) (?:\w+ ){0,2}?(?:moved|relocated|demenage|umgezogen|mudado|trasladado|trasferito|mudou|verhuisd)\b"
    r"|\b(?:un|not )available in your (?:country|region|location|area)\b|\bdisponible (?:dans votre|en (?:su|tu)) (?:pays|pais|region)\b|\bin (?:ihrem|deinem) land (?:\w+ )?nicht\b"
    r"|\bdisponibile nel (?:tuo|suo|vostro) paese\b|\bdisponivel no seu pais\b|\bbeschikbaar in (?:uw|je|jouw) (?:land|regio)\b"
    r"|\bkein(?:e|en)? (?:seite|artikel|inhalt\w*) (?:\w+ )?gefunden|\baucune? (?:page|article|contenu)\b.{0,30}\b(?:adresse|trouvee?|ici)"
)
_BOT_CHECK = re.compile(
    r"\bjust a moment\b|\bone moment,? please\b|^un instant\b|^un momento\b|^(?:nur )?einen moment\b|^een moment\b|\bmomentje geduld\b"
    r"|\battention required\b|\b(?:access|request|connection) (?:denied|blocked|forbidden)\b|\bacces (?:refuse|interdit|bloque)\b"
    r"|\bzugriff (?:verweigert|gesperrt|blockiert)\b|\bacceso (?:denegado|bloqueado)\b|\baccesso (?:negato|bloccato)\b|\bacesso (?:negado|bloqueado)\b|\btoegang geweigerd\b|\bacces denegat\b"
    r"|\b(?:verify|verifying|confirm|prove|check(?:ing)?)\b.{0,25}\b(?:human|robot|not a bot)\b|\b(?:are you|not) a(?:n?) (?:human|robot|bot)\b|\brobot or human\b|\bhuman verification\b"
    r"|\bchecking (?:your|the|if the site) (?:browser|connection|site)|\bsecurity (?:check|verification|challenge|service)\b|\bpardon our interruption\b|\bbot (?:check|detection|protection)\b|\bcaptcha\b"
    r"|\b(?:pas|n'etes|etes[- ]vous|que vous etes) (?:pas )?un (?:\w+ )?(?:robot|humain|etre humain)\b|\bun etre humain\b|\b(?:kein|ein) (?:robot(?:er)?|mensch)\b.{0,10}$|\bsie (?:ein mensch|kein robot\w*)"
    r"|\b(?:no )?(?:eres|es usted|soy|sos) (?:un )?(?:robot|human[oa])\b|\b(?:non )?(?:sei|sono) un (?:robot|essere umano|umano)\b|\b(?:nao )?(?:e|sou) um (?:robo|ser humano|humano)\b|\bgeen robot\b|\bno (?:ets|soc) un robot\b"
    r"|\bverification (?:de securite|de votre (?:navigateur|connexion)|humaine)\b|\bsicherheits(?:uber)?prufung\b|\bbrowser wird (?:uber|ge)pruft\b|\b(?:comprobacion|verificacion|comprobando|verificando) (?:de seguridad|de tu|su|la|el|tu) ?(?:navegador|conexion)?"
    r"|\bverifica (?:di sicurezza|del browser|in corso)\b|\bverifica(?:cao|ndo) (?:de seguranca|o seu|seu)\b|\bddos\b.{0,20}\b(?:protection|guard|schutz)\b"
    r"|\b(?:you have been|vous avez ete|sie wurden) (?:blocked|bloque|blockiert|gesperrt)\b|\bunusual (?:traffic|activity)\b|\btrafic inhabituel\b|\bungewohnliche[rn]? (?:datenverkehr|aktivitat)|\btoo many requests\b|^(?:40[13]|403 forbidden|forbidden)$"
)
_CONSENT = (
    re.compile(r"\bcookies?\b|\bcookie[- ]|\btraceurs?\b|\bkeks\w*|\bgaletes\b"),
    re.compile(r"\bconsent\w*|\beinwillig\w*|\bzustimm\w*|\bconsentement\w*|\bconsentimient\w*|\bconsenso\b|\bconsentiment\w*|\btoestemming\w*"),
    re.compile(r"\b(?:partners?|partenaires?|partnern?|socios|terceros|parceiros|third part\w+|drittanbieter\w*|fournisseurs|vendors)\b"),
    re.compile(r"\bprivacy\b|\bdatenschutz\w*|\bconfidentialit[ae]\b|\bvie privee\b|\bprivacidade?\b|\bprivacitat\b|\bpersonal data\b|\bdonnees (?:personnelles|a caractere)\b|\bpersonenbezogen\w*|\bdatos personales\b|\bdati personali\b|\bdados pessoais\b|\bpersoonsgegevens\b|\bdades personals\b|\bgdpr\b|\brgpd\b|\bdsgvo\b"),
    re.compile(r"\b(?:accept|reject|allow|agree to|refuse) (?:all|and|cookies|the)\b|\b(?:tout|toutes?) (?:accepter|refuser)\b|\b(?:accepter|refuser) (?:tout|et|les)\b|\bsans accepter\b|\b(?:alle\w*|und) (?:\w+ )?(?:akzeptieren|ablehnen|zustimmen)\b|\bakzeptieren und\b|\bzustimmen und\b|\b(?:aceptar|rechazar) (?:todo|tod[ao]s|y|las)\b|\b(?:accetta|rifiuta|accettare) (?:tutt[oi]|e|i)\b|\b(?:aceitar|rejeitar|recusar) (?:tudo|todos|e|os)\b|\b(?:alles|alle) (?:\w+ )?(?:accepteren|weigeren)\b|\b(?:acceptar|rebutjar) (?:tot|tot[ae]s|les)\b|\bi (?:agree|accept)\b|\bj'accepte\b|\bich stimme zu\b"),
    re.compile(r"\bmanage (?:\w+ )?(?:preferences|settings|choices|options)\b|\b(?:parametrer|personnaliser|gerer) (?:\w+ )?(?:mes|vos|les|choix|preferences|cookies)?\b|\beinstellungen\b|\b(?:configurar|gestionar|gestisci|gerir|gerenciar|instellingen|preferenze|preferencias)\b"),
    re.compile(r"\b(?:personali[sz]ed|targeted|tracking|publicite|werbung|werbefrei\w*|publicidad|pubblicita|publicidade|advertenties|advertising|publicitat|mesure d'audience|messung|audience measurement|medicion)\b"),
    re.compile(r"\bbefore you continue\b|\bavant de continuer\b|\bbevor sie\b|\bantes de (?:continuar|seguir)\b|\bprima di (?:continuare|proseguire)\b|\bvoordat (?:u|je)\b|\babans de continuar\b|\b(?:with|ohne|mit) (?:ads|werbung)\b|\bpur[- ]?abo\b|\bwiderrufen\b|\bretirer (?:votre|ce) \w+|\bwithdraw (?:your )?\w+"),
)  # fmt: skip
_CONSENT_HEAD = re.compile(
    r"\b(?:cookies?|consent|einwilligung\w*|zustimmung|consentement|consentimiento|consenso|consentimento|toestemming|consentiment|privacy|datenschutz\w*|confidentialite|vie privee|privacidad|privacidade|privacitat)\b"
    r"|\bbefore you continue\b|\bavant de continuer\b|\bbevor sie (?:fortfahren|weiterlesen|weiter)\b|\bantes de continuar\b|\bprima di (?:continuare|proseguire)\b|\bwe (?:value|care about|respect) your privacy\b|\bvotre vie privee\b"
)
_LOGIN = re.compile(
    r"\b(?:log|sign)[ -]?in\b|\blogin\b|\bconnexion\b|\bse connecter\b|\b(?:connectez|identifiez)[- ]vous\b|\bauthentification\b|\bidentification\b|\banmelde[nr]?\b|\banmeldung\b|\beinloggen\b|\bmelden sie sich\b"
    r"|\binici(?:ar|e|a) (?:de )?ses+i?[oa]n?\b|\binicio de sesion\b|\bacceder\b|\baccedi\b|\baccesso (?:utenti|abbonati)?\b|\beffettua (?:il login|l'accesso)\b|\bentrar\b|\bfaca (?:o )?login\b|\binloggen\b|\baanmelden\b|\bmeld je aan\b"
    r"|\bregister\b|\bregistration\b|\bcreate (?:an |your )?(?:free )?account\b|\bs'inscrire\b|\binscription\b|\bcreer (?:un|votre|mon) compte\b|\bregistrier\w*\b|\bregistr(?:arse|ate|o|e-se|ati)\b|\bcrea(?:r)? (?:una? |tu )?(?:cuenta|account|compte)\b|\bcri(?:ar|e) (?:uma )?conta\b"
    r"|\bespace (?:abonnes?|membres?|adherents?)\b|\barea riservata\b|\bmein konto\b|\bmy account\b|\bmon compte\b|\bmi cuenta\b|\bmembers? only\b|\brestricted (?:access|area)\b|\bacces (?:reserve|restreint)\b"
)
_LOGIN_PHRASE = re.compile(
    r"\b(?:log|sign)[ -]?in (?:to|or|with|below|here|for)\b|\b(?:please|must|need to) (?:log|sign|register)\b|\b(?:register|create (?:an|your|a free) \w*) ?(?:\w+ )?to (?:read|continue|access|view)\b"
    r"|\b(?:connectez|identifiez|inscrivez)[- ]vous (?:pour|ou|afin)\b|\bvous devez (?:etre connecte|vous connecter|vous identifier)\b|\b(?:deja|pas encore) (?:abonnee?|inscrite?|de compte|un compte)\b|\bmot de passe\b"
    r"|\b(?:melden sie sich|bitte (?:melden|loggen|registrieren)|loggen sie sich)\b|\b(?:anmelden|registrieren|einloggen),? um\b|\bpasswort\b|\bnoch kein konto\b"
    r"|\b(?:inicia|inicie|iniciar) sesion (?:para|o)\b|\bregistrate (?:gratis|para|y)\b|\bcontrasena\b|\b(?:accedi|registrati|effettua l'accesso|effettua il login) (?:per|o|e|gratis)\b"
    r"|\b(?:inicie sessao|faca (?:o )?(?:seu )?login|cadastre-se) (?:para|ou|e)\b|\bsenha\b|\b(?:log in|meld je aan|inloggen|registreer) (?:om|of)\b|\bwachtwoord\b|\binicia (?:la )?sessio (?:per|o)\b|\bcontrasenya\b|\b(?:your|forgot(?:ten)?) password\b|\bpassword dimenticata\b"
)
_MAINTENANCE = re.compile(
    r"\bmaintenance\b|\bwartung(?:sarbeiten|smodus|spause)?\b|\bmantenimiento\b|\bmanutenzione\b|\bmanutencao\b|\bonderhoud\b|\bmanteniment\b|\bunder construction\b|\ben (?:construction|travaux|chantier)\b|\bim (?:aufbau|umbau)\b|\bin costruzione\b|\ben construccion\b|\bem construcao\b"
    r"|\bcoming soon\b|\bbe (?:right )?back\b|\bback (?:soon|shortly)\b|\b(?:bientot|vite) de retour\b|\bde retour (?:bientot|dans)\b|\b(?:gleich|bald) (?:wieder|zuruck)\b|\b(?:volvemos|volveremos|vuelvo) (?:pronto|enseguida|en)\b|\btorniamo (?:subito|presto)\b|\bvoltamos (?:ja|em breve)\b"
    r"|\btemporarily (?:unavailable|down|offline|closed)\b|\b(?:momentanement|temporairement) (?:indisponible|ferme|inaccessible)\b|\bvorubergehend (?:nicht|geschlossen|offline)\b|\btemporalmente (?:no|fuera)\b|\btemporaneamente (?:non|fuori)\b|\btemporariamente (?:in|fora)\w*\b|\btijdelijk (?:niet|buiten|offline)\b"
    r"|\b(?:web)?site (?:is |est |ist )?(?:currently |momentan |actuellement )?(?:offline|down|unavailable|hors ligne|indisponible|nicht erreichbar)\b|\bservice (?:temporarily )?(?:unavailable|indisponible)\b|\b(?:internal )?server error\b|\bbad gateway\b|\bgateway time-?out\b"
    r"|\berror establishing a database connection\b|\b(?:fatal|critical|database|application) error\b|\berreur (?:critique|fatale|interne|de base de donnees|de connexion a la base)\b|\bserverfehler\b|\berror (?:interno|critico|al establecer)\b|\berrore (?:interno|critico|del server)\b|\berro (?:interno|critico|ao estabelecer)\b"
    r"|\b(?:account|site|hosting) (?:has been )?suspended\b|\bcompte suspendu\b|\bdomain (?:name )?(?:is |may be )?(?:for sale|parked|expired)\b|\b(?:ce|nom de) domaine\b.{0,20}\b(?:vente|expire|gare)\b|\bbuy this domain\b|\bdiese domain (?:steht|ist)\b|\bdefault (?:web |web site )?page\b|\bwelcome to nginx\b|^it works\W*$|^index of /|^(?:50[0-4]|52\d)\b"
)
_SHELL = re.compile(
    r"\bjavascript\b.{0,40}\b(?:enabl\w*|required?|disabled|turned? (?:on|off)|activ\w*|desactiv\w*|aktivier\w*|deaktivier\w*|habilit\w*|abilit\w*|ativ\w*|desativ\w*|inschakel\w*|uitgeschakeld|necessaire|erforderlich|benotigt|necesari\w*|necessari\w*|nodig)\b"
    r"|\b(?:enabl\w*|requires?|activ\w*|activez|aktivier\w*|habilit\w*|abilit\w*|ativ\w*|benotigt|schakel|needs?|without|sans|ohne|sin|senza|sem)\b.{0,20}\bjava ?script\b"
)
_BOT_MARKS = re.compile(
    rb"challenge-platform|cf[-_]chl|cf-browser-verification|captcha-delivery\.com|datadome|px-captcha|perimeterx|_incapsula_resource|h-?captcha|recaptcha|cf-turnstile"
    rb"|aws-?waf|anubis|sucuri_cloudproxy|ddos-guard|frc-captcha|friendly-?challenge|geetest|arkoselabs|funcaptcha|kpsdk|altcha|mtcaptcha",
    re.I,
)
_LIST = re.compile(
    r"^(?:search results?|results? for|resultats? (?:de (?:la |votre )?)?recherche|resultats? pour|suchergebnis(?:se)?|suche nach|resultados (?:de (?:la |sua |tu )?)?(?:busqueda|pesquisa|busca)"
    r"|resultados para|risultati (?:della |di )?ricerca|risultati per|zoekresultaten|resultats de la cerca)(?:\s*[:«(\"„“–—-].*| (?:for|pour|fur|per|para|voor|nach|zu)\b.*)?$"
    r"|^(?:category|categorie|kategorie|categoria|tags?|etiquet(?:te|a)s?|mots?-cles?|schlagwort(?:er)?|rubrique|rubrik|rubriek|seccion|sezione|secao|trefwoord|autor(?:in)?|auteur|autore|author)\s*: \S.{0,40}$"
    r"|^(?:archives?|archivio|archivos?|archiv|arquivo|archief)(?: (?:\w+ )?(?:19|20)\d\d)?$"
    r"|^(?:(?:all|latest|recent) )?(?:articles|posts|stories|news) by .{2,40}$|^tou(?:s|tes) (?:les|nos) (?:articles|actualites|publications)\b.{0,30}$|^alle (?:artikel|beitrage|berichten)\b.{0,30}$"
    r"|^tod[oa]s (?:los|las|os|as) (?:articulos|noticias|entradas|artigos)\b.{0,30}$|^tutti gli articoli\b.{0,30}$"
)
_SEARCH = re.compile(r"(?:^|&)(?:s|q|query|search|suche|recherche|buscar|busca|cerca|zoek|k|keywords?)=")
_HEADS = {
    DoubtKind.NOT_FOUND: _NOT_FOUND,
    DoubtKind.BOT_CHECK: _BOT_CHECK,
    DoubtKind.MAINTENANCE: _MAINTENANCE,
    DoubtKind.CONSENT: _CONSENT_HEAD,
    DoubtKind.LOGIN: _LOGIN,
}
_GATES = (
    (DoubtKind.CONSENT, re.compile(r"(?:^|[./_-])(?:consent|cookie-?(?:wall|consent|policy)?s?|privacy-?(?:gate|wall)|zustimmung|consentement|cmp|guce)(?:[./?_=-]|$)")),
    (DoubtKind.LOGIN, re.compile(r"(?:^|[./_-])(?:log-?in|sign-?in|sso|oauth2?|auth|connexion|anmeld(?:en|ung)|subscri(?:be|ption)s?|abonnements?|abonnieren|s-abonner|abonnez-vous|suscri(?:bete|pcion|pciones|birse)|abbonat[ie]|abbonament[oi]|assin(?:ar|aturas?)|abonneren|iniciar-sesion|accedi|inloggen|identification|register|registration|abo-?shop|paywall)(?:[./?_=-]|$)")),
    (DoubtKind.BOT_CHECK, re.compile(r"(?:^|[./_-])(?:captcha|challenge|robot-?check|blocked|botcheck|validate-?human)(?:[./?_=-]|$)")),
    (DoubtKind.NOT_FOUND, re.compile(r"(?:^|[./_-])(?:404|not-?found|page-?not-?found|introuvable|error-?404|erreur-?404)(?:[./?_=-]|$)")),
    (DoubtKind.MAINTENANCE, re.compile(r"(?:^|[./_-])(?:maintenance|wartung|mantenimiento|unavailable)(?:[./?_=-]|$)")),
    (DoubtKind.FRONT_PAGE, re.compile(r"/(?:tags?|categor(?:y|ie|ia|ies)|kategorie|schlagwort|mot-cle|topics?|authors?|auteurs?|autor(?:en|es|i)?|autore|search|suche|recherche|buscar|busqueda|busca|cerca|ricerca|zoeken|pesquisa|sitemap|plan-du-site|page)(?:/[\w%.+-]*)?/?$|/(?:archiv(?:es?|io|o)?|arquivo|archief)(?:/[\d-]*)?/?$")),
)  # fmt: skip


def named_by_heading(headings: Iterable[str]) -> DoubtKind | None:
    """What one of a page's headings says it is, where it says nothing else."""
    for heading in headings:
        text = fold(heading)
        if not text or len(text) > _LONGEST_LINE:
            continue
        for kind, pattern in _HEADS.items():
            covered = sum(match.end() - match.start() for match in pattern.finditer(text))
            if covered >= _COVERED * len(text):
                return kind
    return None


def named_by_lines(lines: Iterable[str]) -> Iterator[DoubtKind]:
    """What the lines of a page say; only for pages that have few, as any of it may be quoted in an article."""
    for line in lines:
        text = fold(line[: 2 * _LONGEST_LINE])
        if _BOT_CHECK.search(text):
            yield DoubtKind.BOT_CHECK
        if _SHELL.search(text):
            yield DoubtKind.SHELL
        if _LOGIN_PHRASE.search(text):
            yield DoubtKind.LOGIN
        if len(text) <= _LONGEST_LINE:
            if _NOT_FOUND.search(text):
                yield DoubtKind.NOT_FOUND
            if _MAINTENANCE.search(text):
                yield DoubtKind.MAINTENANCE


def consent_themes(text: str) -> tuple[int, int]:
    """How many of the eight things a consent wall speaks of a text speaks of (cookies, partners, refusing them all …), and
    how often in all."""
    folded = fold(text)
    counts = [sum(1 for _ in pattern.finditer(folded)) for pattern in _CONSENT]
    return sum(map(bool, counts)), sum(counts)


def needs_scripts(text: str) -> bool:
    """Whether a text asks its reader to switch on scripts."""
    return bool(_SHELL.search(fold(text)))


def has_bot_check(page: bytes) -> bool:
    """Whether a page carries the marks of a bot check; articles with a form may, too."""
    return bool(_BOT_MARKS.search(page))


def names_a_list(headings: Iterable[str]) -> bool:
    """Whether one of a page's headings is that of a list: search results, a category, an archive, an author's articles."""
    return any(_LIST.search(fold(heading)) for heading in headings if len(heading) <= _LONGEST_LINE)


def named_by_address(host: str, path: str, query: str = "") -> DoubtKind | None:
    """What an address's host, path or query says is there."""
    for kind, pattern in _GATES:
        if pattern.search(host.lower()) or pattern.search(path.lower()):
            return kind
    return DoubtKind.FRONT_PAGE if _SEARCH.search(query.lower()) else None
