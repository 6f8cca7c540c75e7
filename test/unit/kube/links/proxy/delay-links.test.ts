/** Delays between pods: what is put where, in which order it is taken away, and what may be missing by then. */
import { describe, expect, it } from 'vitest';
import type { Impairment, LinkState } from '../../../../../src/core/acts/link-acts.ts';
import { ms } from '../../../../../src/core/units.ts';
import { ApiError } from '../../../../../src/kube/client/api-error.ts';
import { agentLinks } from '../../../../../src/kube/links/agent/agent-links.ts';
import { delayLinks } from '../../../../../src/kube/links/proxy/delay-links.ts';
import { podHttp } from '../../../../../src/kube/links/proxy/pod-http.ts';
import { Redirects } from '../../../../../src/kube/links/proxy/redirects.ts';
import { FakeAgent } from '../agent/fake-agent.ts';
import { IMAGE, openShop, PODS, podJson, SERVICES } from '../agent/shop.ts';

const JOBS = '/apis/batch/v1/namespaces/shop/jobs';
const SLOW: Impairment = {
  id: 'slow-1',
  links: ['web->db'],
  effect: { kind: 'throttle', latencyMs: 40 },
  ttlMs: 8000,
  holdMs: 5000,
};
const FLOW = { bytes: 0, chunks: 0, heldMs: 0, stuckBytes: 0 };
const way = (name: string, chunks: number, heldMs: number): LinkState => ({
  name,
  from: 'web',
  to: 'db',
  connections: 1,
  bytes: chunks,
  traffic: { toServer: { ...FLOW, bytes: chunks, chunks, heldMs }, toClient: FLOW, waiting: 0, resets: 0 },
  impairedBy: ['slow-1'],
});

/** The shop with a cluster that starts the pod of a Job at once, and a proxy in it that says yes to everything. */
function rig() {
  const { api, pods } = openShop();
  const agent = new FakeAgent();
  const world = { client: api, agent, services: SERVICES, image: IMAGE };
  const rules = agentLinks(world);
  const redirects = new Redirects(world, 'registry.test/proxy:1', rules.heal);
  const jobs: { name: string; pod: { phase: string; leaving: boolean } }[] = [];
  const proxy = { ways: [] as LinkState[], faults: [] as unknown[], isThere: true, has: true };
  const shopPods = api.answers.get(PODS) ?? (() => ({}));
  api.answers.set(PODS, (request) => {
    if (!String(request.query?.['labelSelector']).startsWith('gauntlet.dev/proxy')) return shopPods(request);
    const items = jobs.map(({ name, pod }) => ({
      metadata: {
        name: `${name}-x`,
        namespace: 'shop',
        labels: { 'gauntlet.dev/proxy': 'slow-1' },
        annotations: { 'gauntlet.dev/links': 'web->db' },
        ...(pod.leaving && { deletionTimestamp: '2026-11-21T00:00:00Z' }),
      },
      status: { phase: pod.phase, podIPs: [{ ip: '10.0.0.77' }] },
    }));
    return { items };
  });
  api.answers.set(JOBS, ({ method, body }) => {
    if (method === 'GET') return { items: jobs.map(({ name }) => ({ metadata: { name } })) };
    const { metadata } = body as { metadata: { name: string } };
    jobs.push({ name: metadata.name, pod: { phase: 'Running', leaving: false } });
    return {};
  });
  api.answers.set(`${JOBS}/gauntlet-slow-1`, () => void jobs.splice(0));
  const call = (path: string, answer: () => unknown): void =>
    void api.answers.set(`${PODS}/gauntlet-slow-1-x:19999/proxy/slow-1${path}`, () => {
      if (!proxy.isThere) throw new ApiError(api.server, 'ask the proxy', 503, { message: 'no route' });
      return answer();
    });
  call('/links', () => proxy.ways);
  call('/impairments', () => ({}));
  call('/impairments/renew', () => ({ renewed: proxy.has }));
  call('/http-faults', () => proxy.faults);
  return {
    api,
    pods,
    agent,
    jobs,
    proxy,
    links: delayLinks(rules, redirects, world),
    http: podHttp(redirects, api),
  };
}

