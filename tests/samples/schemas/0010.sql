BEGIN;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" ("version_num") VALUES ('0010');
CREATE TABLE articles (
	id INTEGER NOT NULL, 
	source_slug VARCHAR(64) NOT NULL, 
	url TEXT NOT NULL, 
	guid TEXT NOT NULL, 
	lang VARCHAR(16) NOT NULL, 
	title TEXT NOT NULL, 
	summary TEXT NOT NULL, 
	published_at DATETIME, 
	discovered_at DATETIME NOT NULL, 
	decision VARCHAR(16) NOT NULL, 
	decided_at DATETIME, 
	decided_by_id INTEGER, 
	decision_reason TEXT NOT NULL, 
	document_id INTEGER, 
	looked_at DATETIME, 
	gone BOOLEAN NOT NULL, 
	attempts INTEGER NOT NULL, 
	last_error TEXT NOT NULL, 
	retry_at DATETIME, 
	lease_owner VARCHAR(64) NOT NULL, 
	lease_until DATETIME, look_at DATETIME, gone_at DATETIME, not_before DATETIME, announced JSON DEFAULT '{}' NOT NULL, warnings JSON DEFAULT '[]' NOT NULL, waits TEXT DEFAULT '' NOT NULL, url_key TEXT DEFAULT '' NOT NULL, canonical_key TEXT DEFAULT '' NOT NULL, fingerprint VARCHAR(64) DEFAULT '' NOT NULL, duplicate_of_id INTEGER, doubt_id INTEGER, unfinished INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_articles PRIMARY KEY (id), 
	CONSTRAINT fk_articles_decided_by_id_users FOREIGN KEY(decided_by_id) REFERENCES users (id), 
	CONSTRAINT uq_articles_url UNIQUE (url)
);
INSERT INTO "articles" ("id", "source_slug", "url", "guid", "lang", "title", "summary", "published_at", "discovered_at", "decision", "decided_at", "decided_by_id", "decision_reason", "document_id", "looked_at", "gone", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "look_at", "gone_at", "not_before", "announced", "warnings", "waits", "url_key", "canonical_key", "fingerprint", "duplicate_of_id", "doubt_id", "unfinished") VALUES (1, 'ecluse', 'http://127.0.0.1:32989/article-1', '', 'fr', 'L’éclusière de nuit', '', '2026-11-01 09:00:00.000000', '2026-11-02 09:00:00.000000', 'selected', '2026-11-02 10:00:00.000000', 2, '', 1, '2026-11-04 09:00:00.000000', 0, 0, '', NULL, '', NULL, '2026-11-04 10:00:00.000000', NULL, NULL, '{"sections": [], "authors": []}', '["the article is very short (203 characters): is it whole?"]', '', '127.0.0.1:32989/article-1', '127.0.0.1:32989/article-1', '', NULL, 1, 0);
INSERT INTO "articles" ("id", "source_slug", "url", "guid", "lang", "title", "summary", "published_at", "discovered_at", "decision", "decided_at", "decided_by_id", "decision_reason", "document_id", "looked_at", "gone", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "look_at", "gone_at", "not_before", "announced", "warnings", "waits", "url_key", "canonical_key", "fingerprint", "duplicate_of_id", "doubt_id", "unfinished") VALUES (2, 'ecluse', 'http://127.0.0.1:32989/article-2', '', 'fr', 'Le marché sous le pont', '', '2026-10-31 09:00:00.000000', '2026-11-02 09:00:00.000000', 'selected', '2026-11-02 10:00:00.000000', 2, '', 5, '2026-11-04 09:00:00.000000', 0, 0, '', NULL, '', NULL, '2026-11-05 09:00:00.000000', NULL, NULL, '{"sections": [], "authors": []}', '["the article is very short (201 characters): is it whole?"]', '', '127.0.0.1:32989/article-2', '127.0.0.1:32989/article-2', '', NULL, NULL, 0);
INSERT INTO "articles" ("id", "source_slug", "url", "guid", "lang", "title", "summary", "published_at", "discovered_at", "decision", "decided_at", "decided_by_id", "decision_reason", "document_id", "looked_at", "gone", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "look_at", "gone_at", "not_before", "announced", "warnings", "waits", "url_key", "canonical_key", "fingerprint", "duplicate_of_id", "doubt_id", "unfinished") VALUES (3, 'ecluse', 'http://127.0.0.1:32989/article-3', '', 'fr', 'Une péniche à vendre', '', '2026-10-30 09:00:00.000000', '2026-11-02 09:00:00.000000', 'selected', '2026-11-02 10:00:00.000000', 2, '', 3, '2026-11-04 09:00:00.000000', 1, 1, 'http://127.0.0.1:32989/article-3: the site answers 404: there is no such page (any more)', '2026-11-05 06:19:17.088905', '', NULL, '2026-11-05 09:00:00.000000', '2026-11-04 09:00:00.000000', NULL, '{"sections": [], "authors": []}', '["the article is very short (131 characters): is it whole?"]', '', '127.0.0.1:32989/article-3', '127.0.0.1:32989/article-3', '', NULL, NULL, 0);
INSERT INTO "articles" ("id", "source_slug", "url", "guid", "lang", "title", "summary", "published_at", "discovered_at", "decision", "decided_at", "decided_by_id", "decision_reason", "document_id", "looked_at", "gone", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "look_at", "gone_at", "not_before", "announced", "warnings", "waits", "url_key", "canonical_key", "fingerprint", "duplicate_of_id", "doubt_id", "unfinished") VALUES (4, 'ecluse', 'http://127.0.0.1:32989/article-4', '', 'fr', 'Programme des fêtes', '', '2026-10-29 09:00:00.000000', '2026-11-02 09:00:00.000000', 'dismissed', '2026-11-02 10:00:00.000000', 2, 'a calendar, no article', 4, '2026-11-02 09:00:00.000000', 0, 0, '', NULL, '', NULL, '2026-11-02 10:00:00.000000', NULL, NULL, '{"sections": [], "authors": []}', '["the article is very short (83 characters): is it whole?"]', '', '127.0.0.1:32989/article-4', '127.0.0.1:32989/article-4', '', NULL, NULL, 0);
CREATE TABLE desk_sessions (
	token_hash VARCHAR(64) NOT NULL, 
	user_id INTEGER NOT NULL, 
	csrf VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_desk_sessions PRIMARY KEY (token_hash), 
	CONSTRAINT fk_desk_sessions_user_id_users FOREIGN KEY(user_id) REFERENCES users (id)
);
INSERT INTO "desk_sessions" ("token_hash", "user_id", "csrf", "created_at", "expires_at") VALUES ('ed9b1de46fe14e9927dc9fd9bb6fd957235a61801ea0e964a7cb2b1d79610b03', 2, 'ntM8sJ9zX8n61z9Gal3J8Plcb2r_WFQ_o8qCmdAIzuU', '2026-11-02 09:00:00.000000', '2036-10-30 09:00:00.000000');
CREATE TABLE documents (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	snapshot_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	content JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_documents PRIMARY KEY (id), 
	CONSTRAINT fk_documents_article_id_articles FOREIGN KEY(article_id) REFERENCES articles (id), 
	CONSTRAINT fk_documents_snapshot_id_snapshots FOREIGN KEY(snapshot_id) REFERENCES snapshots (id), 
	CONSTRAINT uq_documents_article_id_number UNIQUE (article_id, number)
);
INSERT INTO "documents" ("id", "article_id", "snapshot_id", "number", "content_hash", "content", "created_at") VALUES (1, 1, 1, 1, 'dd2cef03ec2240da977a5d68ab8045062a9cc4098129200e6bff6d5bcf561da8', '{"url": "http://127.0.0.1:32989/article-1", "title": "L\u2019\u00e9clusi\u00e8re de nuit", "lang": "fr", "canonical_url": "http://127.0.0.1:32989/article-1", "kicker": "", "standfirst": "", "authors": ["Jeanne Morel"], "published": "", "modified": "", "section": "", "tags": [], "blocks": [{"type": "paragraph", "html": "Depuis 14 ans, elle ouvre les portes <em>\u00e0 la main</em>. Le canal dort. Personne ne passe avant 5 heures."}, {"type": "paragraph", "html": "La compagnie promet <a href=\"https://ecluse.example/moteurs\">des moteurs</a> pour 2027. On attend."}], "notes": [], "images": [{"src": "http://127.0.0.1:32989/port.jpg", "alt": "Une \u00e9cluse", "caption": "L\u2019\u00e9cluse. Photo : L\u2019\u00c9cluse", "credit": ""}], "lead_image": 0, "extractor": "generic 3", "warnings": ["the article is very short (203 characters): is it whole?"]}', '2026-11-02 09:00:00.000000');
INSERT INTO "documents" ("id", "article_id", "snapshot_id", "number", "content_hash", "content", "created_at") VALUES (2, 2, 2, 1, '05294e150830e0c616b369fdd562fe94dc1dbc0c47f41fcd68dae1930004b9d4', '{"url": "http://127.0.0.1:32989/article-2", "title": "Le march\u00e9 sous le pont", "lang": "fr", "canonical_url": "http://127.0.0.1:32989/article-2", "kicker": "", "standfirst": "", "authors": ["Jeanne Morel"], "published": "", "modified": "", "section": "", "tags": [], "blocks": [{"type": "paragraph", "html": "Le samedi, trente \u00e9tals tiennent entre les piles. Les prix n\u2019ont pas boug\u00e9 depuis 3 ans."}, {"type": "paragraph", "html": "On y vend des pommes, des vis et <strong>des histoires</strong>."}], "notes": [], "images": [{"src": "http://127.0.0.1:32989/port.jpg", "alt": "Une \u00e9cluse", "caption": "L\u2019\u00e9cluse. Photo : L\u2019\u00c9cluse", "credit": ""}], "lead_image": 0, "extractor": "generic 3", "warnings": ["the article is very short (152 characters): is it whole?"]}', '2026-11-02 09:00:00.000000');
INSERT INTO "documents" ("id", "article_id", "snapshot_id", "number", "content_hash", "content", "created_at") VALUES (3, 3, 3, 1, '8004aafa48add1094214784661d25e2c684cb3a7ec93b53452c237c8ee3a9c02', '{"url": "http://127.0.0.1:32989/article-3", "title": "Une p\u00e9niche \u00e0 vendre", "lang": "fr", "canonical_url": "http://127.0.0.1:32989/article-3", "kicker": "", "standfirst": "", "authors": ["Jeanne Morel"], "published": "", "modified": "", "section": "", "tags": [], "blocks": [{"type": "paragraph", "html": "Elle mesure 38 m\u00e8tres et n\u2019a plus de moteur. Le vendeur en demande 20 000 euros."}, {"type": "paragraph", "html": "Il la donnerait \u00e0 qui promet de la peindre en bleu."}], "notes": [], "images": [{"src": "http://127.0.0.1:32989/port.jpg", "alt": "Une \u00e9cluse", "caption": "L\u2019\u00e9cluse. Photo : L\u2019\u00c9cluse", "credit": ""}], "lead_image": 0, "extractor": "generic 3", "warnings": ["the article is very short (131 characters): is it whole?"]}', '2026-11-02 09:00:00.000000');
INSERT INTO "documents" ("id", "article_id", "snapshot_id", "number", "content_hash", "content", "created_at") VALUES (4, 4, 4, 1, '0c4e065dc87424f6e2c4d228c17792b05347b9e540e37d03ea5295fbbe745221', '{"url": "http://127.0.0.1:32989/article-4", "title": "Programme des f\u00eates", "lang": "fr", "canonical_url": "http://127.0.0.1:32989/article-4", "kicker": "", "standfirst": "", "authors": ["Jeanne Morel"], "published": "", "modified": "", "section": "", "tags": [], "blocks": [{"type": "paragraph", "html": "Le bal commence \u00e0 21 heures sur la place."}, {"type": "paragraph", "html": "Le feu d\u2019artifice suit, s\u2019il ne pleut pas."}], "notes": [], "images": [{"src": "http://127.0.0.1:32989/port.jpg", "alt": "Une \u00e9cluse", "caption": "L\u2019\u00e9cluse. Photo : L\u2019\u00c9cluse", "credit": ""}], "lead_image": 0, "extractor": "generic 3", "warnings": ["the article is very short (83 characters): is it whole?"]}', '2026-11-02 09:00:00.000000');
INSERT INTO "documents" ("id", "article_id", "snapshot_id", "number", "content_hash", "content", "created_at") VALUES (5, 2, 6, 2, '483be5bea785cfb713d0f9c192395afaeefe8ce26b33f0701d68da58485b0137', '{"url": "http://127.0.0.1:32989/article-2", "title": "Le march\u00e9 sous le pont", "lang": "fr", "canonical_url": "http://127.0.0.1:32989/article-2", "kicker": "", "standfirst": "", "authors": ["Jeanne Morel"], "published": "", "modified": "", "section": "", "tags": [], "blocks": [{"type": "paragraph", "html": "Le samedi, trente \u00e9tals tiennent entre les piles. Les prix n\u2019ont pas boug\u00e9 depuis 3 ans."}, {"type": "paragraph", "html": "On y vend des pommes, des vis et <strong>des histoires</strong>."}, {"type": "paragraph", "html": "Il pleut depuis mardi, et le march\u00e9 reste ouvert."}], "notes": [], "images": [{"src": "http://127.0.0.1:32989/port.jpg", "alt": "Une \u00e9cluse", "caption": "L\u2019\u00e9cluse. Photo : L\u2019\u00c9cluse", "credit": ""}], "lead_image": 0, "extractor": "generic 3", "warnings": ["the article is very short (201 characters): is it whole?"]}', '2026-11-04 09:00:00.000000');
CREATE TABLE doubts (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	snapshot_id INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	evidence JSON NOT NULL, 
	content JSON, 
	since DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	seen INTEGER NOT NULL, 
	decision VARCHAR(16), 
	decided_at DATETIME, 
	decided_by_id INTEGER, 
	ended_at DATETIME, 
	CONSTRAINT pk_doubts PRIMARY KEY (id), 
	CONSTRAINT fk_doubts_article_id_articles FOREIGN KEY(article_id) REFERENCES articles (id), 
	CONSTRAINT fk_doubts_snapshot_id_snapshots FOREIGN KEY(snapshot_id) REFERENCES snapshots (id), 
	CONSTRAINT fk_doubts_decided_by_id_users FOREIGN KEY(decided_by_id) REFERENCES users (id)
);
INSERT INTO "doubts" ("id", "article_id", "snapshot_id", "kind", "evidence", "content", "since", "seen_at", "seen", "decision", "decided_at", "decided_by_id", "ended_at") VALUES (1, 1, 5, 'not_found', '{"kind": "not_found", "address": "http://127.0.0.1:32989/article-1", "quote": "Page introuvable: Cette page n\u2019existe pas ou n\u2019existe plus.", "common": 0.0, "other": null, "status": 200}', '{"url": "http://127.0.0.1:32989/article-1", "title": "Page introuvable", "lang": "fr", "canonical_url": "http://127.0.0.1:32989/article-1", "kicker": "", "standfirst": "", "authors": [], "published": "", "modified": "", "section": "", "tags": [], "blocks": [{"type": "paragraph", "html": "Cette page n\u2019existe pas ou n\u2019existe plus."}], "notes": [], "images": [], "lead_image": null, "extractor": "generic 3", "warnings": ["the article is very short (41 characters): is it whole?"]}', '2026-11-04 09:00:00.000000', '2026-11-04 09:00:00.000000', 1, NULL, NULL, NULL, NULL);
CREATE TABLE draft_segments (
	id INTEGER NOT NULL, 
	draft_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	part VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	source TEXT NOT NULL, 
	tags JSON NOT NULL, 
	gap TEXT NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	target TEXT NOT NULL, 
	origin VARCHAR(16) NOT NULL, 
	engine TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	edited_by_id INTEGER, 
	edited_at DATETIME, change VARCHAR(16) DEFAULT 'none' NOT NULL, old_source TEXT DEFAULT '' NOT NULL, suggestion TEXT DEFAULT '' NOT NULL, machine TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_draft_segments PRIMARY KEY (id), 
	CONSTRAINT fk_draft_segments_draft_id_drafts FOREIGN KEY(draft_id) REFERENCES drafts (id), 
	CONSTRAINT fk_draft_segments_edited_by_id_users FOREIGN KEY(edited_by_id) REFERENCES users (id), 
	CONSTRAINT uq_draft_segments_draft_id_position UNIQUE (draft_id, position)
);
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (1, 1, 0, 'title', 'title', 'L’éclusière de nuit', '[]', '', '93d1d83cecc74435133bc0647ad43fb1a7725c7c44442eda95a2ae50dc4ca81a', '[en] L’éclusière de nuit Ruhig – καλά.', 'human', 'dummy', 2, 1, '2026-11-03 12:00:00.000000', 'none', '', '', '[en] L’éclusière de nuit');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (2, 1, 1, 'image:0:caption', 'caption', 'L’écluse.', '[]', ' ', '045e50f1d5108a13ec6f7f2f142352320418d6039f1d17e64762e4addb217ee4', '[en] L’écluse. Ruhig – καλά.', 'human', 'dummy', 2, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] L’écluse.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (3, 1, 2, 'image:0:caption', 'caption', 'Photo : L’Écluse', '[]', '', '6f451d5dbf0025d253fbce7269971dec7cb778fb267732447ead2648f4537b4b', '[en] Photo : L’Écluse', 'human', 'dummy', 1, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] Photo : L’Écluse');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (4, 1, 3, 'image:0:alt', 'alt', 'Une écluse', '[]', '', 'e51e6e3a09b5e928f980552749923863194a136428f771beca2edc5a2fd3cd22', '[en] Une écluse', 'human', 'dummy', 1, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] Une écluse');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (5, 1, 4, 'block:0', 'paragraph', 'Depuis 14 ans, elle ouvre les portes <1>à la main</1>.', '[["<em>", "</em>", false]]', ' ', '470320b27ca866f6cbdb96fce6cc41bfdba12c52f630f0ab0699a7e42c5de53d', '[en] Depuis fourteen ans, elle ouvre les portes <1>à la main</1>.', 'human', 'dummy', 2, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] Depuis 14 ans, elle ouvre les portes <1>à la main</1>.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (6, 1, 5, 'block:0', 'paragraph', 'Le canal dort.', '[]', ' ', '5497531983068e939dd115befc910cb83be6d7b7222b0e9f3d09b5a9f3cb05ec', '[en] Le canal dort.', 'human', 'dummy', 1, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] Le canal dort.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (7, 1, 6, 'block:0', 'paragraph', 'Personne ne passe avant 5 heures.', '[]', '', '794706880827902ae8c7e12c972e181448e51045d52df4d490408515a1abae67', '[en] Personne ne passe avant 5 heures.', 'human', 'dummy', 1, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] Personne ne passe avant 5 heures.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (8, 1, 7, 'block:1', 'paragraph', 'La compagnie promet <1>des moteurs</1> pour 2027.', '[["<a href=\"https://ecluse.example/moteurs\">", "</a>", false]]', ' ', '4a3cdfabd7ea587ed7829d7a8a0b9bfc464fe84f48f06479bffa9f834ae9f360', '[en] La compagnie promet <1>des moteurs</1> pour 2027.', 'human', 'dummy', 1, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] La compagnie promet <1>des moteurs</1> pour 2027.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (9, 1, 8, 'block:1', 'paragraph', 'On attend.', '[]', '', '166f14d84df62a14aba693a4f85792fea7ab2e7aab4375698b8c3001a8326407', '[en] On attend.', 'human', 'dummy', 1, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] On attend.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (10, 2, 0, 'title', 'title', 'Le marché sous le pont', '[]', '', '3e276ee71046833421912375136d29f1d477891fc8b33ea334e98dcf4b2f1e3d', '[en] Le marché sous le pont', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Le marché sous le pont');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (11, 2, 1, 'image:0:caption', 'caption', 'L’écluse.', '[]', ' ', '045e50f1d5108a13ec6f7f2f142352320418d6039f1d17e64762e4addb217ee4', '[en] L’écluse.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] L’écluse.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (12, 2, 2, 'image:0:caption', 'caption', 'Photo : L’Écluse', '[]', '', '6f451d5dbf0025d253fbce7269971dec7cb778fb267732447ead2648f4537b4b', '[en] Photo : L’Écluse Ruhig – καλά.', 'human', 'dummy', 1, 1, '2026-11-03 14:00:00.000000', 'none', '', '', '[en] Photo : L’Écluse');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (13, 2, 3, 'image:0:alt', 'alt', 'Une écluse', '[]', '', 'e51e6e3a09b5e928f980552749923863194a136428f771beca2edc5a2fd3cd22', '[en] Une écluse', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Une écluse');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (14, 2, 4, 'block:0', 'paragraph', 'Le samedi, trente étals tiennent entre les piles.', '[]', ' ', '3bc2c49f85548d939e45315cb4d91abdeed857fccbf3a73ddc13c6c06ea5b298', '[en] Le samedi, trente étals tiennent entre les piles.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Le samedi, trente étals tiennent entre les piles.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (15, 2, 5, 'block:0', 'paragraph', 'Les prix n’ont pas bougé depuis 3 ans.', '[]', '', '136e5e9a36a57d561870bb9de0d42420694508873069e2d740719727bb916596', '[en] Les prix n’ont pas bougé depuis 3 ans.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Les prix n’ont pas bougé depuis 3 ans.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (16, 2, 6, 'block:1', 'paragraph', 'On y vend des pommes, des vis et <1>des histoires</1>.', '[["<strong>", "</strong>", false]]', '', '9d2361c8cbef0dd0383d4a58e8186a8117b2137e0e20d33ad336f84901790079', '[en] On y vend des pommes, des vis et <1>des histoires</1>.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] On y vend des pommes, des vis et <1>des histoires</1>.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (17, 3, 0, 'title', 'title', 'Une péniche à vendre', '[]', '', '995b1454e34bc460406e89981c5e0c59a9ee1260aabd4498d8a7faa43df3e0be', '[en] Une péniche à vendre Ruhig – καλά.', 'human', 'dummy', 1, 2, '2026-11-03 14:00:00.000000', 'none', '', '', '[en] Une péniche à vendre');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (18, 3, 1, 'image:0:caption', 'caption', 'L’écluse.', '[]', ' ', '045e50f1d5108a13ec6f7f2f142352320418d6039f1d17e64762e4addb217ee4', '[en] L’écluse.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] L’écluse.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (19, 3, 2, 'image:0:caption', 'caption', 'Photo : L’Écluse', '[]', '', '6f451d5dbf0025d253fbce7269971dec7cb778fb267732447ead2648f4537b4b', '[en] Photo : L’Écluse', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Photo : L’Écluse');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (20, 3, 3, 'image:0:alt', 'alt', 'Une écluse', '[]', '', 'e51e6e3a09b5e928f980552749923863194a136428f771beca2edc5a2fd3cd22', '[en] Une écluse', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Une écluse');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (21, 3, 4, 'block:0', 'paragraph', 'Elle mesure 38 mètres et n’a plus de moteur.', '[]', ' ', '7368caf61c1ef6e65647a887395b7c6e50d647db8581bdc038221495f88ef4a0', '[en] Elle mesure 38 mètres et n’a plus de moteur.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Elle mesure 38 mètres et n’a plus de moteur.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (22, 3, 5, 'block:0', 'paragraph', 'Le vendeur en demande 20 000 euros.', '[]', '', '0c0930923301a037f1d92d42fab2582ffd83c9226b432756769139e6b7774ad4', '[en] Le vendeur en demande 20 000 euros.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Le vendeur en demande 20 000 euros.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (23, 3, 6, 'block:1', 'paragraph', 'Il la donnerait à qui promet de la peindre en bleu.', '[]', '', '9cdda2932ae07933a9ed54410c6d6cb97928d1602aca07240a79762e320c2154', '[en] Il la donnerait à qui promet de la peindre en bleu.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Il la donnerait à qui promet de la peindre en bleu.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (24, 4, 0, 'title', 'title', 'Le marché sous le pont', '[]', '', '3e276ee71046833421912375136d29f1d477891fc8b33ea334e98dcf4b2f1e3d', '[en] Le marché sous le pont', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Le marché sous le pont');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (25, 4, 1, 'image:0:caption', 'caption', 'L’écluse.', '[]', ' ', '045e50f1d5108a13ec6f7f2f142352320418d6039f1d17e64762e4addb217ee4', '[en] L’écluse.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] L’écluse.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (26, 4, 2, 'image:0:caption', 'caption', 'Photo : L’Écluse', '[]', '', '6f451d5dbf0025d253fbce7269971dec7cb778fb267732447ead2648f4537b4b', '[en] Photo : L’Écluse Ruhig – καλά.', 'human', 'dummy', 0, 1, '2026-11-03 14:00:00.000000', 'none', '', '', '[en] Photo : L’Écluse');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (27, 4, 3, 'image:0:alt', 'alt', 'Une écluse', '[]', '', 'e51e6e3a09b5e928f980552749923863194a136428f771beca2edc5a2fd3cd22', '[en] Une écluse', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Une écluse');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (28, 4, 4, 'block:0', 'paragraph', 'Le samedi, trente étals tiennent entre les piles.', '[]', ' ', '3bc2c49f85548d939e45315cb4d91abdeed857fccbf3a73ddc13c6c06ea5b298', '[en] Le samedi, trente étals tiennent entre les piles.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Le samedi, trente étals tiennent entre les piles.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (29, 4, 5, 'block:0', 'paragraph', 'Les prix n’ont pas bougé depuis 3 ans.', '[]', '', '136e5e9a36a57d561870bb9de0d42420694508873069e2d740719727bb916596', '[en] Les prix n’ont pas bougé depuis 3 ans.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] Les prix n’ont pas bougé depuis 3 ans.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (30, 4, 6, 'block:1', 'paragraph', 'On y vend des pommes, des vis et <1>des histoires</1>.', '[["<strong>", "</strong>", false]]', '', '9d2361c8cbef0dd0383d4a58e8186a8117b2137e0e20d33ad336f84901790079', '[en] On y vend des pommes, des vis et <1>des histoires</1>.', 'engine', 'dummy', 0, NULL, NULL, 'none', '', '', '[en] On y vend des pommes, des vis et <1>des histoires</1>.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (31, 4, 7, 'block:2', 'paragraph', 'Il pleut depuis mardi, et le marché reste ouvert.', '[]', '', '01c3998cdc32ad38ac54f33e2753d25107238206290a4378c5fc6f06afd30dc1', '[en] Il pleut depuis mardi, et le marché reste ouvert.', 'engine', 'dummy', 0, NULL, NULL, 'new', '', '', '[en] Il pleut depuis mardi, et le marché reste ouvert.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (32, 5, 0, 'title', 'title', 'L’éclusière de nuit', '[]', '', '93d1d83cecc74435133bc0647ad43fb1a7725c7c44442eda95a2ae50dc4ca81a', '[en] L’éclusière de nuit Ruhig – καλά.', 'human', 'dummy', 0, 1, '2026-11-03 12:00:00.000000', 'none', '', '', '[en] L’éclusière de nuit');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (33, 5, 1, 'image:0:caption', 'caption', 'L’écluse.', '[]', ' ', '045e50f1d5108a13ec6f7f2f142352320418d6039f1d17e64762e4addb217ee4', '[en] L’écluse. Ruhig – καλά.', 'human', 'dummy', 0, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] L’écluse.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (34, 5, 2, 'image:0:caption', 'caption', 'Photo : L’Écluse', '[]', '', '6f451d5dbf0025d253fbce7269971dec7cb778fb267732447ead2648f4537b4b', '[en] Photo : L’Écluse Ruhig – καλά.', 'human', 'dummy', 1, 1, '2026-11-05 09:00:00.000000', 'none', '', '', '[en] Photo : L’Écluse');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (35, 5, 3, 'image:0:alt', 'alt', 'Une écluse', '[]', '', 'e51e6e3a09b5e928f980552749923863194a136428f771beca2edc5a2fd3cd22', '[en] Une écluse', 'human', 'dummy', 0, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] Une écluse');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (36, 5, 4, 'block:0', 'paragraph', 'Depuis 14 ans, elle ouvre les portes <1>à la main</1>.', '[["<em>", "</em>", false]]', ' ', '470320b27ca866f6cbdb96fce6cc41bfdba12c52f630f0ab0699a7e42c5de53d', '[en] Depuis fourteen ans, elle ouvre les portes <1>à la main</1>.', 'human', 'dummy', 0, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] Depuis 14 ans, elle ouvre les portes <1>à la main</1>.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (37, 5, 5, 'block:0', 'paragraph', 'Le canal dort.', '[]', ' ', '5497531983068e939dd115befc910cb83be6d7b7222b0e9f3d09b5a9f3cb05ec', '[en] Le canal dort.', 'human', 'dummy', 0, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] Le canal dort.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (38, 5, 6, 'block:0', 'paragraph', 'Personne ne passe avant 5 heures.', '[]', '', '794706880827902ae8c7e12c972e181448e51045d52df4d490408515a1abae67', '[en] Personne ne passe avant 5 heures.', 'human', 'dummy', 0, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] Personne ne passe avant 5 heures.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (39, 5, 7, 'block:1', 'paragraph', 'La compagnie promet <1>des moteurs</1> pour 2027.', '[["<a href=\"https://ecluse.example/moteurs\">", "</a>", false]]', ' ', '4a3cdfabd7ea587ed7829d7a8a0b9bfc464fe84f48f06479bffa9f834ae9f360', '[en] La compagnie promet <1>des moteurs</1> pour 2027.', 'human', 'dummy', 0, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] La compagnie promet <1>des moteurs</1> pour 2027.');
INSERT INTO "draft_segments" ("id", "draft_id", "position", "part", "kind", "source", "tags", "gap", "key", "target", "origin", "engine", "version", "edited_by_id", "edited_at", "change", "old_source", "suggestion", "machine") VALUES (40, 5, 8, 'block:1', 'paragraph', 'On attend.', '[]', '', '166f14d84df62a14aba693a4f85792fea7ab2e7aab4375698b8c3001a8326407', '[en] On attend.', 'human', 'dummy', 0, 1, '2026-11-03 09:00:00.000000', 'none', '', '', '[en] On attend.');
CREATE TABLE drafts (
	id INTEGER NOT NULL, 
	translation_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	document_id INTEGER NOT NULL, 
	engine TEXT NOT NULL, 
	billed INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, saved INTEGER DEFAULT '0' NOT NULL, cached INTEGER DEFAULT '0' NOT NULL, hter FLOAT, chrf FLOAT, seconds INTEGER, correction TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_drafts PRIMARY KEY (id), 
	CONSTRAINT fk_drafts_document_id_documents FOREIGN KEY(document_id) REFERENCES documents (id), 
	CONSTRAINT fk_drafts_translation_id_translations FOREIGN KEY(translation_id) REFERENCES translations (id), 
	CONSTRAINT uq_drafts_translation_id_number UNIQUE (translation_id, number)
);
INSERT INTO "drafts" ("id", "translation_id", "number", "document_id", "engine", "billed", "created_at", "saved", "cached", "hter", "chrf", "seconds", "correction") VALUES (1, 1, 1, 1, 'dummy', 0, '2026-11-02 11:00:00.000000', 0, 0, 1.05882352941176469118e-01, 8.69299109244985714929e+01, 0, '');
INSERT INTO "drafts" ("id", "translation_id", "number", "document_id", "engine", "billed", "created_at", "saved", "cached", "hter", "chrf", "seconds", "correction") VALUES (2, 2, 1, 2, 'dummy', 0, '2026-11-02 11:00:00.000000', 0, 35, NULL, NULL, NULL, '');
INSERT INTO "drafts" ("id", "translation_id", "number", "document_id", "engine", "billed", "created_at", "saved", "cached", "hter", "chrf", "seconds", "correction") VALUES (3, 3, 1, 3, 'dummy', 0, '2026-11-02 11:00:00.000000', 0, 35, NULL, NULL, NULL, '');
INSERT INTO "drafts" ("id", "translation_id", "number", "document_id", "engine", "billed", "created_at", "saved", "cached", "hter", "chrf", "seconds", "correction") VALUES (4, 2, 2, 5, 'dummy', 0, '2026-11-04 11:00:00.000000', 191, 0, NULL, NULL, NULL, '');
INSERT INTO "drafts" ("id", "translation_id", "number", "document_id", "engine", "billed", "created_at", "saved", "cached", "hter", "chrf", "seconds", "correction") VALUES (5, 1, 2, 1, 'dummy', 0, '2026-11-05 09:00:00.000000', 0, 0, 1.46067415730337074597e-01, 8.33881071016148354112e+01, 0, 'A date was wrong.');
CREATE TABLE editions (
	id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	month DATE NOT NULL, 
	title TEXT NOT NULL, 
	opened_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	CONSTRAINT pk_editions PRIMARY KEY (id), 
	CONSTRAINT uq_editions_number UNIQUE (number)
);
INSERT INTO "editions" ("id", "number", "month", "title", "opened_at", "closed_at") VALUES (1, 1, '2026-11-01', 'Water', '2026-11-05 09:00:00.000000', NULL);
CREATE TABLE engine_uses (
	id INTEGER NOT NULL, 
	engine VARCHAR(64) NOT NULL, 
	translation_id INTEGER, 
	segments INTEGER NOT NULL, 
	characters INTEGER NOT NULL, 
	billed INTEGER NOT NULL, 
	at DATETIME NOT NULL, state VARCHAR(16) DEFAULT 'settled' NOT NULL, owner VARCHAR(64) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_engine_uses PRIMARY KEY (id), 
	CONSTRAINT fk_engine_uses_translation_id_translations FOREIGN KEY(translation_id) REFERENCES translations (id)
);
INSERT INTO "engine_uses" ("id", "engine", "translation_id", "segments", "characters", "billed", "at", "state", "owner") VALUES (1, 'dummy', 1, 9, 200, 0, '2026-11-02 11:00:00.000000', 'settled', 'vm:4026531836/20363/81314.af1d1165');
INSERT INTO "engine_uses" ("id", "engine", "translation_id", "segments", "characters", "billed", "at", "state", "owner") VALUES (2, 'dummy', 2, 4, 156, 0, '2026-11-02 11:00:00.000000', 'settled', 'vm:4026531836/20363/81314.af1d1165');
INSERT INTO "engine_uses" ("id", "engine", "translation_id", "segments", "characters", "billed", "at", "state", "owner") VALUES (3, 'dummy', 3, 4, 150, 0, '2026-11-02 11:00:00.000000', 'settled', 'vm:4026531836/20363/81314.af1d1165');
INSERT INTO "engine_uses" ("id", "engine", "translation_id", "segments", "characters", "billed", "at", "state", "owner") VALUES (4, 'dummy', 2, 1, 49, 0, '2026-11-04 10:00:00.000000', 'settled', 'vm:4026531836/20363/81314.982ca20b');
CREATE TABLE feed_states (
	source_slug VARCHAR(64) NOT NULL, 
	url TEXT NOT NULL, 
	reading VARCHAR(64) NOT NULL, 
	etag TEXT NOT NULL, 
	last_modified TEXT NOT NULL, 
	checked_at DATETIME, 
	CONSTRAINT pk_feed_states PRIMARY KEY (source_slug, url)
);
INSERT INTO "feed_states" ("source_slug", "url", "reading", "etag", "last_modified", "checked_at") VALUES ('ecluse', 'http://127.0.0.1:32989/feed', 'bf6b690b5c24db3ba202fec7a91e26ae52891de45d2e0b11daa011df527cf067', '"1"', '', '2026-11-04 09:00:00.000000');
CREATE TABLE issues (
	id INTEGER NOT NULL, 
	segment_id INTEGER NOT NULL, 
	"check" VARCHAR(32) NOT NULL, 
	severity VARCHAR(16) NOT NULL, 
	message TEXT NOT NULL, 
	dismissed_by_id INTEGER, 
	dismissed_reason TEXT NOT NULL, 
	CONSTRAINT pk_issues PRIMARY KEY (id), 
	CONSTRAINT fk_issues_dismissed_by_id_users FOREIGN KEY(dismissed_by_id) REFERENCES users (id), 
	CONSTRAINT fk_issues_segment_id_draft_segments FOREIGN KEY(segment_id) REFERENCES draft_segments (id)
);
INSERT INTO "issues" ("id", "segment_id", "check", "severity", "message", "dismissed_by_id", "dismissed_reason") VALUES (1, 5, 'numbers', 'warning', 'The number 14 of the source is missing.', 1, 'numbers may be written out');
INSERT INTO "issues" ("id", "segment_id", "check", "severity", "message", "dismissed_by_id", "dismissed_reason") VALUES (2, 36, 'numbers', 'warning', 'The number 14 of the source is missing.', 1, 'numbers may be written out');
CREATE TABLE known_browsers (
	token_hash VARCHAR(64) NOT NULL, 
	user_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_known_browsers PRIMARY KEY (token_hash, user_id), 
	CONSTRAINT fk_known_browsers_user_id_users FOREIGN KEY(user_id) REFERENCES users (id)
);
INSERT INTO "known_browsers" ("token_hash", "user_id", "created_at", "expires_at") VALUES ('88a8d0bd90f406db47ac61890fa60f4c809fd41cf9de9713152d4ea0a4304662', 2, '2026-11-02 09:00:00.000000', '2027-11-02 09:00:00.000000');
CREATE TABLE login_counters (
	"key" VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	last_at DATETIME NOT NULL, 
	wait_until DATETIME, 
	refusal_noted BOOLEAN NOT NULL, 
	CONSTRAINT pk_login_counters PRIMARY KEY ("key")
);
INSERT INTO "login_counters" ("key", "kind", "attempts", "last_at", "wait_until", "refusal_noted") VALUES ('810cdf28cdc7f2fd9507fbe1567e878deaf7fec539558708aaf7840a06ab62ce', 'unknown', 1, '2026-11-02 09:00:00.000000', NULL, 0);
INSERT INTO "login_counters" ("key", "kind", "attempts", "last_at", "wait_until", "refusal_noted") VALUES ('user 1', 'user', 1, '2026-11-02 09:00:00.000000', NULL, 0);
CREATE TABLE machine_translations (
	engine VARCHAR(64) NOT NULL, 
	source_lang VARCHAR(16) NOT NULL, 
	target_lang VARCHAR(16) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	target TEXT NOT NULL, 
	uncertain BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_machine_translations PRIMARY KEY (engine, source_lang, target_lang, "key")
);
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '01c3998cdc32ad38ac54f33e2753d25107238206290a4378c5fc6f06afd30dc1', '[en] Il pleut depuis mardi, et le marché reste ouvert.', 0, '2026-11-04 10:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '045e50f1d5108a13ec6f7f2f142352320418d6039f1d17e64762e4addb217ee4', '[en] L’écluse.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '0c0930923301a037f1d92d42fab2582ffd83c9226b432756769139e6b7774ad4', '[en] Le vendeur en demande 20 000 euros.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '136e5e9a36a57d561870bb9de0d42420694508873069e2d740719727bb916596', '[en] Les prix n’ont pas bougé depuis 3 ans.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '166f14d84df62a14aba693a4f85792fea7ab2e7aab4375698b8c3001a8326407', '[en] On attend.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '3bc2c49f85548d939e45315cb4d91abdeed857fccbf3a73ddc13c6c06ea5b298', '[en] Le samedi, trente étals tiennent entre les piles.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '3e276ee71046833421912375136d29f1d477891fc8b33ea334e98dcf4b2f1e3d', '[en] Le marché sous le pont', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '470320b27ca866f6cbdb96fce6cc41bfdba12c52f630f0ab0699a7e42c5de53d', '[en] Depuis 14 ans, elle ouvre les portes <1>à la main</1>.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '4a3cdfabd7ea587ed7829d7a8a0b9bfc464fe84f48f06479bffa9f834ae9f360', '[en] La compagnie promet <1>des moteurs</1> pour 2027.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '5497531983068e939dd115befc910cb83be6d7b7222b0e9f3d09b5a9f3cb05ec', '[en] Le canal dort.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '6f451d5dbf0025d253fbce7269971dec7cb778fb267732447ead2648f4537b4b', '[en] Photo : L’Écluse', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '7368caf61c1ef6e65647a887395b7c6e50d647db8581bdc038221495f88ef4a0', '[en] Elle mesure 38 mètres et n’a plus de moteur.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '794706880827902ae8c7e12c972e181448e51045d52df4d490408515a1abae67', '[en] Personne ne passe avant 5 heures.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '93d1d83cecc74435133bc0647ad43fb1a7725c7c44442eda95a2ae50dc4ca81a', '[en] L’éclusière de nuit', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '995b1454e34bc460406e89981c5e0c59a9ee1260aabd4498d8a7faa43df3e0be', '[en] Une péniche à vendre', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '9cdda2932ae07933a9ed54410c6d6cb97928d1602aca07240a79762e320c2154', '[en] Il la donnerait à qui promet de la peindre en bleu.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', '9d2361c8cbef0dd0383d4a58e8186a8117b2137e0e20d33ad336f84901790079', '[en] On y vend des pommes, des vis et <1>des histoires</1>.', 0, '2026-11-02 11:00:00.000000');
INSERT INTO "machine_translations" ("engine", "source_lang", "target_lang", "key", "target", "uncertain", "created_at") VALUES ('dummy', 'fr', 'en', 'e51e6e3a09b5e928f980552749923863194a136428f771beca2edc5a2fd3cd22', '[en] Une écluse', 0, '2026-11-02 11:00:00.000000');
CREATE TABLE memory_entries (
	id INTEGER NOT NULL, 
	source_lang VARCHAR(16) NOT NULL, 
	target_lang VARCHAR(16) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	source TEXT NOT NULL, 
	target TEXT NOT NULL, 
	translation_id INTEGER, 
	user_id INTEGER, 
	changed_at DATETIME NOT NULL, translator TEXT DEFAULT '' NOT NULL, origin VARCHAR(64) DEFAULT '' NOT NULL, context VARCHAR(64) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_memory_entries PRIMARY KEY (id), 
	CONSTRAINT fk_memory_entries_translation_id_translations FOREIGN KEY(translation_id) REFERENCES translations (id), 
	CONSTRAINT fk_memory_entries_user_id_users FOREIGN KEY(user_id) REFERENCES users (id)
);
INSERT INTO "memory_entries" ("id", "source_lang", "target_lang", "key", "source", "target", "translation_id", "user_id", "changed_at", "translator", "origin", "context") VALUES (1, 'fr', 'en', '93d1d83cecc74435133bc0647ad43fb1a7725c7c44442eda95a2ae50dc4ca81a', 'L’éclusière de nuit', '[en] L’éclusière de nuit Ruhig – καλά.', 1, 1, '2026-11-03 13:00:00.000000', '', '', '3bb647a639b1d30a0febaadb0ee9d632');
INSERT INTO "memory_entries" ("id", "source_lang", "target_lang", "key", "source", "target", "translation_id", "user_id", "changed_at", "translator", "origin", "context") VALUES (2, 'fr', 'en', '045e50f1d5108a13ec6f7f2f142352320418d6039f1d17e64762e4addb217ee4', 'L’écluse.', '[en] L’écluse. Ruhig – καλά.', 1, 1, '2026-11-03 13:00:00.000000', '', '', '51602d7182646bb4d40fd33b2584efc9');
INSERT INTO "memory_entries" ("id", "source_lang", "target_lang", "key", "source", "target", "translation_id", "user_id", "changed_at", "translator", "origin", "context") VALUES (4, 'fr', 'en', 'e51e6e3a09b5e928f980552749923863194a136428f771beca2edc5a2fd3cd22', 'Une écluse', '[en] Une écluse', 1, 1, '2026-11-03 13:00:00.000000', '', '', 'e18e7828e69dfd6a588fc078dac32a54');
INSERT INTO "memory_entries" ("id", "source_lang", "target_lang", "key", "source", "target", "translation_id", "user_id", "changed_at", "translator", "origin", "context") VALUES (5, 'fr', 'en', '470320b27ca866f6cbdb96fce6cc41bfdba12c52f630f0ab0699a7e42c5de53d', 'Depuis 14 ans, elle ouvre les portes <1>à la main</1>.', '[en] Depuis fourteen ans, elle ouvre les portes <1>à la main</1>.', 1, 1, '2026-11-03 13:00:00.000000', '', '', '135aaef8fa5c3539d6e95a7e0d8a7d5e');
INSERT INTO "memory_entries" ("id", "source_lang", "target_lang", "key", "source", "target", "translation_id", "user_id", "changed_at", "translator", "origin", "context") VALUES (6, 'fr', 'en', '5497531983068e939dd115befc910cb83be6d7b7222b0e9f3d09b5a9f3cb05ec', 'Le canal dort.', '[en] Le canal dort.', 1, 1, '2026-11-03 13:00:00.000000', '', '', '71691fe5c03bd305cbcde3bad2bcce21');
INSERT INTO "memory_entries" ("id", "source_lang", "target_lang", "key", "source", "target", "translation_id", "user_id", "changed_at", "translator", "origin", "context") VALUES (7, 'fr', 'en', '794706880827902ae8c7e12c972e181448e51045d52df4d490408515a1abae67', 'Personne ne passe avant 5 heures.', '[en] Personne ne passe avant 5 heures.', 1, 1, '2026-11-03 13:00:00.000000', '', '', '5ee98b1382a27ac9404013562a9ad699');
INSERT INTO "memory_entries" ("id", "source_lang", "target_lang", "key", "source", "target", "translation_id", "user_id", "changed_at", "translator", "origin", "context") VALUES (8, 'fr', 'en', '4a3cdfabd7ea587ed7829d7a8a0b9bfc464fe84f48f06479bffa9f834ae9f360', 'La compagnie promet <1>des moteurs</1> pour 2027.', '[en] La compagnie promet <1>des moteurs</1> pour 2027.', 1, 1, '2026-11-03 13:00:00.000000', '', '', '83845c6a963bcd26c4d85134e0917ebd');
INSERT INTO "memory_entries" ("id", "source_lang", "target_lang", "key", "source", "target", "translation_id", "user_id", "changed_at", "translator", "origin", "context") VALUES (9, 'fr', 'en', '166f14d84df62a14aba693a4f85792fea7ab2e7aab4375698b8c3001a8326407', 'On attend.', '[en] On attend.', 1, 1, '2026-11-03 13:00:00.000000', '', '', '204fced69c44a05c95b967bf6731ffb7');
INSERT INTO "memory_entries" ("id", "source_lang", "target_lang", "key", "source", "target", "translation_id", "user_id", "changed_at", "translator", "origin", "context") VALUES (10, 'fr', 'en', '6f451d5dbf0025d253fbce7269971dec7cb778fb267732447ead2648f4537b4b', 'Photo : L’Écluse', '[en] Photo : L’Écluse Ruhig – καλά.', 1, 1, '2026-11-05 09:00:00.000000', '', '', '4fd7ae3cdc9df00e4a5b626c7336069e');
INSERT INTO "memory_entries" ("id", "source_lang", "target_lang", "key", "source", "target", "translation_id", "user_id", "changed_at", "translator", "origin", "context") VALUES (11, 'fr', 'en', '5497531983068e939dd115befc910cb83be6d7b7222b0e9f3d09b5a9f3cb05ec', 'Le canal dort.', 'The canal sleeps.', NULL, NULL, '2026-11-05 09:00:00.000000', '', 'others', '');
CREATE TABLE memory_pieces (
	id INTEGER NOT NULL, 
	source_lang VARCHAR(16) NOT NULL, 
	target_lang VARCHAR(16) NOT NULL, 
	side VARCHAR(6) NOT NULL, 
	first INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	entries INTEGER NOT NULL, 
	CONSTRAINT pk_memory_pieces PRIMARY KEY (id)
);
INSERT INTO "memory_pieces" ("id", "source_lang", "target_lang", "side", "first", "last", "entries") VALUES (1, 'fr', 'en', 'source', 1, 9, 9);
INSERT INTO "memory_pieces" ("id", "source_lang", "target_lang", "side", "first", "last", "entries") VALUES (2, 'fr', 'en', 'target', 1, 9, 9);
INSERT INTO "memory_pieces" ("id", "source_lang", "target_lang", "side", "first", "last", "entries") VALUES (5, 'fr', 'en', 'source', 10, 11, 2);
INSERT INTO "memory_pieces" ("id", "source_lang", "target_lang", "side", "first", "last", "entries") VALUES (6, 'fr', 'en', 'target', 10, 11, 2);
CREATE TABLE memory_words (
	piece_id INTEGER NOT NULL, 
	word TEXT NOT NULL, 
	postings BLOB NOT NULL, 
	CONSTRAINT pk_memory_words PRIMARY KEY (piece_id, word)
)
 WITHOUT ROWID

;
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, '14', X'04000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, '2027', X'07000056');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, '5', X'06000051');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'a', X'04000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'ans', X'04000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'attend', X'08000037');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'avant', X'06000051');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'canal', X'0500003E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'compagnie', X'07000056');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'de', X'00000045');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'depuis', X'04000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'des', X'07000056');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'dort', X'0500003E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'ecluse', X'010000350300003702000041');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'eclusiere', X'00000045');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'elle', X'04000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'heures', X'06000051');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'l', X'010000350200004100000045');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'la', X'0700005604000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'le', X'0500003E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'les', X'04000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'main', X'04000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'moteurs', X'07000056');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'ne', X'06000051');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'nuit', X'00000045');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'on', X'08000037');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'ouvre', X'04000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'passe', X'06000051');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'personne', X'06000051');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'photo', X'02000041');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'portes', X'04000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'pour', X'07000056');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'promet', X'07000056');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (1, 'une', X'03000037');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, '2027', X'07000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, '5', X'06000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'a', X'0400005E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'ans', X'0400005E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'attend', X'08000040');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'avant', X'06000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'canal', X'05000045');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'compagnie', X'07000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'de', X'00000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'depuis', X'0400005E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'des', X'07000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'dort', X'05000045');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'ecluse', X'03000040020000470100004D');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'eclusiere', X'00000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'elle', X'0400005E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'en', X'030000400800004005000045020000470100004D0000005406000054070000590400005E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'fourteen', X'0400005E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'heures', X'06000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'l', X'020000470100004D00000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'la', X'070000590400005E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'le', X'05000045');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'les', X'0400005E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'main', X'0400005E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'moteurs', X'07000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'ne', X'06000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'nuit', X'00000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'on', X'08000040');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'ouvre', X'0400005E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'passe', X'06000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'personne', X'06000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'photo', X'02000047');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'portes', X'0400005E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'pour', X'07000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'promet', X'07000059');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'ruhig', X'0100004D00000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'une', X'03000040');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (2, 'καλα', X'0100004D00000054');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (5, 'canal', X'0100003E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (5, 'dort', X'0100003E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (5, 'ecluse', X'00000041');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (5, 'l', X'00000041');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (5, 'le', X'0100003E');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (5, 'photo', X'00000041');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (6, 'canal', X'01000042');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (6, 'ecluse', X'00000052');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (6, 'en', X'00000052');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (6, 'l', X'00000052');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (6, 'photo', X'00000052');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (6, 'ruhig', X'00000052');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (6, 'sleeps', X'01000042');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (6, 'the', X'01000042');
INSERT INTO "memory_words" ("piece_id", "word", "postings") VALUES (6, 'καλα', X'00000052');
CREATE TABLE person_events (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	user_name VARCHAR(64) NOT NULL, 
	"by" VARCHAR(64) NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	browser VARCHAR(200) NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_person_events PRIMARY KEY (id)
);
INSERT INTO "person_events" ("id", "at", "kind", "user_name", "by", "address", "browser", "detail") VALUES (1, '2026-11-02 09:00:00.000000', 'added', 'ana', '', '', '', 'translator');
INSERT INTO "person_events" ("id", "at", "kind", "user_name", "by", "address", "browser", "detail") VALUES (2, '2026-11-02 09:00:00.000000', 'added', 'eva', '', '', '', 'editor, translator');
INSERT INTO "person_events" ("id", "at", "kind", "user_name", "by", "address", "browser", "detail") VALUES (3, '2026-11-02 09:00:00.000000', 'added', 'ops', '', '', '', 'operator');
INSERT INTO "person_events" ("id", "at", "kind", "user_name", "by", "address", "browser", "detail") VALUES (4, '2026-11-02 09:00:00.000000', 'added', 'tom', '', '', '', 'translator');
INSERT INTO "person_events" ("id", "at", "kind", "user_name", "by", "address", "browser", "detail") VALUES (5, '2026-11-02 10:00:00.000000', 'disabled', 'tom', '', '', '', '');
INSERT INTO "person_events" ("id", "at", "kind", "user_name", "by", "address", "browser", "detail") VALUES (6, '2026-11-02 09:00:00.000000', 'login', 'eva', '', '', '', '');
INSERT INTO "person_events" ("id", "at", "kind", "user_name", "by", "address", "browser", "detail") VALUES (7, '2026-11-02 09:00:00.000000', 'wrong', 'ana', '', '', '', '');
INSERT INTO "person_events" ("id", "at", "kind", "user_name", "by", "address", "browser", "detail") VALUES (8, '2026-11-02 09:00:00.000000', 'wrong', '', '', '', '', 'unknown name 810cdf28');
CREATE TABLE pictures (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	src TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	media_type VARCHAR(32) NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	taken_at DATETIME, 
	attempts INTEGER NOT NULL, 
	last_error TEXT NOT NULL, 
	retry_at DATETIME, 
	lease_owner VARCHAR(64) NOT NULL, 
	lease_until DATETIME, unfinished INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_pictures PRIMARY KEY (id), 
	CONSTRAINT fk_pictures_article_id_articles FOREIGN KEY(article_id) REFERENCES articles (id), 
	CONSTRAINT uq_pictures_article_id_src UNIQUE (article_id, src)
);
INSERT INTO "pictures" ("id", "article_id", "src", "sha256", "media_type", "width", "height", "taken_at", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "unfinished") VALUES (1, 1, 'http://127.0.0.1:32989/port.jpg', '63cb89de3eeacdf7bdefefe93b930d7e1b5566a0ee7f1aa8f4867d446cc2fbf9', 'image/jpeg', 640, 400, '2026-11-02 10:00:00.000000', 0, '', NULL, '', NULL, 0);
INSERT INTO "pictures" ("id", "article_id", "src", "sha256", "media_type", "width", "height", "taken_at", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "unfinished") VALUES (2, 2, 'http://127.0.0.1:32989/port.jpg', '63cb89de3eeacdf7bdefefe93b930d7e1b5566a0ee7f1aa8f4867d446cc2fbf9', 'image/jpeg', 640, 400, '2026-11-02 10:00:00.000000', 0, '', NULL, '', NULL, 0);
INSERT INTO "pictures" ("id", "article_id", "src", "sha256", "media_type", "width", "height", "taken_at", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "unfinished") VALUES (3, 3, 'http://127.0.0.1:32989/port.jpg', '63cb89de3eeacdf7bdefefe93b930d7e1b5566a0ee7f1aa8f4867d446cc2fbf9', 'image/jpeg', 640, 400, '2026-11-02 10:00:00.000000', 0, '', NULL, '', NULL, 0);
INSERT INTO "pictures" ("id", "article_id", "src", "sha256", "media_type", "width", "height", "taken_at", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "unfinished") VALUES (4, 4, 'http://127.0.0.1:32989/port.jpg', '', '', 0, 0, NULL, 0, '', NULL, '', NULL, 0);
CREATE TABLE publications (
	id INTEGER NOT NULL, 
	translation_id INTEGER NOT NULL, 
	target VARCHAR(64) NOT NULL, 
	wanted_revision INTEGER, 
	live_revision INTEGER, 
	remote_id TEXT NOT NULL, 
	remote_url TEXT NOT NULL, 
	wanted_at DATETIME, 
	first_live_at DATETIME, 
	live_at DATETIME, 
	attempts INTEGER NOT NULL, 
	last_error TEXT NOT NULL, 
	retry_at DATETIME, 
	lease_owner VARCHAR(64) NOT NULL, 
	lease_until DATETIME, fingerprint TEXT DEFAULT '' NOT NULL, sending_revision INTEGER, publish_at DATETIME, "conflict" JSON, 
	CONSTRAINT pk_publications PRIMARY KEY (id), 
	CONSTRAINT fk_publications_translation_id_translations FOREIGN KEY(translation_id) REFERENCES translations (id), 
	CONSTRAINT uq_publications_translation_id_target UNIQUE (translation_id, target)
);
INSERT INTO "publications" ("id", "translation_id", "target", "wanted_revision", "live_revision", "remote_id", "remote_url", "wanted_at", "first_live_at", "live_at", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "fingerprint", "sending_revision", "publish_at", "conflict") VALUES (1, 1, 'site', 2, 1, 'ivpipe-1-en', 'https://lock.example/en/en-leclusiere-de-nuit-ruhig-1.html', '2026-11-05 09:00:00.000000', '2026-11-03 13:00:00.000000', '2026-11-03 14:00:00.000000', 0, '', NULL, '', NULL, '', NULL, '2026-11-14 09:00:00.000000', NULL);
CREATE TABLE reviews (
	id INTEGER NOT NULL, 
	translation_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	event VARCHAR(16) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	user_id INTEGER, 
	comment TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_reviews PRIMARY KEY (id), 
	CONSTRAINT fk_reviews_translation_id_translations FOREIGN KEY(translation_id) REFERENCES translations (id), 
	CONSTRAINT fk_reviews_user_id_users FOREIGN KEY(user_id) REFERENCES users (id)
);
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (1, 1, 1, 'draft', 'drafted', NULL, '', '2026-11-02 11:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (2, 2, 1, 'draft', 'drafted', NULL, '', '2026-11-02 11:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (3, 3, 1, 'draft', 'drafted', NULL, '', '2026-11-02 11:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (4, 1, 1, 'claim', 'in_review', 1, '', '2026-11-03 09:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (5, 1, 1, 'submit', 'submitted', 1, 'is “lock” right?', '2026-11-03 10:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (6, 1, 1, 'return', 'in_review', 2, 'the title, please', '2026-11-03 11:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (7, 1, 1, 'submit', 'submitted', 1, '', '2026-11-03 12:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (8, 1, 1, 'approve', 'approved', 2, 'good', '2026-11-03 13:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (9, 2, 1, 'claim', 'in_review', 1, '', '2026-11-03 14:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (10, 3, 1, 'claim', 'in_review', 2, '', '2026-11-03 14:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (11, 3, 1, 'submit', 'submitted', 2, '', '2026-11-03 15:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (12, 2, 2, 'merge', 'in_review', 1, '', '2026-11-04 11:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (13, 1, 1, 'claim', 'in_review', 1, '', '2026-11-05 09:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (14, 1, 2, 'submit', 'submitted', 1, '', '2026-11-05 09:00:00.000000');
INSERT INTO "reviews" ("id", "translation_id", "revision", "event", "state", "user_id", "comment", "at") VALUES (15, 1, 2, 'approve', 'approved', 2, '', '2026-11-05 09:00:00.000000');
CREATE TABLE runs (
	id INTEGER NOT NULL, 
	flow VARCHAR(32) NOT NULL, 
	subject TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	ok BOOLEAN NOT NULL, 
	counts JSON NOT NULL, 
	error TEXT NOT NULL, worker VARCHAR(64) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (id)
);
INSERT INTO "runs" ("id", "flow", "subject", "started_at", "finished_at", "ok", "counts", "error", "worker") VALUES (1, 'ingest', 'all', '2026-11-02 09:00:00.000000', '2026-11-02 09:00:00.000000', 1, '{"new": 4, "read": 1}', '', 'vm:4026531836/20363/81314.fae4271c');
INSERT INTO "runs" ("id", "flow", "subject", "started_at", "finished_at", "ok", "counts", "error", "worker") VALUES (2, 'ingest', 'all', '2026-11-02 10:00:00.000000', '2026-11-02 10:00:00.000000', 1, '{"read": 1, "taken": 3, "unchanged": 3}', '', 'vm:4026531836/20363/81314.5ba2d6fe');
INSERT INTO "runs" ("id", "flow", "subject", "started_at", "finished_at", "ok", "counts", "error", "worker") VALUES (3, 'translate', 'all', '2026-11-02 11:00:00.000000', '2026-11-02 11:00:00.000000', 1, '{"drafted": 3}', '', 'vm:4026531836/20363/81314.4eb2bb1e');
INSERT INTO "runs" ("id", "flow", "subject", "started_at", "finished_at", "ok", "counts", "error", "worker") VALUES (4, 'publish', 'all', '2026-11-03 14:00:00.000000', '2026-11-03 14:00:00.000000', 1, '{"published": 1}', '', 'vm:4026531836/20363/81314.5e069516');
INSERT INTO "runs" ("id", "flow", "subject", "started_at", "finished_at", "ok", "counts", "error", "worker") VALUES (5, 'ingest', 'all', '2026-11-04 09:00:00.000000', '2026-11-04 09:00:00.000000', 0, '{"changed": 1, "doubtful": 1, "failed": 1, "read": 1}', '', 'vm:4026531836/20363/81314.baa95cfe');
INSERT INTO "runs" ("id", "flow", "subject", "started_at", "finished_at", "ok", "counts", "error", "worker") VALUES (6, 'translate', 'all', '2026-11-04 10:00:00.000000', '2026-11-04 10:00:00.000000', 1, '{"prepared": 1}', '', 'vm:4026531836/20363/81314.a41c099e');
INSERT INTO "runs" ("id", "flow", "subject", "started_at", "finished_at", "ok", "counts", "error", "worker") VALUES (7, 'publish', 'what is due', '2026-11-05 09:00:00.000000', '2026-11-05 09:00:00.000000', 0, '{}', 'ConnectionError: the line was cut', 'vm:4026531836/20363/81314.323ae809');
CREATE TABLE segment_edits (
	id INTEGER NOT NULL, 
	segment_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	target TEXT NOT NULL, 
	accepted BOOLEAN NOT NULL, 
	user_id INTEGER, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_segment_edits PRIMARY KEY (id), 
	CONSTRAINT fk_segment_edits_segment_id_draft_segments FOREIGN KEY(segment_id) REFERENCES draft_segments (id), 
	CONSTRAINT fk_segment_edits_user_id_users FOREIGN KEY(user_id) REFERENCES users (id)
);
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (1, 1, 1, '[en] L’éclusière de nuit', 1, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (2, 2, 1, '[en] L’écluse.', 1, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (3, 3, 1, '[en] Photo : L’Écluse', 1, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (4, 4, 1, '[en] Une écluse', 1, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (5, 5, 1, '[en] Depuis 14 ans, elle ouvre les portes <1>à la main</1>.', 1, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (6, 6, 1, '[en] Le canal dort.', 1, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (7, 7, 1, '[en] Personne ne passe avant 5 heures.', 1, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (8, 8, 1, '[en] La compagnie promet <1>des moteurs</1> pour 2027.', 1, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (9, 9, 1, '[en] On attend.', 1, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (10, 2, 2, '[en] L’écluse. Ruhig – καλά.', 1, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (11, 2, 0, 'typed too late', 0, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (12, 5, 2, '[en] Depuis fourteen ans, elle ouvre les portes <1>à la main</1>.', 1, 1, '2026-11-03 09:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (13, 1, 2, '[en] L’éclusière de nuit Ruhig – καλά.', 1, 1, '2026-11-03 12:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (14, 12, 1, '[en] Photo : L’Écluse Ruhig – καλά.', 1, 1, '2026-11-03 14:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (15, 17, 1, '[en] Une péniche à vendre Ruhig – καλά.', 1, 2, '2026-11-03 14:00:00.000000');
INSERT INTO "segment_edits" ("id", "segment_id", "version", "target", "accepted", "user_id", "at") VALUES (16, 34, 1, '[en] Photo : L’Écluse Ruhig – καλά.', 1, 1, '2026-11-05 09:00:00.000000');
CREATE TABLE snapshots (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	status INTEGER NOT NULL, 
	headers JSON NOT NULL, 
	body BLOB NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	fetched_at DATETIME NOT NULL, first_id INTEGER, doubtful BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_snapshots PRIMARY KEY (id), 
	CONSTRAINT fk_snapshots_article_id_articles FOREIGN KEY(article_id) REFERENCES articles (id)
);
INSERT INTO "snapshots" ("id", "article_id", "url", "status", "headers", "body", "sha256", "fetched_at", "first_id", "doubtful") VALUES (1, 1, 'http://127.0.0.1:32989/article-1', 200, '{"content-type": "text/html", "etag": "\"1351380400\"", "date": "Tue, 01 Dec 2026 01:17:11 GMT"}', X'789C75523B4EC43010BDCAE01A62402010725C51A1456CC3016693D9C4C8B12D7BB2623B5A8E404709E7D89B7012260942344896ADF9F87D3C36476D6C789F087A1EBC35D30E1E4357AB6D561213B6D60CC4084D8FB910D76AE4EDC9B5D4D8B127BBFA7A793B7C367E2CEEF091095A82303A367A291BBD406C62BB172074C11ACCEC9AA9D69FFD7F5D6A2641E3B1945A6DF6DE0552768D19EE084320B88F99BCD1C99AADEBC62C686EE8A0E4A6563AC5CCD553EA14A017C18FD2BE7008C4D4DE606217C31F72AA60DD478E700373F2754E1AFDA7790E66A2646F298DAEC0D9056028C740DE13C47127FA3D1598E8E53034D8C3BBBC264CB68D96B082154183013DB4934658532E71B2232B895502DC6160B8849E84AB54B3C36457F2FE7148D805278D39CA44C020F499B6B5EA9953B9D19A1627F48C43F2A487C88251946D45CC4F60345AD13766383F3DBFAAE021003253681722FD3B1ABD8C4A2F73D3F3EFF80610E5C9A3', '6a779d22bb170ea49c1e852916129a04410304ede5b22a95a9f358b4fa899fc1', '2026-11-02 09:00:00.000000', NULL, 0);
INSERT INTO "snapshots" ("id", "article_id", "url", "status", "headers", "body", "sha256", "fetched_at", "first_id", "doubtful") VALUES (2, 2, 'http://127.0.0.1:32989/article-2', 200, '{"content-type": "text/html", "etag": "\"759134073\"", "date": "Tue, 01 Dec 2026 01:17:11 GMT"}', X'789C75514B4EC4300CBD8AE97A9808B14128CD01D02066C3013CADA70D4A9328764774C79623708439C7DC8493E0B623C486452CDBEFF9C51F7BD3A646A64CD0CB109C9D2D048C5D5D1D4BA53161EBEC4082D0F45898A4AE4639DE3E28265E02B91DC180A5E92F67E0343204829CA258B3C2D6AC1287D44E2A843E3A8B457C3363FDDDFFE58AD90C4D40E6BA3A4CC147AADC1E0B3C11C648F09C0A056BB2B347DF8D45D5FCD00197A6AE4C4E45B66FB9AB008336FCAAF4CBB90923ABC44C6F308B4FD1EDBE3FBEAEC016F67D92048FB0243F97A4357FC84BB07C94E7AE19076AFD06A45094595F303088276D2E0AE82BA4D33064AF760BBBD92DFE1DA2EAEB849091E190C64E276F298F9EE11E30F2769929BB9708139C28B68A6A651A06E2CDE29F944A0296A5A4D8B939D57B96E40BB135D7EC2A637E576DD6D59BF50E66B9F60FA356B903', '55fd7c5186d1103b2ad2fcbb1cf54c9a5c54d0ec22eef6657d926c6af4a317d0', '2026-11-02 09:00:00.000000', NULL, 0);
INSERT INTO "snapshots" ("id", "article_id", "url", "status", "headers", "body", "sha256", "fetched_at", "first_id", "doubtful") VALUES (3, 3, 'http://127.0.0.1:32989/article-3', 200, '{"content-type": "text/html", "etag": "\"1137879524\"", "date": "Tue, 01 Dec 2026 01:17:11 GMT"}', X'789C7551314EC43010FCCA929E384073428E3B0AD0215DC3037CCE5EE293631B7B83741D2D4FA0A3E4DE919FF012D60942343496676767D63B96175D30748A08038D4EC97282D3BE6FAB43AA18A3EE941C91349841A78CD456131D2E37CC912587EAC923C4F9ECAD1910E60F7841DF25946265A5581DF6A13BB18FB65E499DC89AC20D57FFAA9992118CD339B7D5FEE4ACC74AED748207D49E358F21A193222A79B0FD94D8CC8E3DE464DA4AC490A83EC6BE02EDF8B965C47C366ECA6C51DA8D8E648357DBAFD7F71FA286DD1028C02D2CC5B7A528C59FE6052C83A2BA730E61C4CC106E3630CE9F9430031278566B88AC868E5B02E1946AD8E2B217DF013D13A36600D70D344D035C0DB95E5689EABE840F5DE01593B65412799E2CC414F80B8A25B3116DC9A858ED1D4EAB54FC862AD690C59AB858BEF51B6A68AFF8', '7e1582324fc5c39b963c07f3f03ce442112b01b2c68d596a3198fe2defc5239d', '2026-11-02 09:00:00.000000', NULL, 0);
INSERT INTO "snapshots" ("id", "article_id", "url", "status", "headers", "body", "sha256", "fetched_at", "first_id", "doubtful") VALUES (4, 4, 'http://127.0.0.1:32989/article-4', 200, '{"content-type": "text/html", "etag": "\"2799878076\"", "date": "Tue, 01 Dec 2026 01:17:11 GMT"}', X'789C75513B4EC43010BDCA901AD65A2A841C1F002DD2361C60D69924468E6DD9E3623B5A8E40470BD7D89B7012260E4234349666DEC7CFCFFA6A8896CF8960E6C51BBD9EE0314C7D37E64E66C2C1E88518C1CE980B71DF551E6FEE0463C79ECC31C729E3B2100C5460BC7C3215AD364CAB4D7F8AC3595CD005A331B3B32B36EFFFD10AA013588FA5F4DDE9EC5DA0CE1C31C3036108048F3193D72A193DBAA966B172CB0425DBBE532966DE3DA7A903F412F549E8970FEB6B118B956E31B18BC11CBE5EDE7E801D1CE7C811EEA12D5FDB52AB3FE436B48B9239109CD0838D923A58717F87DB3DCC24708152B39407C9A3A55D4BD804235518C47B7DFAE84454AAE36B28B2721E2462F2541912964DA47E3B525B676A2B50B53FFA0625179E4F', '497b68ba340330c5a8f764be28ddf951955cf82f3122e96ffcf2a43c97a98a66', '2026-11-02 09:00:00.000000', NULL, 0);
INSERT INTO "snapshots" ("id", "article_id", "url", "status", "headers", "body", "sha256", "fetched_at", "first_id", "doubtful") VALUES (5, 1, 'http://127.0.0.1:32989/article-1', 200, '{"content-type": "text/html; charset=utf-8", "date": "Tue, 01 Dec 2026 01:17:12 GMT"}', X'789C6D8F310EC2300C45774E11B243C4C6E066E1025CC16DDC36529A448D83E8C635B81E27214D2624164BFF7FFB7D198E260CBC4512332F4EC33E85433F75725C65D18446C3428C6298714DC49DCC3C9EAE2563CB8EF41D2712D6F31AF2037B47A09A0FAADE1EA00F662B08B4BEE02E7FF68B0951DF889944DC53FF79BDE96953D54984FCE3B89CCEA06229684CD50A547DE00BFE524A5F', '6ec9d5d68402e1f40cabfdfba4f438bf894849b2d1508c1914582d4b8e5b5e77', '2026-11-04 09:00:00.000000', NULL, 1);
INSERT INTO "snapshots" ("id", "article_id", "url", "status", "headers", "body", "sha256", "fetched_at", "first_id", "doubtful") VALUES (6, 2, 'http://127.0.0.1:32989/article-2', 200, '{"content-type": "text/html", "etag": "\"3771599001\"", "date": "Tue, 01 Dec 2026 01:17:12 GMT"}', X'789C7552414EC33010FCCA9273A985B820E4F80E2AA2171EE026DBC4C8B12DEFBA2237AE3C8127F41DFD092F6193B4C085832D7B6767BCB36B7DD5C686C784D0F3E08D9E76F0367475B5CF95DCD1B6460FC8169ADE6642AEABC2FBEB3BC1D8B147B341186C6EFAD3112816028F906260AD1658AB456217DB5184AC0B46DBCCAE99B0FEE67FBA603A41E32D515DED46EF0256666B333CA20D01E12966F45A25A3F7AE2B59D4DCD001E5A6AE548A99D7AFA9ABC07A29F845D24FC7C617128929BDB1895D0C66F3F5FE7906D6B0ED2347B88739F83107B5FA933C5FE687D25435D9015BB702CE1878D267EB09D8A11417186465143704C9C9BE86CD74CCEE0D82E88B43489660174B27CE5B4CC511DC820DB49E3D25F31C60840386565061C661405ACDE783A4228326CE3174660AF58E38BA8CA4D5397A9179F0903C16BEBC21CD9EAA16BEFFEDBC10C5422C0794BECD44F53323B5CC4C2D0354F337F906535CCDBF', '9af3b13d181ddca7cd7c6cb4b1839f27263dec558b0cb56040b38646a7486855', '2026-11-04 09:00:00.000000', NULL, 0);
CREATE TABLE sources (
	slug VARCHAR(64) NOT NULL, 
	last_polled_at DATETIME, 
	last_succeeded_at DATETIME, 
	failures INTEGER NOT NULL, 
	last_error TEXT NOT NULL, 
	CONSTRAINT pk_sources PRIMARY KEY (slug)
);
INSERT INTO "sources" ("slug", "last_polled_at", "last_succeeded_at", "failures", "last_error") VALUES ('ecluse', '2026-11-04 09:00:00.000000', '2026-11-04 09:00:00.000000', 0, '');
CREATE TABLE "translations" (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	lang VARCHAR(16) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	document_id INTEGER, 
	source_changed BOOLEAN NOT NULL, 
	revision INTEGER NOT NULL, 
	holder_id INTEGER, 
	held_until DATETIME, 
	submitter_id INTEGER, 
	slug TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	last_error TEXT NOT NULL, 
	retry_at DATETIME, 
	lease_owner VARCHAR(64) NOT NULL, 
	lease_until DATETIME, 
	prepared_document_id INTEGER, 
	edition_id INTEGER, 
	CONSTRAINT pk_translations PRIMARY KEY (id), 
	CONSTRAINT fk_translations_holder_id_users FOREIGN KEY(holder_id) REFERENCES users (id), 
	CONSTRAINT fk_translations_document_id_documents FOREIGN KEY(document_id) REFERENCES documents (id), 
	CONSTRAINT fk_translations_submitter_id_users FOREIGN KEY(submitter_id) REFERENCES users (id), 
	CONSTRAINT uq_translations_article_id_lang UNIQUE (article_id, lang), 
	CONSTRAINT fk_translations_article_id_articles FOREIGN KEY(article_id) REFERENCES articles (id), 
	CONSTRAINT fk_translations_edition_id_editions FOREIGN KEY(edition_id) REFERENCES editions (id)
);
INSERT INTO "translations" ("id", "article_id", "lang", "state", "document_id", "source_changed", "revision", "holder_id", "held_until", "submitter_id", "slug", "created_at", "changed_at", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "prepared_document_id", "edition_id") VALUES (1, 1, 'en', 'approved', 1, 0, 2, NULL, NULL, 1, 'en-leclusiere-de-nuit-ruhig-1', '2026-11-02 10:00:00.000000', '2026-11-05 09:00:00.000000', 0, '', NULL, '', NULL, NULL, NULL);
INSERT INTO "translations" ("id", "article_id", "lang", "state", "document_id", "source_changed", "revision", "holder_id", "held_until", "submitter_id", "slug", "created_at", "changed_at", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "prepared_document_id", "edition_id") VALUES (2, 2, 'en', 'in_review', 5, 0, 2, 1, '2026-11-04 15:00:00.000000', NULL, '', '2026-11-02 10:00:00.000000', '2026-11-04 11:00:00.000000', 0, '', NULL, '', NULL, 5, NULL);
INSERT INTO "translations" ("id", "article_id", "lang", "state", "document_id", "source_changed", "revision", "holder_id", "held_until", "submitter_id", "slug", "created_at", "changed_at", "attempts", "last_error", "retry_at", "lease_owner", "lease_until", "prepared_document_id", "edition_id") VALUES (3, 3, 'en', 'submitted', 3, 0, 1, NULL, NULL, 2, '', '2026-11-02 10:00:00.000000', '2026-11-03 15:00:00.000000', 0, '', NULL, '', NULL, NULL, NULL);
CREATE TABLE users (
	id INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	display_name TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	roles JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	disabled_at DATETIME, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT uq_users_name UNIQUE (name)
);
INSERT INTO "users" ("id", "name", "display_name", "password_hash", "roles", "created_at", "disabled_at") VALUES (1, 'ana', 'Ana Ruiz', '$argon2id$v=19$m=65536,t=3,p=4$dbjvEc9IzjyvbobVAw6sag$vr4nuf+GF0r2rEfc0Zdh2TxsXusmqFQy69bGVmf3K0w', '["translator"]', '2026-11-02 09:00:00.000000', NULL);
INSERT INTO "users" ("id", "name", "display_name", "password_hash", "roles", "created_at", "disabled_at") VALUES (2, 'eva', 'Eva Lind', '$argon2id$v=19$m=65536,t=3,p=4$ZV4UfdMCD1UdAM7Kc4sIoQ$D6YCP0ltjcS/n5T8Dp649BOPEH5H/ZV4ZjGb/ezC/hM', '["editor", "translator"]', '2026-11-02 09:00:00.000000', NULL);
INSERT INTO "users" ("id", "name", "display_name", "password_hash", "roles", "created_at", "disabled_at") VALUES (3, 'ops', 'Olga Petrov', '$argon2id$v=19$m=65536,t=3,p=4$tcP9/13FzML2PCNIRevaKQ$j9TFY4gL5hUqCX5h3/XQTPQRms95oRrK7y42KTZVd0c', '["operator"]', '2026-11-02 09:00:00.000000', NULL);
INSERT INTO "users" ("id", "name", "display_name", "password_hash", "roles", "created_at", "disabled_at") VALUES (4, 'tom', 'Tom Baker', '$argon2id$v=19$m=65536,t=3,p=4$cWA2TrrISFnef31sIwvuVg$rG9w2Ek+COQsBBTjBCI2Ak6a/wK80qyuv2c+S1aNXJ0', '["translator"]', '2026-11-02 09:00:00.000000', '2026-11-02 10:00:00.000000');
CREATE INDEX ix_articles_canonical_key ON articles (canonical_key);
CREATE INDEX ix_articles_decision ON articles (decision);
CREATE INDEX ix_articles_doubt_id ON articles (doubt_id);
CREATE INDEX ix_articles_duplicate_of_id ON articles (duplicate_of_id);
CREATE INDEX ix_articles_fingerprint ON articles (fingerprint);
CREATE INDEX ix_articles_source_slug ON articles (source_slug);
CREATE INDEX ix_articles_url_key ON articles (url_key);
CREATE INDEX ix_desk_sessions_user_id ON desk_sessions (user_id);
CREATE INDEX ix_doubts_article_id ON doubts (article_id);
CREATE INDEX ix_draft_segments_key ON draft_segments ("key");
CREATE INDEX ix_engine_uses_at ON engine_uses (at);
CREATE INDEX ix_engine_uses_translation_id ON engine_uses (translation_id);
CREATE INDEX ix_issues_segment_id ON issues (segment_id);
CREATE INDEX ix_known_browsers_user_id ON known_browsers (user_id);
CREATE INDEX ix_login_counters_last_at ON login_counters (last_at);
CREATE INDEX ix_memory_entries_pair_key ON memory_entries (source_lang, target_lang, "key");
CREATE INDEX ix_memory_pieces_pair ON memory_pieces (source_lang, target_lang, side);
CREATE INDEX ix_person_events_at ON person_events (at);
CREATE INDEX ix_person_events_user_name ON person_events (user_name);
CREATE INDEX ix_pictures_sha256 ON pictures (sha256);
CREATE INDEX ix_reviews_translation_id ON reviews (translation_id);
CREATE INDEX ix_runs_flow ON runs (flow);
CREATE INDEX ix_segment_edits_segment_id ON segment_edits (segment_id);
CREATE INDEX ix_snapshots_article_id ON snapshots (article_id);
CREATE INDEX ix_snapshots_first_id ON snapshots (first_id);
CREATE INDEX ix_translations_article_id ON translations (article_id);
CREATE INDEX ix_translations_holder_id ON translations (holder_id);
CREATE INDEX ix_translations_state ON translations (state);
COMMIT;
