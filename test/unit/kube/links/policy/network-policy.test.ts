import { describe, expect, it } from 'vitest';
import type { Impairment } from '../../../../../src/core/acts/link-acts.ts';
import { EffectLost } from '../../../../../src/core/errors.ts';
import { ms } from '../../../../../src/core/units.ts';
import { countHeld, type HeldConnection } from '../../../../../src/kube/links/agent/holder.ts';
import { requirementsOf } from '../../../../../src/kube/links/policy/label-selector.ts';
import { policyLinks } from '../../../../../src/kube/links/policy/policy-links.ts';
import { allBut } from '../../../../../src/kube/links/policy/policy-peers.ts';
import { ScriptedApi } from '../../scripted-api.ts';
import { FakeAgent } from '../agent/fake-agent.ts';
import { FakeHolder } from '../agent/fake-holder.ts';

const PODS = '/api/v1/namespaces/shop/pods';
const POLICIES = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies';
const SERVICES = {
  web: { namespace: 'shop', selector: 'app=web' },
  db: { namespace: 'shop', selector: 'app=db' },
};
const CUT: Impairment = { id: 'cut-1', links: ['web->db'], effect: { kind: 'cut' }, ttlMs: 3000 };

const NAME = 'kubernetes.io/metadata.name';
const SILENT = { state: 'open', silentMs: 2400, unanswered: 2 } as const;

interface Policy {
  metadata: { name: string; uid?: string; labels?: Record<string, string> };
  spec: object;
}

function rig() {
  const api = new ScriptedApi();
  const agent = new FakeAgent();
  const holder = new FakeHolder();
  let policies: Policy[] = [];
  let webPods = ['web-1'];
  const running = [{ name: 'gauntlet-dial-1', state: { running: {} } }];
  const pod = (name: string, app: string, ip: string) => ({
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, labels: { app } },
    spec: { ephemeralContainers: [{ name: 'gauntlet-dial-1' }] },
    status: { phase: 'Running', podIPs: [{ ip }], ephemeralContainerStatuses: running },
  });
  api.answers.set(PODS, ({ query }) => ({
    items:
      query?.['labelSelector'] === 'app=web'
        ? webPods.map((name) => pod(name, 'web', '10.0.0.1'))
        : [pod('db-1', 'db', '10.0.0.9')],
  }));
  api.answers.set('/api/v1/namespaces/shop/services', () => ({
    items: [
      { spec: { selector: { app: 'db' }, clusterIPs: ['10.96.0.9', 'fd00::9'], ports: [{ port: 6379 }] } },
      { spec: { selector: { app: 'web' }, clusterIPs: ['10.96.0.1'], ports: [{ port: 80 }] } },
    ],
  }));
  api.answers.set(POLICIES, ({ method, body, query }) => {
    const isOurs = (one: Policy): boolean => one.metadata.labels?.['gauntlet.dev/impairment'] !== undefined;
    if (method === 'GET') return { items: query?.['labelSelector'] ? policies.filter(isOurs) : policies };
    const made = body as Policy;
    policies.push({ ...made, metadata: { ...made.metadata, uid: 'policy-uid' } });
    return {};
  });
  api.answers.set(`${POLICIES}/gauntlet-cut-1-web`, () => {
    policies = policies.filter((one) => one.metadata.name !== 'gauntlet-cut-1-web');
    return {};
  });
  const links = policyLinks({ client: api, agent, holder, services: SERVICES, image: 'image' });
  const of = async () => (await links.list()).find((one) => one.name === 'web->db');
  /** Somebody else's. */
  const addPolicy = (name: string, spec: object): void => void policies.push({ metadata: { name }, spec });
  const dropPolicy = (name: string): void => {
    policies = policies.filter((one) => one.metadata.name !== name);
  };
  const replacePods = (...names: readonly string[]): void => {
    webPods = [...names];
  };
  /** Nothing comes through any more, on both kinds of connection. */
  const bite = async (): Promise<void> => {
    await links.impair(CUT);
    agent.answers = false;
    holder.say = SILENT;
    await of();
  };
  return { api, agent, holder, links, of, addPolicy, dropPolicy, replacePods, bite };
}

