import { describe, expect, it } from 'vitest';
import type { Evidence, Proof } from '../../../../../src/chaos/fault.ts';
import { judgeLink } from '../../../../../src/chaos/faults/links/link-proof.ts';
import type { HeldConnections, LinkState } from '../../../../../src/core/acts/link-acts.ts';
import { epochMs } from '../../../../../src/core/units.ts';

interface Dialled {
  readonly good?: number;
  readonly bad?: number;
  readonly bytes?: number;
  readonly held?: Partial<HeldConnections>;
}

const link = ({ good = 0, bad = 0, bytes = 0, held }: Dialled): LinkState => {
  const flow = { bytes, chunks: 0, heldMs: 0, stuckBytes: 0 };
  const none = { passing: 0, silent: 0, ended: 0, silentMs: 0, silentBoundMs: 100, askedEveryMs: 1000 };
  return {
    name: 'web->db',
    from: 'web',
    to: 'db',
    connections: good,
    bytes,
    traffic: { toServer: flow, toClient: flow, waiting: bad, resets: 0 },
    impairedBy: [],
    ...(held && { held: { ...none, ...held } }),
  };
};

/** A snapshot every 400 ms from 10,400 on; the act was at 10,000. */
function judge(...since: readonly Dialled[]): Proof {
  const evidence: Evidence = {
    appliedAt: epochMs(10_000),
    baseline: { held: [], fresh: [] },
    since: { held: [], fresh: [] },
    snapshotsBefore: [{ at: epochMs(9900), links: [link({})] }],
    snapshots: since.map((one, index) => ({ at: epochMs(10_400 + 400 * index), links: [link(one)] })),
  };
  return judgeLink({ id: 'f1', links: ['web->db'], effect: { kind: 'cut' } }, [], evidence);
}

const cut = (silentMs: number): Dialled => ({ bad: 2, held: { silent: 2, silentMs } });
const passing: Dialled = { bad: 2, held: { passing: 2 } };

describe('a cut that is seen by connections of our own', () => {
  it('is one when new ones do not come through and open ones are silent, from the later of both on', () => {
    // The last answer came between 9,900 and 10,000, the first keepalive without one was due by 11,000.
    expect(judge(passing, passing, passing, passing, cut(2000))).toEqual({
      kind: 'seen',
      at: 11_000,
      boundMs: 1000,
      held: '2 of 2 silent',
      fresh: '2 of 2 not let through',
      evidence:
        'web->db: 2 new not let through, 2 that were open silent for 2.00 s, and nothing crossed for 1.60 s',
    });
  });

  it('begins with new ones when open ones fell silent before', () => {
    const crossing = { good: 2, held: { silent: 2, silentMs: 3000 } };
    const dials = [crossing, { ...cut(3400), bytes: 728 }, { ...cut(3800), bytes: 728 }];
    expect(judge(...dials)).toMatchObject({ kind: 'seen', at: 10_800, boundMs: 400 });
  });

  it.each([
    [
      'open ones go on',
      { bad: 2, held: { passing: 1, silent: 1, silentMs: 2500 } },
      'new connections of web->db fail, but 1 of 2 that were open before still pass data',
    ],
    [
      'one that was held has ended',
      { bad: 2, held: { silent: 1, ended: 1, silentMs: 2500 } },
      '1 of 2 connections of web->db that were held have ended: whether open ones are cut cannot be determined',
    ],
    [
      'none is held any more',
      { bad: 2, held: {} },
      'no connection of web->db that was open before is still held: whether open ones are cut cannot be determined',
    ],
  ])('is none when %s', (_, last, evidence) => {
    expect(judge(passing, passing, last)).toMatchObject({ kind: 'not-yet', evidence });
  });

  it('is none when new ones come through, whatever is silent', () => {
    const dials = [0, 1, 2].map((index) => ({ ...cut(2000), good: 2, bytes: 728 * index }));
    expect(judge(...dials)).toMatchObject({
      kind: 'not-yet',
      evidence: '1456 bytes crossed web->db in the last 400 ms',
    });
  });
});
