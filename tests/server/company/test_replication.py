"""What POP has done to a message travels with the mailbox: another node, another format."""

from tests.lib.mailuser import fill


def test_dequeued_messages_stay_so_after_dsync(stored):
    copy = stored.server.add_user(storage='mdbox')
    fill(stored)
    for user in stored, copy:
        user.policy(spam='include', delete='keep')
    with stored.pop() as client:
        assert client.subjects() == ['one', 'spam1', 'two', 'spam2', 'three']
        client.dele(1, 2)
        client.quit()
    stored.backup(copy)
    assert copy.subjects() == stored.subjects()
    assert copy.queue() == stored.queue() == ['two', 'spam2', 'three']


def test_a_date_holds_after_dsync(stored):
    copy = stored.server.add_user(storage='sdbox')
    fill(stored)
    for user in stored, copy:
        user.policy(since='20260115120010Z')
    stored.backup(copy)
    assert copy.queue() == stored.queue() == ['two', 'three']
