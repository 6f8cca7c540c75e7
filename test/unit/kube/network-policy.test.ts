import { describe, expect, it } from 'vitest';
import type { Impairment } from '../../../src/core/platform.ts';
import { ms } from '../../../src/core/units.ts';
import { requirementsOf } from '../../../src/kube/net/label-selector.ts';
import { policyLinks } from '../../../src/kube/net/policy-links.ts';
import { FakeAgent } from './fake-agent.ts';
import { ScriptedApi } from './scripted-api.ts';

const PODS = '/api/v1/namespaces/shop/pods';
const POLICIES = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies';
const SERVICES = {
  web: { namespace: 'shop', selector: 'app=web' },
  db: { namespace: 'shop', selector: 'app=db' },
};
const CUT: Impairment = { id: 'cut-1', links: ['web->db'], effect: { kind: 'cut' }, ttlMs: 3000 };

interface Policy {
  metadata: { name: string; uid?: string; labels: Record<string, string> };
  spec: unknown;
}

function rig() {
  const api = new ScriptedApi();
  const agent = new FakeAgent();
  let policies: Policy[] = [];
  const running = [{ name: 'gauntlet-dial-1', state: { running: {} } }];
  const pod = (name: string, app: string, ip: string) => ({
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, labels: { app } },
    spec: { ephemeralContainers: [{ name: 'gauntlet-dial-1' }] },
    status: { phase: 'Running', podIPs: [{ ip }], ephemeralContainerStatuses: running },
  });
  api.answers.set(PODS, ({ query }) => ({
    items: [
      query?.['labelSelector'] === 'app=web'
        ? pod('web-1', 'web', '10.0.0.1')
        : pod('db-1', 'db', '10.0.0.9'),
    ],
  }));
  api.answers.set('/api/v1/namespaces/shop/services', () => ({
    items: [
      { spec: { selector: { app: 'db' }, clusterIPs: ['10.96.0.9', 'fd00::9'], ports: [{ port: 6379 }] } },
    ],
  }));
  api.answers.set(POLICIES, ({ method, body }) => {
    if (method === 'GET') return { items: policies };
    const made = body as Policy;
    policies.push({ ...made, metadata: { ...made.metadata, uid: 'policy-uid' } });
    return {};
  });
  api.answers.set(`${POLICIES}/gauntlet-cut-1-web`, () => {
    policies = [];
    return {};
  });
  const links = policyLinks({ client: api, agent, services: SERVICES, image: 'image' });
  const of = async () => (await links.list()).find((one) => one.name === 'web->db');
  return { api, agent, links, of };
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

  it('is not begun where nothing answers before it', async () => {
    const { api, agent, links } = rig();
    agent.answers = false;
    await expect(links.impair(CUT)).rejects.toThrow(
      'link web->db: expected a Service with a TCP port that can be dialled before the fault, got none that answers.',
    );
    expect(api.requests.filter((one) => one.method === 'POST')).toEqual([]);
  });

  it('cannot be one way, a reset or slow', async () => {
    const { links } = rig();
    for (const effect of [
      { kind: 'reset' },
      { kind: 'cut', direction: 'to-client' },
      { kind: 'throttle', bitsPerSecond: 8000 },
    ] as const) {
      await expect(links.foresee?.(['web->db'], effect)).rejects.toThrow(
        'expected cut-link: a NetworkPolicy allows connections or does not',
      );
    }
    const found = await links.foresee?.(['web->db'], { kind: 'cut' });
    expect(found?.instances.map((one) => one.instance)).toEqual(['web-1']);
    expect(found?.notes.join(' ')).toContain('it stays until `gauntlet recover`');
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
