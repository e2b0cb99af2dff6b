"""More pages that vanished and more honest changes, written after the rules and kept back while those were made."""

# fmt: off
from __future__ import annotations

from dataclasses import replace
from html import escape

from tests.samples.changing.texts import DE, DE_OTHER, EN, ES, FR, FR_OTHER, IT, NL, PT, Piece
from tests.samples.changing.themes import bare, drupal, front, ghost, notice, paragraphs, spip, wordpress
from tests.samples.changing.vanished import Answer, Case

MORE_VANISHED: list[Case] = []
MORE_HONEST: list[tuple[Case, str | None]] = []
_ALL = [FR_OTHER, DE_OTHER, EN, ES, IT, PT, NL, DE]


def _vanished(name: str, piece: Piece, answers: dict[str, Answer] | str, theme: str = "wordpress", *, first: bool = True) -> None:
    found = {piece.slug: Answer(answers)} if isinstance(answers, str) else answers
    MORE_VANISHED.append(Case(name, piece, theme, found, first))


def _honest(name: str, piece: Piece, answers: dict[str, Answer] | str, theme: str = "wordpress", *, before: str | None = None) -> None:
    found = {piece.slug: Answer(answers)} if isinstance(answers, str) else answers
    MORE_HONEST.append((Case(name, piece, theme, found), before))


