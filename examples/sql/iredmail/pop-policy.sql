-- The POP policy that iRedMail's own tables do not have:
--
--   mysql vmail < pop-policy.sql
--
-- NULL is "not set": the site's own setting applies. NOW() is now, '1970-01-02'
-- is all mail. The user vmail, which iRedMail gives to Dovecot, may read it.

CREATE TABLE pop_policy (
  username VARCHAR(255) PRIMARY KEY,
  enabled BOOLEAN,
  since TIMESTAMP NULL,
  spam VARCHAR(10) CHECK (spam IN ('exclude', 'include', 'only')),
  on_delete VARCHAR(10) CHECK (on_delete IN
    ('default', 'delete', 'keep', 'read', 'archive', 'trash')),
  on_retrieve VARCHAR(10) CHECK (on_retrieve IN
    ('none', 'keep', 'read', 'archive', 'trash', 'delete')),
  extra_mailboxes TEXT,
  keep_for TEXT,
  FOREIGN KEY (username) REFERENCES mailbox (username)
    ON UPDATE CASCADE ON DELETE CASCADE
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
