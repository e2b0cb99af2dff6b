<?php

/**
 * Publishing from ivpipe in this SPIP: squelettes/action/ivpipe.php, called as spip.php?action=ivpipe
 *
 * config/mes_options.php says who may, and as whom:
 *
 *     define('_IVPIPE_AUTHOR', 'robot');      // login of the author whose rights are used, and no others
 *     define('_IVPIPE_TOKEN', '3f0a…');       // SHA-256 of the token, in hexadecimal; the token itself is not kept here
 *
 * A request is a POST over HTTPS (or from this machine to this machine) with the header X-Ivpipe-Token and a JSON object:
 * its "do" is facts, find, create, picture or save; see the functions of these names. The answer is a JSON object: "spip"
 * and "file" are versions; with a status other than 200, "error" says why. What changes an article does so in one lock by
 * its key, the key of the page at ivpipe, which stands in an HTML comment in the article's text.
 *
 * Copyright the authors of ivpipe; GPL-3.0-or-later.
 */

if (!defined('_ECRIRE_INC_VERSION')) {
	return;
}

/** What is asked and answered here; ivpipe uses no other version. */
const _IVPIPE_VERSION = 1;
/** Bytes of a request: a picture, in base64, is the largest. */
const _IVPIPE_LARGEST = 16000000;
/** Wrong tokens from one address within so many seconds; after them it is not listened to. */
const _IVPIPE_FAILURES = 10;
const _IVPIPE_WITHIN = 600;
/** Seconds to wait for another request with the same key. */
const _IVPIPE_PATIENCE = 20;
/** The fields of an article that are written, and the setting that shows them to SPIP's people. */
const _IVPIPE_FIELDS = [
	'surtitre' => 'articles_surtitre',
	'titre' => '',
	'soustitre' => 'articles_soustitre',
	'descriptif' => 'articles_descriptif',
	'chapo' => 'articles_chapeau',
	'texte' => 'articles_texte',
	'ps' => 'articles_ps',
	'nom_site' => 'articles_urlref',
	'url_site' => 'articles_urlref',
];

/** A request that is not done; its code is the HTTP status. */
class IvpipeRefusal extends Exception {
}