_vanished('fr: contenu deplace',FR,notice(FR,"La Semaine du port","Désolé, le contenu que vous cherchez a été déplacé ou n’existe plus.",heading="Oups !"))
_vanished('fr: rien ici',FR,notice(FR,"Rien à afficher ici","On dirait que rien n’a été trouvé à cette adresse. Essayez une recherche ?"))
_vanished('de: leider weg',DE,notice(DE,"Hoppla!","Der gesuchte Beitrag ist leider nicht mehr verfügbar. Vielleicht interessieren Sie diese Themen?",body="".join(f"<h3><a href='{o.slug}'>{o.title}</a></h3><p>{o.lead}</p>" for o in _ALL)),'drupal')
_vanished('en: lost',EN,notice(EN,"You seem to be lost","The link you followed may be broken, or the page may have been removed."),'ghost')
_vanished('it: ricerca',IT,notice(IT,"Ops, qualcosa è andato storto","Non riusciamo a trovare quello che cerchi."),'spip')
_vanished('es: enlace roto',ES,notice(ES,"Vaya...","El enlace que has seguido está roto o la página ha sido eliminada."))
_vanished('pt: 404 brincalhao',PT,notice(PT,"Ups!","Esta página foi ao mar e não voltou. Erro 404."))
_vanished('pl: 404',FR,notice(replace(FR,lang='pl'),"Nie znaleziono strony","Strona, której szukasz, nie istnieje."))
_vanished('no-lang funny',EN,bare("Houston, we have a problem","<h1>Houston, we have a problem</h1><p>Let us take you <a href=/>home</a>.</p>"))
_vanished('sv',FR,notice(replace(FR,lang='sv'),"Sidan kunde inte hittas","Vi kan tyvärr inte hitta sidan du letar efter."))
_vanished('search results redirect',EN,{EN.slug:Answer(location='/?s=the+last+ferry'),'/?s=the+last+ferry':Answer(front(EN,_ALL,section='Search results'))})
_vanished('home with article title among them, h1 linked',EN,{EN.slug:Answer(location='/'),'/':Answer(front(EN,[EN,*_ALL]).replace('<h2 class="entry-title"><a href="/2026/06/the-last-ferry">','<h1 class="entry-title"><a href="/2026/06/the-last-ferry">').replace('ferry will not sail again','ferry will not sail again'))})
_vanished('home w/ teaser of article same url',FR,front(FR,[FR,*_ALL]))
_vanished('archive of month',FR,{FR.slug:Answer(location='/2026/06/'),'/2026/06/':Answer(front(FR,_ALL,section='Juin 2026'))})
_vanished('author page',DE,{DE.slug:Answer(location='/autor/jonas-brandt'),'/autor/jonas-brandt':Answer(front(DE,_ALL[:4],section='Jonas Brandt',theme='drupal'))},'drupal')
_vanished('imprint instead',DE,{DE.slug:Answer(location='/impressum'),'/impressum':Answer(drupal(replace(DE,title='Impressum',lead='Angaben gemäß § 5 DDG',paragraphs=('Hafenblatt Verlag e. V., Am Kai 3, 20457 Hamburg.','Vertreten durch den Vorstand. Registergericht Hamburg, VR 12345. Telefon 040 1234567.','Wir übernehmen keine Haftung für die Inhalte externer Links.'))))},'drupal')
_vanished('privacy policy instead',EN,{EN.slug:Answer(location='/privacy'),'/privacy':Answer(ghost(replace(EN,title='Privacy policy',lead='How we handle your data',paragraphs=tuple(f"We collect and process personal data under section {i} of our policy, including cookies, and share it with partners only where needed for services you asked for." for i in range(12)))))},'ghost')
_vanished('shop page',ES,{ES.slug:Answer(location='/suscripcion'),'/suscripcion':Answer(notice(ES,"Suscríbete a El Muelle","Elige tu plan: mensual 5 €, anual 50 €. Cancela cuando quieras.",body="<form><button>Suscribirme</button></form>"))})
_vanished('registration en',EN,bare("The Estuary Review","<main><h2>Create a free account to keep reading</h2><form><input type=email><input type=password><button>Register</button></form><p>Already have an account? <a href=/login>Log in</a></p></main>"))
_vanished('login with title kept',EN,ghost(EN,"<p>This post is for members only. Sign in to continue.</p><form><input type=email><input type=password></form>",lead=" "),'ghost')
_vanished('members cta, title kept, German',DE,wordpress(DE,"<div class='gate'><p>Bitte melden Sie sich an, um diesen Artikel zu lesen.</p><p>Noch kein Konto? Jetzt registrieren.</p></div>",lead=" "))
_vanished('anubis',FR,bare("Making sure you're not a bot!","<h1>Making sure you're not a bot!</h1><p>Loading...</p><script id=anubis_challenge type=application/json>{}</script><p>Protected by Anubis</p>"))
_vanished('aws waf',EN,bare("","<script src='https://x.token.awswaf.com/challenge.js'></script><noscript><h1>JavaScript is disabled</h1>In order to continue, we need to verify that you're not a robot.</noscript>"))
_vanished('incapsula',IT,bare("","<iframe src='/_Incapsula_Resource?x' >Request unsuccessful. Incapsula incident ID: 12-34</iframe>"))
_vanished('spanish captcha',ES,bare("Un momento…","<h1>Verificando que eres humano</h1><p>Esto puede tardar unos segundos.</p><div class=cf-turnstile></div>",lang='es'))
_vanished('cookie wall nl',NL,bare("De Kade","<main><h1>De Kade gebruikt cookies</h1><p>Wij en onze partners gebruiken cookies en verwerken persoonsgegevens voor gepersonaliseerde advertenties. Geef toestemming om verder te gaan.</p><button>Alles accepteren</button><button>Instellingen</button></main>",lang='nl'))
_vanished('cookie wall it, iframe host',IT,{IT.slug:Answer(location='/privacy-gate/?next=1'),'/privacy-gate/?next=1':Answer(bare("Il Molo","<p>Il Molo ti chiede il consenso per usare i tuoi dati personali per: pubblicità e contenuti personalizzati, ricerche sul pubblico. I tuoi dati personali verranno elaborati e i cookie letti dai nostri partner.</p><button>Acconsento</button><button>Gestisci opzioni</button>",lang='it'))})
_vanished('googl consent',EN,{EN.slug:Answer(location='/consent/ml?continue=x'),'/consent/ml?continue=x':Answer(bare("Before you continue","<h1>Before you continue to the site</h1><p>We use cookies and data to deliver and maintain services. If you choose to accept all, we will also use cookies to personalise ads.</p><button>Reject all</button><button>Accept all</button>"))})
_vanished('maintenance fr',FR,bare("Site en maintenance","<h1>Nous revenons très vite</h1><p>Le site fait peau neuve.</p>",lang='fr'))
_vanished('503-like en',EN,bare("Briefly unavailable","<p>Briefly unavailable for scheduled maintenance. Check back in a minute.</p>"))
_vanished('php error',PT,"<br /><b>Fatal error</b>:  Uncaught Error: Call to undefined function get_header() in /var/www/html/index.php:17 Stack trace: #0 {main} thrown in <b>/var/www/html/index.php</b> on line <b>17</b><br />")
_vanished('wp critical',EN,bare("WordPress › Error","<div class=wp-die-message><p>There has been a critical error on this website.</p></div>"))
_vanished('parked',NL,bare("dekade.nl","<h1>dekade.nl</h1><p>This domain is for sale. Make an offer.</p><p>Related searches: Insurance, Mortgage, Hosting</p>"))
_vanished('spa with og title',EN,f'<!doctype html><html lang=en><head><title>{EN.title}</title><meta property="og:title" content="{EN.title}"><meta name=description content="{EN.lead}"></head><body><div id="__next"></div><noscript>This site requires JavaScript.</noscript><script src=/m.js></script></body></html>')
_vanished('rss instead',FR,'<?xml version="1.0"?><rss version="2.0"><channel><title>S</title><link>https://x/</link><description>d</description>'+''.join(f'<item><title>{o.title}</title><link>https://x{o.slug}</link><description>{o.lead}</description></item>' for o in _ALL)+'</channel></rss>')
_vanished('json',FR,'{"error":"not_found","message":"No route was found"}')
_vanished('js redirect page',FR,bare("Redirection","<p>Vous allez être redirigé…</p><script>location='/x'</script>",lang='fr'))
_vanished('summary only (excerpt)',DE,drupal(DE,"<p>"+DE.paragraphs[0]+"</p>"),'drupal',first=False)
_vanished('cut inside attribute',FR,{FR.slug:Answer(drupal(FR),cut=.45)},'drupal')
_vanished('cut at 75',EN,{EN.slug:Answer(spip(EN),cut=.60)},'spip')
_vanished('first third only, with newsletter appeal',IT,wordpress(IT,paragraphs(IT.paragraphs[:1])+"<div class=box><p>Sostieni Il Molo: con tre euro al mese leggi tutto, ricevi la newsletter e ci aiuti a pagare chi scrive le inchieste che nessun altro pubblica.</p></div>"),first=False)
_vanished('other article same title? series episode',FR,wordpress(replace(FR_OTHER,title="Au Havre, la grève des dockers (épisode 2)")),first=False)
_vanished('machine generated spam',ES,ghost(replace(ES,title="Mejores ofertas de colchones",lead="Descuentos",paragraphs=("Compra colchones baratos con envío gratis a toda la península.","Opiniones de clientes verificados y garantía de diez años en todos los modelos.","Usa el cupón VERANO antes del domingo."))),'ghost')
_vanished('placeholder draft',EN,wordpress(EN,"<p>Lorem ipsum dolor sit amet, consectetur adipiscing elit. Sed do eiusmod tempor.</p>",lead="x"),first=False)
_vanished('empty article body',FR,spip(FR,"",lead=" "),'spip',first=False)
_honest('title to allcaps',FR,wordpress(FR,title=FR.title.upper()+" !"))
_honest('60% new, same title',EN,wordpress(replace(EN,paragraphs=(*EN.paragraphs[:2],*[f"New reporting added on {d}: the company declined to answer questions about the {w}, while residents described the week as long and wet." for d,w in (('Monday','engine'),('Tuesday','letter'),('Friday','loan'),('Sunday','vessel'))]))))
_honest('one para kept of long',DE,drupal(DE,paragraphs(DE.paragraphs)+"<h2>Nachtrag</h2>"+"".join(f"<p>{p}</p>" for p in DE_OTHER.paragraphs)),'drupal')
_honest('redirect to slash & http params',FR,{FR.slug:Answer(location=FR.slug+'/'),FR.slug+'/':Answer(wordpress(replace(FR,author='C. Morvan')))})
_honest('redirect to language prefix',PT,{PT.slug:Answer(location='/pt'+PT.slug),'/pt'+PT.slug:Answer(ghost(PT))},'ghost')
_honest('redirect to id url',DE,{DE.slug:Answer(location='/node/871'),'/node/871':Answer(drupal(DE))},'drupal')
_honest('cookie banner at top big',FR,wordpress(FR).replace('<header class="site-header">','<div id="cmp"><h1>Le respect de votre vie privée</h1><p>Nous et nos partenaires utilisons des cookies pour mesurer l’audience et afficher de la publicité personnalisée.</p><button>Tout accepter</button></div><header class="site-header">'))
_honest('login form in page',EN,wordpress(EN,paragraphs(EN.paragraphs)+"<p>One more line was added.</p>").replace('<footer','<form><input type=password name=p></form><footer'))
_honest('recaptcha in comments, para added',ES,wordpress(ES,paragraphs(ES.paragraphs)+"<p>Actualización: el pleno se adelanta.</p>").replace('<footer','<div class=g-recaptcha></div><footer'))
_honest('noscript refresh to consent',IT,wordpress(IT,paragraphs(IT.paragraphs)+"<p>Aggiornato alle 18.</p>",head="<noscript><meta http-equiv=refresh content='0;url=/consent'></noscript>"))
_honest('auto reload meta',DE,ghost(DE,paragraphs(DE.paragraphs)+"<p>Stand: 18 Uhr.</p>",head="<meta http-equiv=refresh content='300'>"),'ghost')
_honest('canonical root bug',FR,wordpress(FR,paragraphs(FR.paragraphs)+"<p>Mise à jour à midi.</p>",url="https://site.example/"))
_honest('split into Q/A w headings',NL,drupal(NL,"".join(f"<h3>Vraag {i}</h3><p>{p}</p>" for i,p in enumerate(NL.paragraphs))),'drupal')
_honest('abridged third paragraph',EN,ghost(replace(EN,paragraphs=tuple(p if i!=2 else "The operator blames costs." for i,p in enumerate(EN.paragraphs)))),'ghost')
_honest('last two paras of 7 removed',FR,spip(replace(FR,paragraphs=FR.paragraphs[:5])),'spip')
_honest('last three paras of 7 removed',FR,spip(replace(FR,paragraphs=FR.paragraphs[:4])),'spip')
_honest('last sentence removed',EN,wordpress(replace(EN,paragraphs=(*EN.paragraphs[:-1],"In the meantime a fisherman takes people over when the weather allows."))))
_honest('every sentence lightly edited',DE,wordpress(replace(DE,paragraphs=tuple(p.replace(' und ',' sowie ').replace('die ','jene ').replace(' der ',' einer ') for p in DE.paragraphs))))
_honest('names anonymised',FR,wordpress(replace(FR,paragraphs=tuple(p.replace('Yann','X.').replace('Aïcha','Y.').replace('docker','ouvrier') for p in FR.paragraphs))))
_honest('ends with ellipsis teaser style but whole',IT,wordpress(replace(IT,paragraphs=(*IT.paragraphs[:-1],IT.paragraphs[-1]+" Continua…"))))
_honest('photo essay, short text',PT,spip(replace(PT,paragraphs=(PT.paragraphs[0],PT.paragraphs[1]+" E a lista cresce."))),'spip',before=spip(replace(PT,paragraphs=PT.paragraphs[:2])))
_honest('obituary corrected 2 sentences short',EN,ghost(replace(EN,paragraphs=("Jean Ross, who kept the lighthouse for thirty years, died on Sunday. She was 92.",))),'ghost',before=ghost(replace(EN,paragraphs=("Jean Ross, who kept the lighthouse for thirty years, died on Sunday. She was 91.",))))
_honest('very short page grows',EN,ghost(replace(EN,paragraphs=("Breaking: the ferry is cancelled. More follows. The company confirmed it at noon.",*EN.paragraphs[1:])),),'ghost',before=ghost(replace(EN,lead='',paragraphs=("Breaking: the ferry is cancelled. More follows.",))))
_honest('translated lead',ES,wordpress(ES,lead="En el monte, doscientas casas aguardan la cisterna cada semana mientras la obra duerme en un cajón."))
_honest('amp markup removed; html lacks html end both',DE,drupal(replace(DE,author='J. B.')).replace('</body></html>',''),'drupal',before=drupal(DE).replace('</body></html>',''))

