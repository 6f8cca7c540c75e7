/** Slots and keys of a Redis Cluster, and what its nodes say about each other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redirection } from '../../../../src/protocols/redis/cluster-line.ts';
import { readNodes } from '../../../../src/protocols/redis/cluster-nodes.ts';
import { RedisReplyError } from '../../../../src/protocols/redis/resp-reader.ts';
import {
  isSameView,
  keyIn,
  readSlots,
  SLOTS,
  sayMaster,
  slotOf,
  slotsIn,
} from '../../../../src/protocols/redis/slots.ts';

const AT = { host: '10.0.0.1', port: 7001 };

describe('a slot', () => {
  it('is the CRC16 of the Redis Cluster specification', () => {
    // The check value of CRC-16/XMODEM is 0x31c3.
    expect(slotOf('123456789')).toBe(0x31c3 % SLOTS);
    expect(slotOf('')).toBe(0);
  });

  it('has a key in any range, which asks for exactly one of its slots', () => {
    const range = fc.tuple(fc.integer({ min: 0, max: SLOTS - 1 }), fc.integer({ min: 0, max: SLOTS - 1 }));
    fc.assert(
      fc.property(range, ([a, b]) => {
        const [first, last] = [Math.min(a, b), Math.max(a, b)];
        const [, tag = ''] = /^probe:\{(\d+)\}$/.exec(keyIn([[first, last]], 'probe')) ?? [];
        const slot = slotOf(tag);
        return tag !== '' && slot >= first && slot <= last;
      }),
    );
  });
});

describe('ranges', () => {
  it('have as many slots as a set of them', () => {
    const small = fc.tuple(fc.nat(60), fc.nat(60));
    fc.assert(
      fc.property(fc.array(small), (pairs) => {
        const ranges = pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
        const all = ranges.flatMap(([first, last]) =>
          Array.from({ length: last - first + 1 }, (_, n) => first + n),
        );
        return slotsIn(ranges) === new Set(all).size;
      }),
    );
  });
});

describe('CLUSTER SLOTS', () => {
  const id = (digit: string): string => digit.repeat(40);

  it('is read as masters with all of their ranges, and what nobody serves', () => {
    const view = readSlots(
      [
        [8192, 16_383, ['10.0.0.2', 7002, id('b'), []], ['10.0.0.4', 7004, id('d')]],
        [0, 100, ['10.0.0.1', 7001, id('a')]],
        [102, 8191, ['10.0.0.1', 7001, id('a')]],
      ],
      AT,
    );
    expect(view.unserved).toBe(1);
    expect(view.masters.map(sayMaster)).toEqual([
      '10.0.0.1:7001 (slots 0-100,102-8191)',
      '10.0.0.2:7002 (slots 8192-16383)',
    ]);
    expect(readSlots([], AT)).toEqual({ masters: [], unserved: SLOTS });
  });

  it.each(['', '?', null])('of a node that calls itself %j is at the address that was asked', (host) => {
    const [master] = readSlots([[0, SLOTS - 1, [host, 7001, id('a')]]], AT).masters;
    expect(master?.address).toEqual(AT);
  });

  it('that is no list of ranges is no answer of Redis', () => {
    for (const answer of [
      'OK',
      [['0', 1, ['h', 1, id('a')]]],
      [[0, SLOTS, ['h', 1, id('a')]]],
      [[0, 1, ['h', 1]]],
    ])
      expect(() => readSlots(answer, AT)).toThrow('not a Redis answer');
  });

  it('differs when a slot has another master', () => {
    const by = (digit: string) => readSlots([[0, SLOTS - 1, ['10.0.0.1', 7001, id(digit)]]], AT);
    expect(isSameView(by('a'), by('a'))).toBe(true);
    expect(isSameView(by('a'), by('b'))).toBe(false);
  });
});

describe('a node that leads on', () => {
  it.each([
    ['MOVED 3999 10.0.0.2:6381', { kind: 'MOVED', to: { host: '10.0.0.2', port: 6381 } }],
    ['ASK 3999 [::1]:6381', { kind: 'ASK', to: { host: '::1', port: 6381 } }],
    ['MOVED 3999 :6381', { kind: 'MOVED', to: { host: '10.0.0.1', port: 6381 } }],
    ['MOVED 3999 ?:6381', { kind: 'MOVED', to: { host: '10.0.0.1', port: 6381 } }],
    ['CLUSTERDOWN The cluster is down', undefined],
  ])('by %j', (text, expected) => {
    expect(redirection(new RedisReplyError(text), AT)).toEqual(expected);
    expect(redirection(new Error(text), AT)).toBeUndefined();
  });
});

describe('CLUSTER NODES', () => {
  it('names each node with its address, also of versions without a bus port, and those that are lost', () => {
    const text = [
      'aa 127.0.0.1:7001@17001,host.shop myself,master - 0 0 1 connected 0-5460',
      'bb 10.0.0.2:7002 slave aa 0 1426238316232 2 connected',
      'cc :0@0 master,fail,noaddr - 0 0 3 disconnected',
      '',
    ].join('\n');
    expect(readNodes(text, AT)).toEqual([
      { id: 'aa', address: '127.0.0.1:7001', isMyself: true },
      { id: 'bb', address: '10.0.0.2:7002', isMyself: false },
      { id: 'cc', address: null, isMyself: false },
    ]);
  });

  it('of a node that was never met has the address at which it was asked', () => {
    expect(readNodes('aa :7001@17001 myself,master - 0 0 0 connected\n', AT)).toEqual([
      { id: 'aa', address: '10.0.0.1:7001', isMyself: true },
    ]);
  });
});
