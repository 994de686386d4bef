-- POP policy in SQLite, in a file that Dovecot needs to read:
--
--   sqlite3 /etc/dovecot/accounts.db < tables.sql

CREATE TABLE accounts (
  address TEXT PRIMARY KEY,
  password TEXT NOT NULL
);

-- NULL is "not set": the site's own setting applies. available is the
-- administrator's, all else the user's.
-- since is text: strftime('%Y-%m-%dT%H:%M:%SZ', 'now') is now, 'all' is all mail.
CREATE TABLE pop_policy (
  address TEXT PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
  available INTEGER CHECK (available IN (0, 1)),
  enabled INTEGER CHECK (enabled IN (0, 1)),
  since TEXT CHECK (since = 'all' OR since GLOB '*Z'),
  spam TEXT CHECK (spam IN ('exclude', 'include', 'only')),
  on_delete TEXT CHECK (on_delete IN
    ('default', 'delete', 'keep', 'read', 'archive', 'trash')),
  on_retrieve TEXT CHECK (on_retrieve IN
    ('none', 'keep', 'read', 'archive', 'trash', 'delete')),
  extra_mailboxes TEXT,
  keep_for TEXT
);

-- Accounts for tests, all with the password "secret" (real ones: doveadm pw).
INSERT INTO accounts VALUES
  ('ann@example.org', '{PLAIN}secret'),
  ('bob@example.org', '{PLAIN}secret'),
  ('cay@example.org', '{PLAIN}secret');

-- ann has no row: the site's own settings. bob's POP is switched off. cay sees
-- mail of 2026 and later, spam included; what she deletes in POP stays on the
-- server.
INSERT INTO pop_policy (address, enabled) VALUES ('bob@example.org', 0);
INSERT INTO pop_policy (address, since, spam, on_delete) VALUES
  ('cay@example.org', '2026-01-01T00:00:00Z', 'include', 'keep');