# Lists that say so in their heading or address, walls that keep the title in the head only, articles taken down, front
# pages with whole articles.
_ENTRIES = "".join(f"<h2><a href='{one.slug}'>{one.title}</a></h2><p>{one.lead}</p>" for one in _ALL[:4])
_PLAIN = "<ul>" + "".join(f"<li><a href='{one.slug}'>{one.title}</a> {one.lead}</li>" for one in _ALL) + "</ul>"
_WALLS = {
    "en": "<p>We and our 120 partners use cookies and process personal data for personalised advertising and audience measurement. You may accept all or reject all, manage preferences, and withdraw consent at any time in our privacy policy.</p>",
    "de": "<h2>Willkommen</h2><p>Wir und unsere 190 Partner verwenden Cookies und verarbeiten personenbezogene Daten für personalisierte Werbung und Messung. Ihre Einwilligung können Sie jederzeit in der Datenschutzerklärung widerrufen.</p><button>Alle akzeptieren</button>",
    "it": "<p>Noi e i nostri partner usiamo cookie e trattiamo dati personali per pubblicità e contenuti personalizzati. Puoi dare il consenso, rifiutare tutti o gestire le preferenze. Accetta tutti. Privacy.</p>",
    "nl": "<h1>De Kade</h1><p>Wij en onze 80 partners gebruiken cookies en persoonsgegevens voor gepersonaliseerde advertenties. Geef toestemming of pas uw instellingen aan.</p><button>Alles accepteren</button>",
}
for _piece, _heading in ((FR, "Résultats de recherche"), (NL, "Zoekresultaten voor “dijk”"), (ES, "Resultados de la búsqueda"), (IT, "Risultati della ricerca per: saline")):
    _vanished(f"{_piece.lang}: search results", _piece, notice(_piece, _heading, "4", body=_ENTRIES))
