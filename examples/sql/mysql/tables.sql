-- POP policy in MariaDB or MySQL:
--
--   mysql -e 'CREATE DATABASE mail'
--   mysql mail < tables.sql

CREATE TABLE accounts (
  address VARCHAR(255) PRIMARY KEY,
  password VARCHAR(255) NOT NULL
);

-- NULL is "not set": the site's own setting applies. available is the
-- administrator's, all else the user's.
-- NOW() is now, '1970-01-02' is all mail.
CREATE TABLE pop_policy (
  address VARCHAR(255) PRIMARY KEY,
  available BOOLEAN,
  enabled BOOLEAN,
  since TIMESTAMP NULL,
  spam VARCHAR(10) CHECK (spam IN ('exclude', 'include', 'only')),
  on_delete VARCHAR(10) CHECK (on_delete IN
    ('default', 'delete', 'keep', 'read', 'archive', 'trash')),
  on_retrieve VARCHAR(10) CHECK (on_retrieve IN
    ('none', 'keep', 'read', 'archive', 'trash', 'delete')),
  extra_mailboxes TEXT,
  keep_for TEXT,
  FOREIGN KEY (address) REFERENCES accounts (address) ON DELETE CASCADE
);

-- Dovecot only reads.
CREATE USER 'dovecot'@'localhost' IDENTIFIED BY 'sql-secret';
GRANT SELECT ON mail.* TO 'dovecot'@'localhost';

SET time_zone = '+00:00';
-- Accounts for tests, all with the password "secret" (real ones: doveadm pw).
INSERT INTO accounts VALUES
  ('ann@example.org', '{PLAIN}secret'),
  ('bob@example.org', '{PLAIN}secret'),
  ('cay@example.org', '{PLAIN}secret');

-- ann has no row: the site's own settings. bob's POP is switched off. cay sees
-- mail of 2026 and later, spam included; what she deletes in POP stays on the
-- server.
INSERT INTO pop_policy (address, enabled) VALUES ('bob@example.org', FALSE);
INSERT INTO pop_policy (address, since, spam, on_delete) VALUES
  ('cay@example.org', '2026-01-01 00:00:00', 'include', 'keep');
