import { describe, expect, it } from 'vitest';
import type { Impairment, LinkEffect } from '../../../../../src/core/acts/link-acts.ts';
import { ms } from '../../../../../src/core/units.ts';
import { agentLinks } from '../../../../../src/kube/links/agent/agent-links.ts';
import { listNetPods } from '../../../../../src/kube/links/agent/net-pods.ts';
import { addressesOfService } from '../../../../../src/kube/links/agent/service-addresses.ts';
import type { ScriptedApi } from '../../scripted-api.ts';
import { FakeAgent } from './fake-agent.ts';
import { IMAGE, openShop, PODS, podJson, SERVICES, type Shop, withAgent } from './shop.ts';

const CUT: Impairment = { id: 'cut-1', links: ['web->db'], effect: { kind: 'cut' }, ttlMs: 3000 };

interface Rig extends Shop {
  readonly agent: FakeAgent;
  readonly links: ReturnType<typeof agentLinks>;
}

function rig(): Rig {
  const shop = openShop();
  const agent = new FakeAgent();
  const world = { client: shop.api, agent, services: SERVICES, image: IMAGE };
  return { ...shop, agent, links: agentLinks(world) };
}

const patches = (api: ScriptedApi) => api.requests.filter((one) => one.method === 'PATCH');

describe('a service seen from inside a pod', () => {
  it('is its pods and the addresses of the Services that lead to them, headless ones excepted', async () => {
    const { api } = rig();
    expect(await addressesOfService(api, 'db', SERVICES.db)).toEqual({
      addresses: ['10.0.0.9', '10.96.0.9'],
      services: [{ address: '10.96.0.9', port: 6379 }],
      pods: [{ address: '10.0.0.9', port: 6379 }],
    });
  });

  it('without a pod is an error that says so', async () => {
    const { api, pods } = rig();
    pods.db = [];
    await expect(addressesOfService(api, 'db', SERVICES.db)).rejects.toThrow(
      'service db: expected at least one pod with an address, got none.',
    );
  });
});

describe('a fault on links between pods', () => {
  it('stands in every pod that dials, in an ephemeral container with one capability', async () => {
    const { api, agent, links, pods } = rig();
    pods.web.push(podJson('web-2', 'web', '10.0.0.2'));
    await links.impair(CUT);
    expect(agent.applied('web-1')).toEqual({
      id: 'cut-1',
      ttlMs: 3000,
      kind: 'cut',
      links: [{ name: 'web->db', peers: ['10.0.0.9', '10.96.0.9'] }],
    });
    expect(agent.applied('web-2')?.id).toBe('cut-1');
    const [patch] = patches(api);
    expect(patch?.contentType).toBe('application/strategic-merge-patch+json');
    expect(patch?.body).toMatchObject({
      metadata: { uid: 'uid-web-1' },
      spec: {
        ephemeralContainers: [
          {
            image: IMAGE,
            args: ['serve'],
            securityContext: {
              capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
              readOnlyRootFilesystem: true,
            },
          },
        ],
      },
    });
  });

  it.each<[LinkEffect, object]>([
    [
      { kind: 'cut', direction: 'to-server' },
      { kind: 'cut', direction: 'out' },
    ],
    [
      { kind: 'cut', direction: 'to-client' },
      { kind: 'cut', direction: 'in' },
    ],
    [{ kind: 'reset' }, { kind: 'reset' }],
    [
      { kind: 'throttle', bitsPerSecond: 256_000 },
      { kind: 'police', bytesPerSecond: 32_000 },
    ],
  ])('%j is asked of the agent as %j', async (effect, asked) => {
    const { agent, links } = rig();
    await links.impair({ ...CUT, effect });
    expect(agent.applied('web-1')).toMatchObject(asked);
  });

  it('uses an agent that runs, and adds another when that one ends in this very moment', async () => {
    const { api, agent, links, pods } = rig();
    pods.web = [withAgent('web-1', '10.0.0.1', { running: {} })];
    await links.impair(CUT);
    expect(patches(api)).toHaveLength(0);
    agent.endsNow('gauntlet-net-old');
    await links.impair({ ...CUT, id: 'cut-2' });
    expect(patches(api)).toHaveLength(1);
    expect(agent.applied('web-1')?.id).toBe('cut-2');
  });

  it('says what keeps its agent from starting, and how to get one', async () => {
    const { api, links, pods } = rig();
    api.answers.set(`${PODS}/web-1/ephemeralcontainers`, ({ body }) => {
      const { spec } = body as { spec: { ephemeralContainers: { name: string }[] } };
      const name = spec.ephemeralContainers[0]?.name ?? '';
      const waiting = { reason: 'ErrImagePull', message: 'not found' };
      pods.web = pods.web.map((pod) => ({
        ...pod,
        spec: { ephemeralContainers: [{ name }] },
        status: { ...pod.status, ephemeralContainerStatuses: [{ name, state: { waiting } }] },
      }));
      return {};
    });
    await expect(links.impair(CUT)).rejects.toThrow(
      `agent ${IMAGE} in pod web-1 of shop: expected to run within 60 s, got ErrImagePull: not found. Push packages/netagent`,
    );
  });

  it('is renewed with the addresses of now, and with the last ones where a service has none', async () => {
    const { agent, links, pods } = rig();
    await links.impair(CUT);
    pods.db = [podJson('db-2', 'db', '10.0.0.8')];
    expect(await links.renew('cut-1', ms(2000))).toBe(true);
    expect(agent.applied('web-1')).toMatchObject({
      ttlMs: 2000,
      links: [{ peers: ['10.0.0.8', '10.96.0.9'] }],
    });
    pods.db = [];
    expect(await links.renew('cut-1', ms(2000))).toBe(true);
    expect(agent.applied('web-1')?.links[0]?.peers).toEqual(['10.0.0.8', '10.96.0.9']);
  });

  it('is not in place any more when the kernel ended it, its pod was replaced, or nobody knows of it', async () => {
    const { agent, links, pods } = rig();
    await links.impair(CUT);
    agent.expire();
    expect(await links.renew('cut-1', ms(2000))).toBe(false);
    await links.impair(CUT);
    pods.web = [podJson('web-2', 'web', '10.0.0.2')];
    expect(await links.renew('cut-1', ms(2000))).toBe(false);
    expect(await links.renew('another', ms(2000))).toBe(false);
  });

  it('is undone by whoever finds it, and nothing is added to pods that never had an agent', async () => {
    const { api, agent, links, pods } = rig();
    await links.impair(CUT);
    const before = patches(api).length;
    const another = agentLinks({ client: api, agent, services: SERVICES, image: IMAGE });
    pods.web.push(podJson('web-2', 'web', '10.0.0.2'));
    await another.heal('cut-1');
    await another.heal('cut-1');
    expect(agent.applied('web-1')).toBeUndefined();
    expect(patches(api)).toHaveLength(before);
  });

  it('is looked for with a new agent where the last one ended otherwise than by itself', async () => {
    const { api, links, pods } = rig();
    pods.web = [withAgent('web-1', '10.0.0.1', { terminated: { exitCode: 137 } })];
    await links.heal('cut-1');
    expect(patches(api)).toHaveLength(1);
    pods.web = [withAgent('web-1', '10.0.0.1', { terminated: { exitCode: 0 } })];
    await links.heal('cut-1');
    expect(patches(api)).toHaveLength(1);
  });
});