for _piece, _heading in ((NL, "Tag: dijk"), (DE, "Kategorie: Gesellschaft"), (FR, "Archives"), (ES, "Todas las noticias")):
    _vanished(f"{_piece.lang}: list by its heading", _piece, notice(_piece, _heading, "", body=_PLAIN))
for _piece, _place in ((DE, "/suche?q=weberei"), (PT, "/?s=biblioteca"), (IT, "/archivio/2026"), (EN, "/author/ellen")):
    _vanished(f"{_piece.lang}: sent to a list", _piece, {_piece.slug: Answer(location=_place), _place: Answer(notice(_piece, _piece.site, "", body=_PLAIN))})
for _piece in (EN, DE, IT, NL):
    _vanished(f"{_piece.lang}: consent under the article's title", _piece, bare(f"{_piece.title} - {_piece.site}", _WALLS[_piece.lang], lang=_piece.lang))
for _piece, _line in (
    (ES, "Contenido retirado por orden judicial."), (EN, "This article has been removed at the request of the author."), (DE, "Dieser Artikel wurde aus rechtlichen Gründen entfernt."),
    (FR, "Cet article a été retiré à la demande de son auteur."), (PT, "Este artigo foi removido a pedido da família."), (NL, "Deze inhoud is niet beschikbaar in uw land."),
):
    _vanished(f"{_piece.lang}: taken down", _piece, ghost(_piece, f"<p>{_line}</p>", lead=" "), "ghost")
