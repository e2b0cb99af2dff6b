"""Articles in seven languages, written for the tests; two in French and German, so that one can be taken for the other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """An article as its site's editors have it."""

    lang: str
    site: str
    slug: str
    title: str
    lead: str
    author: str
    paragraphs: tuple[str, ...]


FR = Piece(
    "fr", "La Semaine du port", "/2026/06/la-greve-des-dockers", "Au Havre, la grève des dockers entre dans sa troisième semaine",
    "Sur les quais, on ne décharge plus rien depuis le 9 juin. Reportage auprès de celles et ceux qui tiennent le piquet.",
    "Claire Morvan",
    (
        "Il est cinq heures du matin et le brasero fume encore devant la porte du terminal. Une trentaine de dockers s’y relaient depuis le début du mouvement, emmitouflés dans des cirés trop grands, avec du café dans des gobelets en carton.",
        "« On nous a promis des embauches il y a deux ans, on attend toujours », raconte Yann, grutier depuis 1998. Autour de lui, plusieurs collègues hochent la tête. Les cadences, disent-ils, ont doublé sans que les équipes grandissent.",
        "La direction du port assure avoir fait une offre « équilibrée » et renvoie à une réunion prévue la semaine prochaine à la sous-préfecture. Les syndicats y voient une manœuvre pour gagner du temps avant les départs en vacances.",
        "Dans les bars du quartier de l’Eure, les commerçants soutiennent le mouvement, au moins en paroles. Une caisse de solidarité circule de table en table ; elle aurait déjà réuni plus de quarante mille euros, selon le comité de grève.",
        "Les armateurs, eux, ont commencé à détourner leurs navires vers Anvers et Zeebruges. Chaque jour d’arrêt coûterait près de deux millions d’euros à la place portuaire, un chiffre que personne ici ne veut confirmer.",
        "Le soir, quand la relève arrive, on chante. « Ce n’est pas pour nous, c’est pour ceux qui viendront après », glisse Aïcha, pointeuse, avant de rentrer coucher ses enfants. Demain, elle reprendra son tour à quatre heures.",
        "Une nouvelle assemblée générale est convoquée lundi matin. D’ici là, les grutiers ont voté la poursuite du blocage à une très large majorité, et rien n’indique que le port rouvrira avant la fin du mois.",
    ),
)  # fmt: skip
FR_OTHER = Piece(
    "fr", "La Semaine du port", "/2026/06/le-marche-couvert-rouvre", "Le marché couvert rouvre après six ans de travaux",
    "La halle de fonte, fermée depuis l’incendie de 2020, retrouve ses étals de poisson et ses habitués.",
    "Luc Py",
    (
        "Les premières caisses de maquereaux sont arrivées avant l’aube. Sous la verrière remise à neuf, une vingtaine d’étals attendaient les clients, entre les bouquets offerts par la mairie et les dernières bâches du chantier.",
        "L’architecte a choisi de garder les poutrelles d’origine, noircies par le feu, pour que l’on se souvienne. Le sol, en revanche, a été refait de fond en comble, avec une pente qui évacue enfin l’eau de pluie.",
        "Pour les marchands, le retour est aussi un pari. Les loyers ont augmenté d’un tiers et deux fromagers ont préféré rester sur la place voisine, où ils s’étaient installés provisoirement avec des remorques.",
        "Reste la question du stationnement, que la ville n’a pas réglée. Un parking en silo est promis pour l’an prochain ; en attendant, les habitués viennent à pied, cabas au bras, comme avant.",
    ),
)  # fmt: skip
EN = Piece(
    "en", "The Estuary Review", "/2026/06/the-last-ferry", "The last ferry to the island will not sail again",
    "For a hundred and forty years a boat crossed the sound every morning. Islanders are now asking what is left without it.",
    "Moira Kerr",
    (
        "The notice went up on a Tuesday, taped to the inside of the ticket office window where the timetable used to hang. Nobody from the company had come to explain it, and by noon half the village had gathered on the slip to read it.",
        "“We were told in spring that the boat was safe for five years,” says Ewan Ross, who runs the post office. He keeps the letter in a drawer beside the stamps and takes it out for anyone who asks.",
        "The operator blames the cost of a new engine and a fall in passengers since the pandemic. Its figures are disputed by the community council, which counted more foot traffic last summer than in any year since 2011.",
        "Without the ferry, the nearest surgery is a chartered crossing away. The school has fourteen pupils, four of whom live on the other side of the water, and the head teacher expects to lose them by autumn.",
        "A group of residents has asked the regional authority for a loan to buy a second-hand vessel from Norway. The answer is expected in August, after the committee has seen a business plan that two retired accountants are writing in the village hall.",
        "In the meantime a fisherman takes people over when the weather allows. He charges nothing, he says, and would rather not be thanked in print.",
    ),
)  # fmt: skip
DE = Piece(
    "de", "Hafenblatt", "/gesellschaft/die-letzte-weberei", "Die letzte Weberei im Tal stellt den Betrieb ein",
    "Nach hundertzwölf Jahren schließt die Tuchfabrik Lenz. Sechzig Menschen verlieren ihre Arbeit, und ein Dorf seinen Takt.",
    "Jonas Brandt",
    (
        "Wer morgens um sechs durch das Tal fährt, hört die Webstühle noch. Ein gleichmäßiges Schlagen, das durch die alten Fenster dringt und das hier niemand mehr bemerkt, weil es immer da war.",
        "„Ich habe an dieser Maschine gelernt, und mein Vater auch“, sagt Renate Vogt, die seit 1984 in der Zwirnerei arbeitet. Im Oktober bekommt sie ihren letzten Lohn, danach will sie erst einmal den Garten umgraben.",
        "Die Eigentümer begründen die Schließung mit den Energiepreisen und der Konkurrenz aus Übersee. Gespräche mit einem Investor aus Portugal seien im Frühjahr gescheitert, heißt es in einer knappen Mitteilung an die Belegschaft.",
        "Im Rathaus hofft man, die Halle als Museum zu erhalten. Das Land hat Fördermittel in Aussicht gestellt, doch der Denkmalschutz verlangt ein neues Dach, und dessen Kosten übersteigen den Haushalt der Gemeinde um das Dreifache.",
        "Ein paar der jüngeren Weberinnen haben inzwischen eine Genossenschaft gegründet. Sie wollen vier der Stühle kaufen und in einer Scheune weiter produzieren, zunächst nur Decken aus der Wolle der umliegenden Höfe.",
        "Ob das gelingt, entscheidet sich im Herbst. Bis dahin schlagen die Stühle weiter, und wer durch das Tal fährt, wird vielleicht zum ersten Mal wieder hinhören.",
    ),
)  # fmt: skip
DE_OTHER = Piece(
    "de", "Hafenblatt", "/kultur/ein-kino-fuer-alle", "Ein Kino, das allen gehört",
    "In der Altstadt haben Nachbarn ein leer stehendes Lichtspielhaus gekauft und zeigen dort seit Mai wieder Filme.",
    "Svenja Holt",
    (
        "Der Vorhang klemmt, aber das stört keinen. Achtzig Menschen sitzen auf Stühlen, die aus drei verschiedenen Schulen stammen, und warten darauf, dass der Projektor warm wird.",
        "Die Idee entstand auf einem Straßenfest, als jemand im Scherz vorschlug, das Haus doch einfach gemeinsam zu kaufen. Zwei Jahre später hatten vierhundert Leute je fünfhundert Euro eingezahlt.",
        "Gezeigt wird, was die Mitglieder vorschlagen, vom Stummfilm mit Klavier bis zur Dokumentation über den Deichbau. An der Kasse zahlt jeder, was er kann, und im Foyer gibt es Suppe.",
    ),
)  # fmt: skip
ES = Piece(
    "es", "El Muelle", "/politica/el-pueblo-sin-agua", "El pueblo que lleva cuatro veranos sin agua en el grifo",
    "En la sierra, doscientas familias esperan cada martes al camión cisterna. La obra prometida sigue en un cajón.",
    "Lucía Ferrer",
    (
        "El camión llega a las siete y media, cuando todavía no aprieta el calor. Las vecinas han dejado las garrafas en fila desde la noche anterior, cada una con el nombre pintado para evitar discusiones.",
        "«Al principio decían que era cosa de unas semanas», recuerda Manuel, que fue alcalde pedáneo durante doce años. Guarda en una carpeta todas las cartas que mandó a la diputación, y ninguna tiene respuesta.",
        "El pozo que abastecía al pueblo se contaminó con nitratos en 2022. Los análisis apuntan a las granjas del valle, pero las empresas lo niegan y han recurrido la sanción que les impuso la confederación.",
        "La solución técnica existe: una conducción de nueve kilómetros desde el embalse. El proyecto está redactado y cuesta menos que los cuatro años de cisternas, según ha calculado una ingeniera jubilada del pueblo.",
        "Mientras tanto, los jóvenes se marchan. La escuela cerró en junio y el bar abre solo los fines de semana, cuando vuelven los que trabajan en la capital y traen, también ellos, el agua en el maletero.",
        "El próximo pleno se celebra en septiembre. Los vecinos han anunciado que acudirán todos, con sus garrafas vacías.",
    ),
)  # fmt: skip
IT = Piece(
    "it", "Il Molo", "/inchieste/le-saline-in-vendita", "Le saline sono in vendita, e nessuno sa a chi",
    "Un fondo estero ha messo gli occhi sulla laguna. I salinai chiedono di poter comprare ciò che lavorano da generazioni.",
    "Paola Gatti",
    (
        "Il sale si raccoglie ancora a mano, ad agosto, quando l’acqua si ritira e lascia una crosta bianca che scricchiola sotto gli stivali. A farlo sono rimasti in ventidue, quasi tutti figli di salinai.",
        "La notizia della vendita è arrivata con una raccomandata. La società proprietaria comunica di aver avviato una procedura riservata, e invita i lavoratori ad avere fiducia nei nuovi investitori, dei quali però non fa il nome.",
        "In municipio si parla di un progetto alberghiero con quattrocento camere e un porto turistico. L’assessore smentisce, ma conferma che due architetti milanesi hanno chiesto le mappe catastali della zona.",
        "I salinai hanno costituito una cooperativa e presentato un’offerta. Non basta, dice la banca, che tuttavia si è detta disposta a un mutuo se la regione garantirà la metà della somma.",
        "Gli ornitologi, intanto, contano i fenicotteri: quest’anno sono settemila. Una strada, anche piccola, li farebbe andare via nel giro di due stagioni, avverte chi li studia da trent’anni.",
    ),
)  # fmt: skip
PT = Piece(
    "pt", "O Cais", "/sociedade/a-biblioteca-ambulante", "A biblioteca que anda de aldeia em aldeia volta à estrada",
    "Parada há três anos por falta de gasóleo e de motorista, a carrinha dos livros recomeçou as voltas pela serra.",
    "Rita Nogueira",
    (
        "A carrinha amarela estaciona sempre debaixo do mesmo plátano. Quando a porta lateral se abre, já lá estão a dona Amélia, com os óculos na mão, e dois rapazes que querem saber se chegou a continuação.",
        "O motorista chama-se Joaquim e foi carteiro. Conhece todas as curvas e quase todos os leitores pelo nome próprio, e leva no bolso uma lista de pedidos que faz questão de escrever à mão.",
        "O serviço foi suspenso durante a pandemia e ninguém se lembrou de o retomar. Foi preciso uma petição com novecentas assinaturas para que a câmara encontrasse, num orçamento já fechado, dinheiro para o seguro e para os pneus.",
        "São catorze aldeias em nove dias. Em algumas, a paragem dura vinte minutos; noutras, fica-se para almoçar, porque há sempre alguém que insiste e porque o caminho seguinte é comprido.",
        "A associação que gere a carrinha procura agora voluntários para gravar livros em voz alta. Metade dos leitores já não consegue ler letras pequenas, mas continua a querer saber como acaba a história.",
    ),
)  # fmt: skip
NL = Piece(
    "nl", "De Kade", "/nieuws/de-dijk-wordt-verlegd", "De dijk wordt verlegd, en met de dijk het halve dorp",
    "Het waterschap geeft de rivier meer ruimte. Elf huizen moeten wijken, en de bewoners willen weten waarheen.",
    "Anneke Visser",
    (
        "Op de keukentafel van de familie Hoekstra ligt een kaart met een rode lijn. De lijn loopt dwars door de moestuin, raakt de schuur en eindigt bij de kerk, waar de nieuwe dijk moet beginnen.",
        "Het waterschap spreekt van een zorgvuldig proces. Er zijn drie avonden geweest in het dorpshuis, met koffie en gekleurde briefjes, maar de lijn is in die tijd geen meter opgeschoven.",
        "Ingenieurs rekenen voor dat de rivier bij hoog water veertig centimeter lager komt te staan. Dat scheelt stroomafwaarts een stad, zeggen ze, en daar kan een dorp van elf huizen niet tegenop.",
        "De bewoners krijgen de marktwaarde en een vergoeding voor de verhuizing. Voor die prijs is in de streek niets te koop, heeft de notaris hun verteld, en nieuwbouw is pas over vier jaar gepland.",
        "In het voorjaar komen de graafmachines. Tot die tijd zet mevrouw Hoekstra haar bonen, zegt ze, want bonen groeien sneller dan plannen.",
    ),
)  # fmt: skip
PIECES = {piece.lang: piece for piece in (FR, EN, DE, ES, IT, PT, NL)}
