import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import { serveControl } from '../../../src/system/control-socket.ts';
import { sayHolder, thisHolder } from '../../../src/system/holder.ts';
import { openPlatform } from '../../../src/targets/open-platform.ts';
import { Rig } from '../proxy/rig.ts';

const topology = { platform: 'sandbox', identity: 'sandbox:t', services: [] } as const;
const handle = (stateFile: string) => ({ platform: 'sandbox', identity: 'sandbox:t', stateFile }) as const;

describe('the platform of a sandbox', () => {
  let folder: string;
  let stateFile: string;
  const calls: unknown[] = [];
  const victim = { service: 'gateway', instance: 'gateway-1', pid: 7, startTicks: '99' };
  let rig: Rig;
  let close: () => unknown;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gauntlet-platform-'));
    stateFile = join(folder, 'sandbox.json');
    calls.length = 0;
    rig = new Rig();
    await rig.start({ 'gateway->redis': [{ port: await rig.server() }] });
    const control = join(folder, 'c');
    const server = await serveControl(control, async ({ method, path, body }) => {
      calls.push(body === undefined ? `${method} ${path}` : [`${method} ${path}`, body]);
      if (path === '/signal') return { outcome: 'gone' };
      return [{ ...victim, ready: true, restarts: 0 }];
    });
    close = () => server.close();
    const supervisor = thisHolder();
    const state = { name: 't', supervisor, controlSocket: control, proxySocket: rig.control, topology };
    writeFileSync(
      stateFile,
      JSON.stringify({
        ...state,
        probeTopology: topology,
        system: { name: 'shop', file: '/shop/system.yaml', digest: 'd' },
      }),
    );
  });
  afterEach(async () => {
    close();
    await rig.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('impairs, renews and heals links through the proxy, and healing what is not there is a success', async () => {
    const { links } = await openPlatform(handle(stateFile));
    // An id with what a URL would trip over.
    const id = 'run 1/throttle-redis&x=ä%';
    await links?.impair({ id, links: ['gateway->redis'], effect: { kind: 'cut' }, ttlMs: 60_000 });
    expect((await links?.list())?.map((link) => link.impairedBy)).toEqual([[id]]);
    expect(await links?.renew(id, ms(60_000))).toBe(true);
    await links?.heal(id);
    expect((await links?.list())?.map((link) => link.impairedBy)).toEqual([[]]);
    await links?.heal(id);
    expect(await links?.renew(id, ms(60_000))).toBe(false);
  });

  it('lists and signals instances through the supervisor', async () => {
    const { instances } = await openPlatform(handle(stateFile));
    expect(await instances?.list('gateway')).toEqual([{ ...victim, ready: true, restarts: 0 }]);
    await instances?.list();
    await instances?.lives('gateway');
    expect(await instances?.signal(victim, 'SIGKILL')).toBe('gone');
    expect(calls).toEqual([
      'GET /instances?service=gateway',
      'GET /instances',
      'GET /lives?service=gateway',
      ['POST /signal', { victim, signal: 'SIGKILL' }],
    ]);
  });

  it('is unavailable when its supervisor has ended, even if the pid belongs to another process now', async () => {
    const supervisor = { ...thisHolder(), startTicks: '1' };
    writeFileSync(
      stateFile,
      JSON.stringify({
        supervisor,
        topology,
        probeTopology: topology,
        system: { name: 'shop', file: '/shop/system.yaml', digest: 'd' },
      }),
    );
    await expect(openPlatform(handle(stateFile))).rejects.toThrow(
      `sandbox:t: expected a running sandbox, got its supervisor (${sayHolder(supervisor)}) has ended. Start it with: gauntlet sandbox up`,
    );
  });

  it('is refused when another version of Gauntlet started it, with the way out', async () => {
    const older = { platform: 'sandbox', identity: 'sandbox:t', gateway: { url: 'http://127.0.0.1:1' } };
    const state = { supervisor: thisHolder(), topology: older, probeTopology: older };
    writeFileSync(stateFile, JSON.stringify(state));
    await expect(openPlatform(handle(stateFile))).rejects.toThrow(
      'sandbox:t: expected a sandbox that this version of Gauntlet has started, got one of another version. Stop it with: gauntlet sandbox down',
    );
  });

  it('is unavailable when its state file is gone', async () => {
    await expect(openPlatform(handle(join(folder, 'no.json')))).rejects.toThrow(
      /^sandbox:t: expected a running sandbox, got ENOENT/,
    );
  });
});

describe('the platform none', () => {
  it('offers no acts', async () => {
    const none = { platform: 'none', identity: 'none:a:1' } as const;
    expect(await openPlatform(none)).toEqual({
      handle: none,
      topology: { platform: 'none', identity: 'none:a:1', services: [] },
    });
  });
});

describe('several Kafkas of a journal', () => {
  const byService = {
    bus: [{ id: 1, client: '127.0.0.1:1' }],
    log: [{ id: 7, client: '127.0.0.1:2' }],
  };

  it('are each reached by their service, by whoever undoes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gauntlet-pod-'));
    for (const name of ['token', 'ca.crt']) writeFileSync(join(folder, name), 'x');
    const addresses = { brokers: [], brokersByService: byService };
    const kubernetes = {
      ...{ context: 'in-cluster', services: {}, kafkaByService: byService },
      ...{ kubeconfig: '', pod: { server: 'https://127.0.0.1:1', folder } },
    };
    for (const handle of [
      { platform: 'none', identity: 'none:t', addresses },
      { platform: 'kubernetes', identity: 'kubernetes:127.0.0.1:1', kubernetes },
    ] as const) {
      const { kafka, kafkaByService = {} } = await openPlatform(handle);
      expect(kafka, handle.platform).toBeUndefined();
      expect(Object.entries(kafkaByService).map(([name, acts]) => [name, acts.brokers()])).toEqual([
        ['bus', [1]],
        ['log', [7]],
      ]);
    }
    rmSync(folder, { recursive: true });
  });
});