describe('a cut by NetworkPolicy', () => {
  it('leaves out the other side, is found again by its label and deleted by its uid', async () => {
    const { api, links, of } = rig();
    await links.impair(CUT);
    const made = api.requests.find((one) => one.method === 'POST')?.body as Policy;
    expect(made.metadata.labels).toEqual({ 'gauntlet.dev/impairment': 'cut-1' });
    expect(made.spec).toEqual({
      podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] },
      policyTypes: ['Egress'],
      egress: [
        {
          to: [
            { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.9/32', '10.96.0.9/32'] } },
            { ipBlock: { cidr: '::/0', except: ['fd00::9/128'] } },
            { namespaceSelector: { matchExpressions: [{ key: NAME, operator: 'NotIn', values: ['shop'] }] } },
            {
              namespaceSelector: { matchExpressions: [{ key: NAME, operator: 'In', values: ['shop'] }] },
              podSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['db'] }] },
            },
          ],
        },
      ],
    });
    expect((await of())?.impairedBy).toEqual(['cut-1']);
    expect(await links.renew('cut-1', ms(1000))).toBe(true);
    await links.heal('cut-1');
    const deleted = api.requests.find((one) => one.method === 'DELETE');
    expect(deleted?.body).toMatchObject({ preconditions: { uid: 'policy-uid' } });
    expect(await links.renew('cut-1', ms(1000))).toBe(false);
    expect((await of())?.impairedBy).toEqual([]);
    await links.heal('cut-1');
  });

  it('is only what a new connection sees: one that nobody enforces, or another policy allows, lets bytes cross', async () => {
    const { agent, links, of } = rig();
    expect(await of()).toMatchObject({ bytes: 0, traffic: { waiting: 0 } });
    await links.impair(CUT);
    const before = (await of())?.traffic.toServer.bytes ?? 0;
    expect((await of())?.traffic.toServer.bytes).toBeGreaterThan(before);
    agent.answers = false;
    const cut = await of();
    expect(cut?.traffic.waiting).toBe(2);
    expect((await of())?.traffic.toServer.bytes).toBe(cut?.traffic.toServer.bytes);
  });

  it('is not begun where nothing answers before it, or only some pods of the service get an answer', async () => {
    const problem =
      'link web->db: expected a Service with a TCP port that can be dialled before the fault, got none that answers from every pod.';
    const { api, holder, links, replacePods } = rig();
    holder.answers = () => false;
    await expect(links.impair(CUT)).rejects.toThrow(problem);
    replacePods('web-1', 'web-2');
    let dials = 0;
    holder.answers = () => {
      dials += 1;
      return dials <= 2;
    };
    await expect(links.impair(CUT)).rejects.toThrow(problem);
    expect(api.requests.filter((one) => one.method === 'POST')).toEqual([]);
  });

  it('leaves out an address that no pod can reach, such as one of a family that the cluster does not carry', async () => {
    const { agent, holder, links, of } = rig();
    holder.answers = (address) => !address.startsWith('[');
    await links.impair(CUT);
    agent.answers = false;
    expect((await of())?.traffic.waiting).toBe(1);
    expect((await of())?.held).toMatchObject({ passing: 1, ended: 0 });
  });

  it('tells of connections that were open before it', async () => {
    const { holder, links, of } = rig();
    expect((await of())?.held).toBeUndefined();
    await links.impair(CUT);
    expect((await of())?.held).toMatchObject({ passing: 2, silent: 0, ended: 0 });
    holder.say = SILENT;
    expect((await of())?.held).toMatchObject({ passing: 0, silent: 2, ended: 0 });
  });

  it('cannot be told on connections whose holder has ended, which is no loss either', async () => {
    const { holder, links, of, bite } = rig();
    await bite();
    holder.forget();
    expect((await of())?.held).toMatchObject({ passing: 0, silent: 0, ended: 2 });
    expect(await links.renew('cut-1', ms(1000))).toBe(true);
  });

  it('is lost when something comes through after it has bitten, which another policy may be why of', async () => {
    const { agent, holder, links, addPolicy, bite } = rig();
    await bite();
    expect(await links.renew('cut-1', ms(1000))).toBe(true);
    addPolicy('default-deny', { podSelector: {}, policyTypes: ['Egress'] });
    addPolicy('for-others', { podSelector: { matchLabels: { app: 'mail' } }, egress: [{}] });
    addPolicy('allow-web', {
      podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] },
      egress: [{}],
    });
    agent.answers = true;
    const renewed = links.renew('cut-1', ms(1000));
    await expect(renewed).rejects.toBeInstanceOf(EffectLost);
    await expect(renewed).rejects.toThrow(
      'link web->db: expected no connection to pass while it is cut, got 2 of 2 new connections and 0 of 2 held ones. ' +
        'Traffic that other policies on these pods allow stays allowed: shop/allow-web.',
    );
    agent.answers = false;
    holder.say = { state: 'open', silentMs: 10, unanswered: 0 };
    await expect(links.renew('cut-1', ms(1000))).rejects.toThrow(
      'got 0 of 2 new connections and 2 of 2 held ones',
    );
    // Like a server that receives nothing for a long time: Node's closes after 60 s.
    holder.say = { state: 'closed' };
    expect(await links.renew('cut-1', ms(1000))).toBe(true);
  });

  it('is not lost before it has bitten: that is for the proof to say', async () => {
    const { agent, links, of } = rig();
    await links.impair(CUT);
    expect(await links.renew('cut-1', ms(1000))).toBe(true);
    agent.answers = false;
    // New ones do not come through, open ones do.
    await of();
    agent.answers = true;
    expect(await links.renew('cut-1', ms(1000))).toBe(true);
  });

  it('is not in place any more when one of its policies is gone', async () => {
    const { links, dropPolicy } = rig();
    await links.impair({ ...CUT, links: ['web->db', 'db->web'] });
    expect(await links.renew('cut-1', ms(1000))).toBe(true);
    dropPolicy('gauntlet-cut-1-db');
    expect(await links.renew('cut-1', ms(1000))).toBe(false);
  });

  it('is not in place any more when the pods that were cut off are gone', async () => {
    const { links, replacePods, bite } = rig();
    await bite();
    replacePods('web-2');
    expect(await links.renew('cut-1', ms(1000))).toBe(false);
  });

  it('cannot be one way, a reset or slow', async () => {
    const { links, addPolicy } = rig();
    for (const effect of [
      { kind: 'reset' },
      { kind: 'cut', direction: 'to-client' },
      { kind: 'throttle', bitsPerSecond: 8000 },
    ] as const) {
      await expect(links.preview?.(['web->db'], effect)).rejects.toThrow(
        'expected cut-link: a NetworkPolicy either allows connections or not',
      );
    }
    const found = await links.preview?.(['web->db'], { kind: 'cut' });
    expect(found?.instances.map((one) => one.instance)).toEqual(['web-1']);
    expect(found?.notes.join(' ')).toContain('it stays until `gauntlet recover`');
    expect(found?.notes.join(' ')).not.toContain('another policy');
    addPolicy('allow-all', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] });
    expect((await links.preview?.(['web->db'], { kind: 'cut' }))?.notes).toContain(
      'Traffic that other policies on these pods allow stays allowed: shop/allow-all.',
    );
  });
});

