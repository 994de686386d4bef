-- The POP policy, which PostfixAdmin's own tables do not have:
--
--   psql -d postfix -f pop-policy.sql
--
-- NULL is "not set": the site's own setting applies. available is the
-- administrator's, all else the user's. now() is now, 'epoch' is all mail.

CREATE TABLE pop_policy (
  username varchar(255) PRIMARY KEY,
  available boolean,
  enabled boolean,
  since timestamptz,
  spam text CHECK (spam IN ('exclude', 'include', 'only')),
  on_delete text CHECK (on_delete IN
    ('default', 'delete', 'keep', 'read', 'archive', 'trash')),
  on_retrieve text CHECK (on_retrieve IN
    ('none', 'keep', 'read', 'archive', 'trash', 'delete')),
  extra_mailboxes text,
  keep_for text,
  FOREIGN KEY (username) REFERENCES mailbox (username)
    ON UPDATE CASCADE ON DELETE CASCADE
);

-- The role that PostfixAdmin's documents give to Dovecot:
GRANT SELECT ON pop_policy TO postfix;
