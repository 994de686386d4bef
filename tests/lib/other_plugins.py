"""What servers are told that have other plugins beside this one; see harness.Spec."""

LOG = {'mail_log': {'events': 'delete undelete expunge copy save flag_change',
                    'fields': 'uid box msgid size flags'}}
LAZY = {'lazy_expunge': {'mailbox': 'Expunged'}}
ALL = {
    'plugin': 'global',
    'others': {'quota': {'User': {}}, **LOG, **LAZY, 'compress': {'method': 'gz'}, 'virtual': {},
               'acl': {}},
    'namespaces': {'virtual': {'prefix': 'Virtual/', 'storage': 'virtual', 'path': '~/virtual'}},
}
