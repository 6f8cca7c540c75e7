/** Every protocol's questions to real servers: the stand-in of the Active Immune Core with its three stores. */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/plan.ts';
import { type Addresses, servicesAt, type Topology } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { asksOf } from '../../src/protocols/asks.ts';
import { findSystem } from '../../src/run/files/systems.ts';
import { smokeContracts } from '../../src/run/story/contract-smoke.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { projectRoot } from '../../src/system/project.ts';
import type { Probe } from '../../src/targets/probes/connection-probe.ts';
import { createProbe } from '../../src/targets/probes/create-probe.ts';
import { type Core, ImmuneCore } from './support-services/immune-core.ts';

const core = new ImmuneCore();
const probes: Probe[] = [];
afterEach(() => {
  for (const one of probes.splice(0)) one.close();
});

const FILE = join(projectRoot, 'systems/active-immune-core/system.yaml');
const nobody = { load: [] } as unknown as Plan;

function topology(one: Core, isLoggedIn = true): Topology {
  const system = findSystem(FILE, '');
  if ('expected' in system) throw new Error(system.expected);
  const { kafka, redis, postgres } = core.stores;
  const { address, user, database } = postgres;
  const addresses: Addresses = {
    'active-immune-core': { http: [{ address: one.url }] },
    kafka: { kafka: kafka.brokers.map((at, index) => ({ id: index + 1, address: at })) },
    redis: { redis: [{ address: `redis://${redis.host}:${redis.port}` }] },
    postgres: { postgres: [{ address, ...(isLoggedIn && { access: { login: { user, database } } }) }] },
  };
  return { platform: 'none', identity: 'none:asks', services: servicesAt(system, addresses) };
}

/** A consumer that has just started hears nothing until it has its partitions. */
const isHeard = async (at: Topology): Promise<void> => {
  const name = 'active-immune-core:cytokines';
  await expect.poll(async () => (await answers(name, at)).join(), { timeout: 60_000 }).toBe('ok,ok,ok');
};

async function answers(name: string, at: Topology): Promise<readonly string[]> {
  const probe = createProbe(name, at, monotonicClock);
  probes.push(probe);
  const found: string[] = [];
  for (const connection of ['held', 'held', 'fresh'] as const)
    found.push((await probe.send(connection, probe.times?.timeoutMs ?? ms(5000))).outcome);
  return found;
}

describe('the questions of a system file', () => {
  it('are answered by real servers, on a held connection and on new ones', async () => {
    const at = topology(await core.start());
    const names = asksOf(at).map((one) => one.name);
    expect(names).toEqual([
      'active-immune-core',
      ...['contract', 'sees-redis', 'sees-postgres', 'sees-kafka', 'hormones', 'cytokines'].map(
        (one) => `active-immune-core:${one}`,
      ),
      ...['kafka-1', 'kafka:contract', 'redis', 'redis:write', 'redis:contract'],
      ...['postgres', 'postgres:contract'],
    ]);
    await isHeard(at);
    for (const name of names.filter((one) => !one.endsWith(':contract')))
      expect([name, ...(await answers(name, at))]).toEqual([name, 'ok', 'ok', 'ok']);
  });

  it('are answered by PostgreSQL without a login too', async () => {
    const at = topology(await core.start(), false);
    expect(await answers('postgres', at)).toEqual(['ok', 'ok', 'ok']);
  });

  it('name the topics that Kafka does not have', async () => {
    const at = topology(await core.start());
    await expect(smokeContracts(nobody, at, undefined)).rejects.toThrow(
      /^kafka:contract: Metadata of .*immunis\.cytokines\.tnf at 127\.0\.0\.1:\d+: expected that each of these topics exists, got without immunis\.cytokines\.il6, immunis\.cytokines\.tnf\. Create them, or correct topics in the system file\.$/,
    );
  });

  it('leave no connection behind', async () => {
    const at = topology(await core.start());
    await isHeard(at);
    for (const one of probes.splice(0)) one.close();
    const before = process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length;
    for (const name of ['active-immune-core:hormones', 'active-immune-core:cytokines', 'postgres'])
      expect(await answers(name, at)).toEqual(['ok', 'ok', 'ok']);
    for (const one of probes.splice(0)) one.close();
    await expect
      .poll(() => process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length)
      .toBeLessThanOrEqual(before);
  });
});