_vanished("de: site has moved", DE, notice(DE, "Unsere Seite ist umgezogen", "Sie finden uns jetzt unter hafenblatt-neu.example."))
_vanished("fr: front page with whole articles", FR, {FR.slug: Answer(location="/"), "/": Answer(bare(FR.site, f"<h1>{FR.site}</h1>" + "".join(f"<article><h2><a href='{one.slug}'>{escape(one.title)}</a></h2>{paragraphs(one.paragraphs)}</article>" for one in (FR, FR_OTHER)), lang="fr"))}, first=False)

_honest("moved into an author's folder", ES, {ES.slug: Answer(location="/author/ana/el-pueblo-sin-agua"), "/author/ana/el-pueblo-sin-agua": Answer(wordpress(ES, paragraphs(ES.paragraphs) + "<p>Más.</p>"))})
_honest("moved into the archive, under another title", NL, {NL.slug: Answer(location="/archief/de-dijk-wordt-verlegd"), "/archief/de-dijk-wordt-verlegd": Answer(drupal(replace(NL, title="Dijk en dorp")))}, "drupal")
_honest("moved to an id, under another title", IT, {IT.slug: Answer(location="/index.php?id=77"), "/index.php?id=77": Answer(spip(replace(IT, title="Saline, chi compra?")))}, "spip")
_MUSEUM = replace(EN, slug="/2026/06/museum-under-fire", title="Museum under fire", paragraphs=("The museum has removed an article from its site after protests.", "Two of its authors said they had not been asked."))
_honest("brief on an article taken down", _MUSEUM, wordpress(_MUSEUM, paragraphs((*_MUSEUM.paragraphs, "The director will answer questions on Friday at noon."))))
_SEARCH = replace(DE, slug="/netz/suchergebnisse-was-fehlt", title="Suchergebnisse werden schlechter, sagt eine Studie")
_honest("headline on search results", _SEARCH, drupal(_SEARCH, paragraphs(_SEARCH.paragraphs) + "<p>Ende.</p>"), "drupal")