describe('everybody but the other side, as pods', () => {
  const podsBut = (...where: Parameters<typeof allBut>[1]): unknown[] =>
    allBut([], where)
      .filter((one) => 'podSelector' in one)
      .map((one) => (one as { podSelector: { matchExpressions: unknown } }).podSelector.matchExpressions);

  it('misses one of the requirements of a selector, each in a peer of its own', () => {
    expect(podsBut({ namespace: 'shop', selector: 'app=db,tier notin (x),!old,new' })).toEqual([
      [{ key: 'app', operator: 'NotIn', values: ['db'] }],
      [{ key: 'tier', operator: 'In', values: ['x'] }],
      [{ key: 'old', operator: 'Exists' }],
      [{ key: 'new', operator: 'DoesNotExist' }],
    ]);
  });

  it('misses one of each selector where several of one namespace are meant', () => {
    const where = [
      { namespace: 'shop', selector: 'app=db,shard=1' },
      { namespace: 'shop', selector: 'app=queue' },
      { namespace: 'post', selector: 'app=mail' },
    ];
    const not = (key: string, value: string) => ({ key, operator: 'NotIn', values: [value] });
    expect(podsBut(...where)).toEqual([
      [not('app', 'db'), not('app', 'queue')],
      [not('shard', '1'), not('app', 'queue')],
      [not('app', 'mail')],
    ]);
    expect(allBut([], where)).toContainEqual({
      namespaceSelector: { matchExpressions: [{ key: NAME, operator: 'NotIn', values: ['shop', 'post'] }] },
    });
  });
});

describe('connections that are held', () => {
  const one = (change: Partial<HeldConnection>): HeldConnection => ({
    address: '10.96.0.9:6379',
    state: 'open',
    silentMs: 0,
    unanswered: 0,
    outcome: '',
    ...change,
  });

  it('are silent from the second keepalive without an answer on, or when the kernel gave them up', () => {
    const all = [
      one({ silentMs: 1900, unanswered: 1 }),
      one({ silentMs: 2400, unanswered: 2 }),
      one({ silentMs: 3100, unanswered: 3 }),
      one({ state: 'gone', outcome: 'connection timed out' }),
    ];
    expect(countHeld(all, 100)).toEqual({
      passing: 1,
      silent: 3,
      ended: 0,
      silentMs: 2300,
      silentBoundMs: 100,
      askedEveryMs: 1000,
    });
  });

  it('show nothing once the other side has ended them', () => {
    expect(
      countHeld([one({ state: 'closed' }), one({ state: 'reset' }), one({ state: 'failed' })], 0),
    ).toMatchObject({
      passing: 0,
      silent: 0,
      ended: 3,
    });
  });
});

describe('a selector as kubectl takes it', () => {
  it.each([
    ['app=web', [{ key: 'app', operator: 'In', values: ['web'] }]],
    [
      'a==b, c != d',
      [
        { key: 'a', operator: 'In', values: ['b'] },
        { key: 'c', operator: 'NotIn', values: ['d'] },
      ],
    ],
    [
      'tier in (a, b),env notin (x),!old,new',
      [
        { key: 'tier', operator: 'In', values: ['a', 'b'] },
        { key: 'env', operator: 'NotIn', values: ['x'] },
        { key: 'old', operator: 'DoesNotExist' },
        { key: 'new', operator: 'Exists' },
      ],
    ],
  ])('%s', (selector, expected) => {
    expect(requirementsOf(selector)).toEqual(expected);
  });

  it('is refused when it is none', () => {
    expect(() => requirementsOf('a = b = c')).toThrow('selector a = b = c: expected a label selector');
  });
});