function action_ivpipe_dist() {
	ob_start();
	$status = 200;
	$spip = '';
	try {
		ivpipe_admit();
		$spip = $GLOBALS['spip_version_branche'];
		$request = ivpipe_request();
		ivpipe_become_author();
		$answer = ivpipe_do($request);
	} catch (IvpipeRefusal $refusal) {
		$status = $refusal->getCode();
		$answer = ['error' => $refusal->getMessage()];
	} catch (Throwable $fault) {
		spip_log("ivpipe: $fault", _LOG_ERREUR);
		$status = 500;
		$answer = ['error' => 'a fault in SPIP; its log says more'];
	}
	while (ob_get_level() && @ob_end_clean()) { // what plug-ins said is no JSON
		continue;
	}
	http_response_code($status);
	header('Content-Type: application/json; charset=utf-8');
	header('Cache-Control: no-store');
	header('X-Robots-Tag: noindex');
	if ($status === 429 || $status === 503) {
		header('Retry-After: ' . ($status === 429 ? _IVPIPE_WITHIN : 5));
	}
	$answer += ['file' => _IVPIPE_VERSION, 'spip' => $spip];
	echo json_encode($answer, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
	exit;
}

/** Throws IvpipeRefusal unless the request may be read: how it came, then its token. */
function ivpipe_admit() {
	if (($_SERVER['REQUEST_METHOD'] ?? '') !== 'POST') {
		throw new IvpipeRefusal('only POST is answered', 405);
	}
	if (!ivpipe_is_https() && !ivpipe_is_loopback()) {
		throw new IvpipeRefusal('only HTTPS is answered; take the token for known, and make another', 403);
	}
	if (!preg_match(',^application/json\s*(;|$),i', $_SERVER['CONTENT_TYPE'] ?? '')) {
		throw new IvpipeRefusal('only application/json is read', 415);
	}
	if (!defined('_IVPIPE_AUTHOR') || !defined('_IVPIPE_TOKEN') || !preg_match('/^[0-9a-f]{64}\z/', _IVPIPE_TOKEN)) {
		throw new IvpipeRefusal('config/mes_options.php does not define _IVPIPE_AUTHOR and _IVPIPE_TOKEN', 401);
	}
	ivpipe_check_token();
}

/** By the web server, or by what stands before it: who lies about this endangers only what they send. */
function ivpipe_is_https() {
	$https = strtolower($_SERVER['HTTPS'] ?? '');
	return ($https !== '' && $https !== 'off') || strtolower($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https';
}

/** From this machine to this machine by its own name; not what a proxy on it passes on. */
function ivpipe_is_loopback() {
	$host = preg_replace('/:\d+$/', '', $_SERVER['HTTP_HOST'] ?? '');
	return preg_match('/^(127\.|::1$)/', ivpipe_address()) && in_array($host, ['127.0.0.1', 'localhost', '[::1]'], true);
}

/** The address that asks: who is connected, or whom a proxy on this machine names last, as connected to it. What such a list
 * begins with anybody may write; SPIP puts just that into REMOTE_ADDR, but not into the environment. */
function ivpipe_address() {
	$connected = $_SERVER['REMOTE_ADDR'] ?? '';
	$passed_on = $_SERVER['HTTP_X_FORWARDED_FOR'] ?? '';
	if ($passed_on === '') {
		return $connected;
	}
	$addresses = explode(',', $passed_on);
	$written_by_spip = $connected === $addresses[0] ? '127.0.0.1' : $connected; // PHP's own server has no environment
	if (!preg_match('/^(127\.|::1$)/', getenv('REMOTE_ADDR') ?: $written_by_spip)) {
		return $connected;
	}
	return 'by a proxy: ' . trim(end($addresses));
}

/** One at a time, so that no address gets more tries than it may have. The token is no argument: those may stand in logs. */
function ivpipe_check_token() {
	$file = ivpipe_locked_file('refused');
	$all = json_decode(stream_get_contents($file), true);
	$recent = function ($times) {
		return array_filter((array) $times, function ($time) {
			return is_int($time) && $time > time() - _IVPIPE_WITHIN;
		});
	};
	$all = array_filter(array_map($recent, is_array($all) ? $all : []));
	$address = substr(hash_hmac('sha256', ivpipe_address(), _IVPIPE_TOKEN), 0, 16);
	if (count($all[$address] ?? []) >= _IVPIPE_FAILURES) {
		throw new IvpipeRefusal('too many wrong tokens from this address', 429);
	}
	if (hash_equals(_IVPIPE_TOKEN, hash('sha256', $_SERVER['HTTP_X_IVPIPE_TOKEN'] ?? ''))) {
		fclose($file);
		return;
	}
	$all[$address][] = time();
	ftruncate($file, 0);
	rewind($file);
	fwrite($file, json_encode(array_slice($all, -1000, null, true)));
	fclose($file);
	spip_log('ivpipe: a wrong token from ' . ivpipe_address(), _LOG_AVERTISSEMENT);
	throw new IvpipeRefusal('the token is not the one of this site', 401);
}

/** A file in tmp/ that nobody else has open here until it is closed. Throws IvpipeRefusal. */
function ivpipe_locked_file($name) {
	$file = fopen(_DIR_TMP . "ivpipe-$name", 'c+');
	if (!$file) {
		throw new IvpipeRefusal('SPIP cannot write in tmp/', 500);
	}
	$until = time() + _IVPIPE_PATIENCE;
	while (!flock($file, LOCK_EX | LOCK_NB)) {
		if (time() > $until) {
			throw new IvpipeRefusal('another request is being done', 503);
		}
		usleep(20000);
	}
	return $file;
}

/** The request as an array; from here on nothing else of it counts. Throws IvpipeRefusal. */
function ivpipe_request() {
	$body = file_get_contents('php://input', false, null, 0, _IVPIPE_LARGEST + 1);
	if (strlen($body) > _IVPIPE_LARGEST) {
		throw new IvpipeRefusal('more than ' . _IVPIPE_LARGEST . ' bytes', 413);
	}
	if (strlen($body) < (int) ($_SERVER['CONTENT_LENGTH'] ?? 0)) {
		throw new IvpipeRefusal('not all of it came; post_max_size of PHP is ' . ini_get('post_max_size'), 413);
	}
	$request = json_decode($body, true);
	if (!is_array($request) || ltrim($body)[0] !== '{') {
		throw new IvpipeRefusal('that is no JSON object', 400);
	}
	$_GET = $_POST = $_REQUEST = $_COOKIE = [];
	return $request;
}

/** SPIP asks the visitor of the page for its rights: that is the author now. Throws IvpipeRefusal. */
function ivpipe_become_author() {
	$fields = 'id_auteur, nom, login, email, statut, lang, webmestre';
	$found = sql_allfetsel($fields, 'spip_auteurs', 'login=' . sql_quote(_IVPIPE_AUTHOR));
	if (count($found) !== 1 || !in_array($found[0]['statut'], ['0minirezo', '1comite'], true)) {
		throw new IvpipeRefusal('_IVPIPE_AUTHOR is the login of no author of this site', 403);
	}
	include_spip('inc/session'); // it begins with nobody when it is read
	$GLOBALS['visiteur_session'] = $found[0];
}

function ivpipe_do($request) {
	include_spip('action/editer_article');
	include_spip('action/editer_liens');
	include_spip('inc/autoriser');
	include_spip('inc/filtres');
	switch (ivpipe_text($request, 'do')) {
		case 'facts':
			return ivpipe_facts($request);
		case 'find':
			return ivpipe_find($request);
		case 'create':
			return ivpipe_in_lock($request, 'ivpipe_create');
		case 'picture':
			return ivpipe_in_lock($request, 'ivpipe_picture');
		case 'save':
			return ivpipe_in_lock($request, 'ivpipe_save');
	}
	throw new IvpipeRefusal('"do" is none of facts, find, create, picture, save', 400);
}

/** Keys with the same two digits share a lock: there are never more than 256 files. */
function ivpipe_in_lock($request, $act) {
	$key = ivpipe_key($request);
	$file = ivpipe_locked_file('lock-' . substr(sha1($key), 0, 2));
	try {
		return $act($request, $key);
	} finally {
		fclose($file);
	}
}

/** {section} → what the account may do there. */
function ivpipe_facts($request) {
	$section = ivpipe_number($request, 'section');
	$hidden = array_filter(_IVPIPE_FIELDS, function ($setting) {
		return $setting && ($GLOBALS['meta'][$setting] ?? '') === 'non';
	});
	$there = sql_countsel('spip_rubriques', "id_rubrique=$section") > 0;
	return [
		'login' => _IVPIPE_AUTHOR,
		'takes_articles' => $there && autoriser('creerarticledans', 'rubrique', $section),
		'publishes' => $there && autoriser('publierdans', 'rubrique', $section),
		'hidden' => array_keys($hidden),
	];
}

/** {id} or {key} → the article of that number, or all with that key, the oldest first, as far as the author sees them. */
function ivpipe_find($request) {
	$found = isset($request['id']) ? [ivpipe_number($request, 'id')] : ivpipe_of_key(ivpipe_key($request));
	return ['articles' => array_values(array_filter(array_map('ivpipe_article', $found)))];
}

/** {key, sections, fields} → the article with that key; where there is none, a new one that readers do not see, in the
 * first section that there is (numbers, or titles). */
function ivpipe_create($request, $key) {
	foreach (ivpipe_of_key($key) as $id) {
		return ['article' => ivpipe_article($id)];
	}
	$fields = ivpipe_fields($request);
	if (ivpipe_key_in($fields['texte'] ?? '') !== $key) {
		throw new IvpipeRefusal('the text does not hold the key', 400);
	}
	$section = 0;
	foreach (ivpipe_list($request, 'sections') as $one) {
		$number = is_int($one) ? $one : ivpipe_named('rubrique', $one);
		if ($number && sql_countsel('spip_rubriques', 'id_rubrique=' . (int) $number)) {
			$section = (int) $number;
			break;
		}
	}
	if (!$section || !autoriser('creerarticledans', 'rubrique', $section)) {
		throw new IvpipeRefusal('the account may not make an article in any of these sections', 403);
	}
	// With all fields at once: whatever ends this request leaves no article without its key.
	$id = article_inserer($section, array_map('corriger_caracteres', $fields));
	return ['article' => ivpipe_article($id)];
}

/** {key, id, name, data, logo, about} → the article with the picture: attached under this name, or as its logo, unless it
 * has that. */
function ivpipe_picture($request, $key) {
	$id = ivpipe_own($request, $key);
	$name = ivpipe_text($request, 'name');
	if (!preg_match('/^ivpipe-[0-9a-f]{16}\.(jpg|png|gif|webp)\z/', $name)) {
		throw new IvpipeRefusal('that is no name of a picture', 400);
	}
	$logo = !empty($request['logo']);
	$there = ivpipe_article($id);
	if ($logo && ($there['logo'] || ($GLOBALS['meta']['activer_logos'] ?? '') === 'non' || !autoriser('iconifier', 'article', $id))) {
		return ['article' => $there];
	}
	$number = $logo ? 0 : (int) ($there['documents'][$name] ?? 0);
	if (!$number) {
		$number = ivpipe_add_picture($id, $name, ivpipe_data($request, $name), $logo);
	}
	$about = array_intersect_key(ivpipe_texts($request, 'about'), ['titre' => 1, 'credits' => 1, 'alt' => 1]);
	if ($about && autoriser('modifier', 'document', $number)) {
		include_spip('action/editer_document');
		document_modifier($number, $about);
	}
	return ['article' => ivpipe_article($id), 'document' => (string) $number];
}

/** A new document of an article; returns its number. */
function ivpipe_add_picture($id, $name, $data, $logo) {
	if (!$logo && !autoriser('joindredocument', 'article', $id)) {
		throw new IvpipeRefusal("the account may not attach pictures to article $id", 403);
	}
	$file = tempnam(realpath(_DIR_TMP), 'ivpipe');
	try {
		file_put_contents($file, $data);
		$add = charger_fonction('ajouter_documents', 'action');
		$mode = $logo ? 'logoon' : 'auto';
		$added = $add('new', [['tmp_name' => $file, 'name' => $name, 'mode' => $mode]], 'article', $id, $mode);
	} finally {
		@unlink($file);
	}
	$number = reset($added);
	if (!is_numeric($number) || !$number) {
		throw new IvpipeRefusal('SPIP does not take the picture: ' . strip_tags((string) $number), 422);
	}
	return (int) $number;
}

/** {key, id, seal} and any of {fields, lang, source, furnishing, statut, date} → the article, changed in this order; a
 * part that is not there stays as it is. The seal is that of the article as it was found. */
function ivpipe_save($request, $key) {
	$id = ivpipe_own($request, $key);
	$there = ivpipe_article($id);
	if (!hash_equals($there['seal'], ivpipe_text($request, 'seal'))) {
		throw new IvpipeRefusal("somebody else is changing article $id", 409);
	}
	$changed = array_diff_assoc(ivpipe_fields($request), $there['fields']);
	if ($changed) {
		ivpipe_done(article_modifier($id, $changed));
	}
	if (isset($request['lang'])) {
		ivpipe_set_language($there, ivpipe_text($request, 'lang'), ivpipe_number($request, 'source'));
	}
	if (isset($request['furnishing'])) {
		ivpipe_furnish($there, $request['furnishing']);
	}
	if (isset($request['statut']) || isset($request['date'])) {
		ivpipe_set_status($there, ivpipe_text($request, 'statut'), ivpipe_text($request, 'date'));
	}
	return ['article' => ivpipe_article($id)];
}

/** Where articles have no language of their own, one that is already right is taken for granted. */
function ivpipe_set_language($there, $lang, $source) {
	$id = (int) $there['id'];
	if ($there['lang'] !== $lang) {
		$languages = explode(',', $GLOBALS['meta']['langues_multilingue'] ?? '');
		if (
			!in_array($lang, $languages, true)
			|| !ivpipe_objects_with('multi_objets')
			|| !autoriser('changerlangue', 'article', $id)
		) {
			throw new IvpipeRefusal("SPIP does not let article $id have the language '$lang'", 422);
		}
		ivpipe_done(article_modifier($id, ['lang' => $lang]));
	}
	if (
		$source && $source !== $id && !(int) $there['id_trad'] && ivpipe_objects_with('gerer_trad_objets')
		&& sql_countsel('spip_articles', "id_article=$source") && autoriser('changertraduction', 'article', $id)
	) {
		$refer = charger_fonction('referencer_traduction', 'action');
		$refer('article', $id, $source);
	}
}

/** What the site has no place for is left out. */
function ivpipe_furnish($there, $wanted) {
	$id = (int) $there['id'];
	$earlier = ivpipe_date($wanted, 'earlier');
	if ($earlier && $there['date_redac'] === '0000-00-00 00:00:00' && ($GLOBALS['meta']['articles_redac'] ?? '') !== 'non') {
		ivpipe_done(article_modifier($id, ['date_redac' => $earlier]));
	}
	$group = ivpipe_number($wanted, 'keyword_group');
	include_spip('action/editer_mot');
	foreach (function_exists('mot_inserer') ? ivpipe_list($wanted, 'keywords') : [] as $title) {
		$number = ivpipe_named('mot', $title);
		if (!$number && $group) {
			if (!autoriser('creer', 'mot', null, null, ['id_groupe' => $group])) {
				throw new IvpipeRefusal("the account may not make keywords in group $group", 403);
			}
			$number = mot_inserer($group, ['titre' => corriger_caracteres($title)]);
			if (!$number) {
				throw new IvpipeRefusal("SPIP makes no keyword in group $group: is there one of this number?", 422);
			}
		}
		$group_of_it = $number ? (int) sql_getfetsel('id_groupe', 'spip_mots', 'id_mot=' . (int) $number) : 0;
		if ($number && autoriser('associermots', 'article', $id, null, ['id_groupe' => $group_of_it])) {
			objet_associer(['mot' => $number], ['article' => $id]);
		}
	}
	if (autoriser('associerauteurs', 'article', $id)) {
		foreach (ivpipe_list($wanted, 'authors') as $name) {
			if ($number = ivpipe_named('auteur', $name)) {
				objet_associer(['auteur' => $number], ['article' => $id]);
			}
		}
		if (empty($wanted['signed'])) {
			objet_dissocier(['auteur' => $GLOBALS['visiteur_session']['id_auteur']], ['article' => $id]);
		}
	}
}

function ivpipe_set_status($there, $status, $date) {
	$id = (int) $there['id'];
	$status = $status === '' ? $there['statut'] : $status;
	if (!in_array($status, ['prepa', 'prop', 'publie', 'refuse', 'poubelle'], true)) {
		throw new IvpipeRefusal('that is no status of an article', 400);
	}
	$section = (int) sql_getfetsel('id_rubrique', 'spip_articles', "id_article=$id");
	$date = ivpipe_date(['date' => $date], 'date');
	if ($status === $there['statut'] && in_array($date, ['', $there['date']], true)) {
		return;
	}
	if (!autoriser('instituer', 'article', $id, null, ['statut' => $status, 'id_parent' => $section])) {
		throw new IvpipeRefusal("the account may not make article $id '$status'", 403);
	}
	ivpipe_done(article_instituer($id, array_filter(['statut' => $status, 'date' => $date])));
}

/** An article as it stands in the database now; null where there is none, or the author may not see it. */
function ivpipe_article($id) {
	$row = sql_fetsel('*', 'spip_articles', 'id_article=' . (int) $id);
	if (!$row || !autoriser('voir', 'article', (int) $id)) {
		return null;
	}
	$fields = [];
	foreach (_IVPIPE_FIELDS as $name => $_setting) {
		$fields[$name] = (string) $row[$name];
	}
	$documents = [];
	$logo = false;
	foreach (
		sql_allfetsel(
			'D.id_document, D.fichier, D.mode',
			'spip_documents AS D INNER JOIN spip_documents_liens AS L ON L.id_document=D.id_document',
			"L.objet='article' AND L.id_objet=" . (int) $id,
			'',
			'D.id_document'
		) as $one
	) {
		if ($one['mode'] === 'logoon') {
			$logo = true;
		} else {
			// SPIP counts files of one name: name-2.jpg is a name.jpg.
			$name = preg_replace('/(?<=[0-9a-f]{16})-\d+(?=\.\w+$)/', '', basename($one['fichier']));
			$documents += [$name => (string) $one['id_document']];
		}
	}
	return [
		'id' => (string) $row['id_article'],
		'fields' => $fields,
		'statut' => $row['statut'],
		'lang' => $row['lang'],
		'id_trad' => (string) $row['id_trad'],
		'date' => $row['date'],
		'date_redac' => $row['date_redac'],
		'documents' => $documents,
		'logo' => $logo,
		'seal' => hash('sha256', serialize([$fields, $row['statut']])),
	];
}

/** Numbers of the articles that hold a key, the oldest first. */
function ivpipe_of_key($key) {
	// In LIKE an underscore is any character: what comes is looked at once more.
	$like = 'texte LIKE ' . sql_quote("%<!-- $key r%");
	$rows = sql_allfetsel('id_article, texte', 'spip_articles', $like, '', 'id_article');
	$ours = array_filter($rows, function ($row) use ($key) {
		return ivpipe_key_in($row['texte']) === $key;
	});
	return array_map('intval', array_column($ours, 'id_article'));
}

function ivpipe_key_in($text) {
	return preg_match('/<!-- ([A-Za-z0-9][A-Za-z0-9_.-]*?) r[0-9]+ -->/', $text, $match) ? $match[1] : '';
}

/** The number of an article that is asked to be changed. Throws IvpipeRefusal where it is another's, or the author may not. */
function ivpipe_own($request, $key) {
	$id = ivpipe_number($request, 'id');
	$text = sql_getfetsel('texte', 'spip_articles', "id_article=$id");
	if (!is_string($text) || !in_array(ivpipe_key_in($text), ['', $key], true)) {
		throw new IvpipeRefusal("article $id is not that of the key", 409);
	}
	if (!autoriser('modifier', 'article', $id)) {
		throw new IvpipeRefusal("the account may not change article $id", 403);
	}
	return $id;
}

/** The number of the section, keyword, author of just this name; 0 where there is none, or it is not clear which. */
function ivpipe_named($type, $name) {
	if (!is_string($name)) {
		return 0;
	}
	$title = $type === 'auteur' ? 'nom' : 'titre';
	$where = $type === 'auteur' ? "statut<>'5poubelle'" : '';
	$found = [];
	foreach (sql_allfetsel("id_$type AS id, $title AS title", "spip_{$type}s", $where) as $row) {
		if (ivpipe_plain($row['title']) === ivpipe_plain($name)) {
			$found[] = (int) $row['id'];
		}
	}
	return count($found) === 1 ? $found[0] : 0;
}

/** A title for comparing: as readers see it, without its number, in small letters. */
function ivpipe_plain($title) {
	$text = html_entity_decode(strip_tags(supprimer_numero($title)), ENT_QUOTES | ENT_HTML5, 'UTF-8');
	return mb_strtolower(trim(preg_replace('/\s+/u', ' ', str_replace("\u{2019}", "'", $text))), 'UTF-8');
}

function ivpipe_objects_with($setting) {
	return in_array('spip_articles', explode(',', $GLOBALS['meta'][$setting] ?? ''), true);
}

/** SPIP's own functions return a text where they did not do it. */
function ivpipe_done($error) {
	if (is_string($error) && $error !== '') {
		throw new IvpipeRefusal('SPIP says: ' . strip_tags($error), 422);
	}
}

function ivpipe_key($request) {
	$key = ivpipe_text($request, 'key');
	if (!preg_match('/^(?!.*--)[A-Za-z0-9][A-Za-z0-9_.-]{0,120}(?<!-)\z/', $key)) {
		throw new IvpipeRefusal('that is no key', 400);
	}
	return $key;
}

function ivpipe_text($request, $name) {
	$value = $request[$name] ?? '';
	if (!is_string($value)) {
		throw new IvpipeRefusal("\"$name\" is no text", 400);
	}
	return $value;
}

function ivpipe_number($request, $name) {
	$value = $request[$name] ?? 0;
	if (!is_int($value) || $value < 0) {
		throw new IvpipeRefusal("\"$name\" is no number", 400);
	}
	return $value;
}

function ivpipe_date($request, $name) {
	$value = ivpipe_text($request, $name);
	if ($value !== '' && !preg_match('/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\z/', $value)) {
		throw new IvpipeRefusal("\"$name\" is no date", 400);
	}
	return $value;
}

function ivpipe_list($request, $name) {
	$value = $request[$name] ?? [];
	if (!is_array($value) || array_values($value) !== $value) {
		throw new IvpipeRefusal("\"$name\" is no list", 400);
	}
	return $value;
}

function ivpipe_texts($request, $name) {
	$value = $request[$name] ?? [];
	if (!is_array($value) || array_filter($value, 'is_string') !== $value) {
		throw new IvpipeRefusal("\"$name\" holds what is no text", 400);
	}
	return $value;
}

function ivpipe_fields($request) {
	$fields = ivpipe_texts($request, 'fields');
	if (array_diff_key($fields, _IVPIPE_FIELDS)) {
		throw new IvpipeRefusal('there are fields that are not ours', 400);
	}
	return $fields;
}

/** The bytes of a picture, which is what its name says. */
function ivpipe_data($request, $name) {
	$types = ['jpg' => IMAGETYPE_JPEG, 'png' => IMAGETYPE_PNG, 'gif' => IMAGETYPE_GIF, 'webp' => IMAGETYPE_WEBP];
	$data = (string) base64_decode(ivpipe_text($request, 'data'), true);
	$found = $data === '' ? false : getimagesizefromstring($data);
	if (!$found || $found[2] !== $types[pathinfo($name, PATHINFO_EXTENSION)]) {
		throw new IvpipeRefusal('"data" is not the picture that the name says', 400);
	}
	return $data;
}
