from test_cost import *
def test_zcost(tmp_path):
    for n in (20, 2000):
        a = instructions(tmp_path / ('s%d' % n), None, n); b = instructions(tmp_path / ('l%d' % n), 'pop3', n)
        print('COST', n, a, b, b / a)
    assert 0
