-- POP policy in PostgreSQL:
--
--   createdb mail
--   psql -d mail -f tables.sql

CREATE TABLE accounts (
  address text PRIMARY KEY,
  password text NOT NULL
);

-- NULL is "not set": the site's own setting applies. available is the
-- administrator's, all else the user's.
-- now() is now, 'epoch' is all mail.
CREATE TABLE pop_policy (
  address text PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
  available boolean,
  enabled boolean,
  since timestamptz,
  spam text CHECK (spam IN ('exclude', 'include', 'only')),
  on_delete text CHECK (on_delete IN
    ('default', 'delete', 'keep', 'read', 'archive', 'trash')),
  on_retrieve text CHECK (on_retrieve IN
    ('none', 'keep', 'read', 'archive', 'trash', 'delete')),
  extra_mailboxes text,
  keep_for text
);

-- Dovecot only reads.
CREATE ROLE dovecot LOGIN PASSWORD 'sql-secret';
GRANT SELECT ON accounts, pop_policy TO dovecot;

-- Accounts for tests, all with the password "secret" (real ones: doveadm pw).
INSERT INTO accounts VALUES
  ('ann@example.org', '{PLAIN}secret'),
  ('bob@example.org', '{PLAIN}secret'),
  ('cay@example.org', '{PLAIN}secret');

-- ann has no row: the site's own settings. bob's POP is switched off. cay sees
-- mail of 2026 and later, spam included; what she deletes in POP stays on the
-- server.
INSERT INTO pop_policy (address, enabled) VALUES ('bob@example.org', false);
INSERT INTO pop_policy (address, since, spam, on_delete) VALUES
  ('cay@example.org', '2026-01-01T00:00:00Z', 'include', 'keep');