describe('a delay between pods', () => {
  it('is a proxy that is armed before any pod is led to it', async () => {
    const { api, agent, links } = rig();
    await links.impair(SLOW);
    const acts = api.requests
      .filter((one) => one.method !== 'GET')
      .map(({ method, path }) => `${method} ${path}`);
    expect(acts).toEqual([
      `POST ${JOBS}`,
      `PUT ${PODS}/gauntlet-slow-1-x:19999/proxy/slow-1/impairments`,
      `PATCH ${PODS}/web-1/ephemeralcontainers`,
    ]);
    expect(agent.applied('web-1')).toEqual({
      id: 'slow-1',
      ttlMs: 8000,
      kind: 'detour',
      links: [
        {
          name: 'web->db',
          peers: ['10.0.0.9', '10.96.0.9'],
          via: [
            { peer: '10.96.0.9', port: 6379, to: '10.0.0.77:20000' },
            { peer: '10.0.0.9', port: 6379, to: '10.0.0.77:20001' },
          ],
        },
      ],
    });
    const put = api.requests.find((one) => one.method === 'PUT');
    expect(put?.body).toEqual({
      id: 'slow-1',
      links: ['web->db#0', 'web->db#1'],
      effect: { kind: 'throttle', latencyMs: 40 },
      ttlMs: 8000,
    });
  });

  it('is a job that the cluster ends and deletes by itself, admitted at every Pod Security level', async () => {
    const { api, links } = rig();
    await links.impair(SLOW);
    const body = api.requests.find((one) => one.path === JOBS)?.body;
    expect(body).toMatchObject({
      metadata: { name: 'gauntlet-slow-1', labels: { 'gauntlet.dev/proxy': 'slow-1' } },
      spec: {
        ttlSecondsAfterFinished: 0,
        backoffLimit: 0,
        activeDeadlineSeconds: 125,
        template: {
          spec: {
            restartPolicy: 'Never',
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                image: 'registry.test/proxy:1',
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              },
            ],
          },
        },
      },
    });
  });

  it('counts bytes that the proxy held, and those that bypassed it as not held', async () => {
    const { agent, links, proxy } = rig();
    await links.impair(SLOW);
    proxy.ways = [way('web->db#0', 10, 400), way('web->db#1', 5, 200), way('web->cache#2', 9, 9)];
    agent.count('slow-1', { 'pass out': { packets: 3, bytes: 300 } });
    const link = (await links.list()).find((one) => one.name === 'web->db');
    expect(link?.traffic.toServer).toEqual({ bytes: 315, chunks: 18, heldMs: 600, stuckBytes: 0 });
    expect(link?.impairedBy).toEqual(['slow-1']);
  });

  it('is renewed in the proxy and in every pod; one that is gone, or lost it, is a loss', async () => {
    const { agent, links, proxy, pods } = rig();
    await links.impair(SLOW);
    expect(await links.renew('slow-1', ms(8000))).toBe(true);
    proxy.has = false;
    expect(await links.renew('slow-1', ms(8000))).toBe(false);
    proxy.has = true;
    agent.expire();
    expect(await links.renew('slow-1', ms(8000))).toBe(false);
    pods.web = [podJson('web-2', 'web', '10.0.0.2')];
    expect(await links.renew('slow-1', ms(8000))).toBe(false);
  });

  it('is taken out of the proxy, then out of the pods, and the proxy goes last', async () => {
    const { agent, api, jobs, links } = rig();
    await links.impair(SLOW);
    api.requests.splice(0);
    await links.heal('slow-1');
    const acts = api.requests.filter((one) => one.method === 'DELETE').map((one) => one.path);
    expect(acts).toEqual([
      `${PODS}/gauntlet-slow-1-x:19999/proxy/slow-1/impairments`,
      `${JOBS}/gauntlet-slow-1`,
    ]);
    expect(agent.applied('web-1')).toBeUndefined();
    expect(jobs).toEqual([]);
    await links.heal('slow-1');
  });

  it('is undone by a process that did not start it, also when the proxy does not answer any more', async () => {
    const { api, agent, jobs, links, proxy } = rig();
    await links.impair(SLOW);
    proxy.isThere = false;
    const world = { client: api, agent, services: SERVICES, image: IMAGE };
    const rules = agentLinks(world);
    await delayLinks(rules, new Redirects(world, 'any', rules.heal), world).heal('slow-1');
    expect(agent.applied('web-1')).toBeUndefined();
    expect(jobs).toEqual([]);
  });

  it('is still in place for as long as the pod of its proxy is there', async () => {
    const { agent, jobs, links } = rig();
    await links.impair(SLOW);
    agent.expire();
    for (const job of jobs) job.pod.leaving = true;
    const link = (await links.list()).find((one) => one.name === 'web->db');
    expect(link?.impairedBy).toEqual(['slow-1']);
    for (const job of jobs) job.pod.phase = 'Succeeded';
    expect((await links.list()).flatMap((one) => one.impairedBy)).toEqual([]);
  });

  it('is undone by a user without a right to read Jobs, which cannot have made one', async () => {
    const { api, links } = rig();
    api.answers.set(JOBS, () => {
      throw new ApiError(api.server, 'list jobs in shop', 403, { message: 'forbidden' });
    });
    await links.heal('slow-1');
  });

  it('tells the plan that connections are reset, who does it and what ends it', async () => {
    const { links } = rig();
    const found = await links.preview?.(['web->db'], {
      kind: 'throttle',
      latencyMs: 40,
      bitsPerSecond: 8000,
    });
    expect(found?.instances.map((one) => one.instance)).toEqual(['web-1']);
    expect(found?.notes.slice(0, 4)).toEqual([
      'Callers get their answers later; calls with a deadline shorter than the latency fail.',
      'All these pods share one bandwidth: traffic above it waits (shaping).',
      'A proxy (registry.test/proxy:1) is started as a job. Rules in the network namespace of 1 pod of web redirect new connections to it; open ones are reset once, so that they reconnect through it, and again when the proxy ends.',
      'Without a renewal within the lease, the kernel ends the rules and the proxy ends its act; the cluster deletes the job by its own deadline.',
    ]);
  });
});

describe('a fault on requests between pods', () => {
  const fault = {
    id: 'slow-1',
    links: ['web->db'],
    protocol: 'grpc',
    share: 1,
    seed: 1,
    status: 14,
    ttlMs: 8000,
  } as const;

  it('is put into the proxy on all of its listeners, and told by the names of links', async () => {
    const { api, http, proxy } = rig();
    await http.put(fault);
    const put = api.requests.find((one) => one.method === 'PUT');
    expect(put?.body).toEqual({ ...fault, links: ['web->db#0', 'web->db#1'] });
    proxy.faults = [{ id: 'slow-1', links: ['web->db#0', 'web->db#1'], requests: 4, hits: 2 }];
    expect(await http.list()).toEqual([{ id: 'slow-1', links: ['web->db'], requests: 4, hits: 2 }]);
    await http.end('slow-1');
    expect(await http.list()).toEqual([]);
  });
});