describe('what the agents have counted', () => {
  it('is that of the link, summed over the pods that dial; sockets that two faults see count once', async () => {
    const { agent, links, pods } = rig();
    expect((await links.list()).map((one) => [one.name, one.impairedBy, one.bytes])).toEqual([
      ['web->db', [], 0],
      ['db->web', [], 0],
    ]);
    pods.web.push(podJson('web-2', 'web', '10.0.0.2'));
    await links.impair(CUT);
    await links.impair({ ...CUT, id: 'cut-2' });
    agent.count('cut-1', { 'drop out': { packets: 3, bytes: 180 }, 'pass in': { packets: 2, bytes: 104 } });
    agent.sockets = { established: 4, dialling: 1 };
    const [link] = await links.list();
    expect(link).toMatchObject({
      connections: 8,
      bytes: 208,
      impairedBy: ['cut-1', 'cut-2'],
      traffic: {
        toServer: { bytes: 0, stuckBytes: 360, droppedPackets: 6 },
        toClient: { bytes: 208, chunks: 4, droppedPackets: 0 },
        waiting: 2,
        resets: 0,
      },
    });
  });
});

describe('what a plan is told', () => {
  it('are the pods, how it looks, what ends it and what stays', async () => {
    const { links } = rig();
    const found = await links.preview?.(['web->db'], { kind: 'throttle', bitsPerSecond: 256_000 });
    expect(found?.instances).toEqual([
      { service: 'web', instance: 'web-1', namespace: 'shop', uid: 'uid-web-1' },
    ]);
    const text = found?.notes.join('\n') ?? '';
    expect(text).toContain('Traffic above 256kbit/s is dropped (policing), not queued (shaping)');
    expect(text).toContain('without a renewal within the lease, the kernel ends them.');
    expect(text).toContain(
      "it stays in the pod's status until the pod is replaced (the API cannot remove it).",
    );
  });

  it('is a refusal of pods that share the network of their node', async () => {
    const { links, pods } = rig();
    pods.web = [podJson('web-1', 'web', '10.0.0.1', { spec: { hostNetwork: true } })];
    const said = 'pods of web: expected a network namespace of their own, got hostNetwork in web-1.';
    await expect(links.preview?.(['web->db'], { kind: 'cut' })).rejects.toThrow(said);
    await expect(links.impair(CUT)).rejects.toThrow(said);
  });

  it('leaves out pods that are over or have no address yet', async () => {
    const { api, pods } = rig();
    pods.web.push({ ...podJson('web-2', 'web', '10.0.0.2'), status: { phase: 'Pending' } });
    pods.web.push({
      ...podJson('web-3', 'web', ''),
      status: { phase: 'Failed', podIPs: [{ ip: '10.0.0.3' }] },
    });
    expect((await listNetPods(api, SERVICES.web)).map((one) => one.name)).toEqual(['web-1']);
  });
});
