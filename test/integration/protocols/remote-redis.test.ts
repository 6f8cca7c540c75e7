/** Commands to a Redis in the cluster: which server may get them, and which are refused. */
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ActName } from '../../../src/core/acts/act-names.ts';
import { kubeGuard } from '../../../src/kube/guard/guard.ts';
import { sayNeeds } from '../../../src/kube/guard/permissions.ts';
import { RemoteRedisController } from '../../../src/protocols/redis/remote-controller.ts';
import { ScriptedApi } from '../../unit/kube/scripted-api.ts';

const WHERE = { namespace: 'cache', selector: 'app=redis' };
const ACTS: readonly ActName[] = ['redis.identity', 'redis.pause'];

function rig(address: string | null, { optIn = true, services = { redis: WHERE } as object } = {}) {
  const api = new ScriptedApi();
  api.answers.set('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', () => ({
    status: { allowed: true },
  }));
  const labels = optIn ? { 'gauntlet.dev/faults': 'enabled' } : {};
  api.answers.set('/api/v1/namespaces/cache', () => ({ metadata: { labels } }));
  api.answers.set('/api/v1/namespaces/cache/pods', () => ({
    metadata: { resourceVersion: '10' },
    items: [
      {
        metadata: { uid: 'r1', name: 'redis-1', namespace: 'cache', resourceVersion: '5' },
        status: { phase: 'Running', podIPs: [{ ip: '10.244.1.7' }, { ip: 'fd00::7' }] },
      },
    ],
  }));
  return kubeGuard(api, services as never, { redisAddresses: { redis: async () => [address] } });
}

const texts = async (guard: ReturnType<typeof rig>, acts = ACTS): Promise<readonly string[]> =>
  (await guard.refusals([], acts)).map(({ subject, expected, got }) => `${subject}: ${expected}, got ${got}`);

describe('commands to a Redis in the cluster', () => {
  it.each(['10.244.1.7:6379', '[fd00::7]:6379'])(
    'are given to a server at %s, which is a pod of it',
    async (at) => {
      expect(await texts(rig(at))).toEqual([]);
    },
  );

  it('are not given to a server that is none of its pods, wherever the address leads', async () => {
    expect(await texts(rig('10.9.9.9:6379'))).toEqual([
      'redis.url of the target: a server in one of the pods "app=redis" in cache (redis-1 at 10.244.1.7, fd00::7), got a server at 10.9.9.9:6379',
    ]);
  });

  it('need a server that says where it is, and pods that are named', async () => {
    expect(await texts(rig(null))).toEqual([
      'redis: a server that reports its own address (CLIENT INFO, Redis 6.2 and later), got one that does not',
    ]);
    expect(await texts(rig('10.244.1.7:6379', { services: {} }))).toEqual([
      'redis: the pods that it is, got no such service',
    ]);
  });

  it('need the opt-in of the pod that would obey them', async () => {
    expect(await texts(rig('10.244.1.7:6379', { optIn: false }))).toEqual([
      "pod redis-1 in cache: label gauntlet.dev/faults=enabled on its namespace or on its workload's pod template, got no such label",
    ]);
  });

  it('are no concern of a fault that gives none', async () => {
    expect(await texts(rig(null), ['instances.list'])).toEqual([]);
  });

  it('need the right to list pods, and a connection that stays open is not offered', () => {
    expect(sayNeeds(ACTS)).toBe('get namespaces, list pods');
    expect(sayNeeds(['redis.setConfig', 'redis.keptConnection'])).toBe(
      'not offered there (redis.keptConnection)',
    );
  });
});

describe('a hand on a Redis in the cluster', () => {
  const servers: Server[] = [];
  const hands: RemoteRedisController[] = [];
  afterEach(() => {
    for (const one of hands.splice(0)) one.stop();
    for (const one of servers.splice(0)) one.close();
  });

  async function hand(answer: string) {
    const asked: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        asked.push(
          ...bytes
            .toString()
            .split('\r\n')
            .filter((word) => /^[A-Za-z]/.test(word)),
        );
        socket.write(answer);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { readonly port: number };
    const redis = RemoteRedisController.at({ host: '127.0.0.1', port });
    hands.push(redis);
    return { redis, asked };
  }

  it('asks the server for its own end of this very connection', async () => {
    const text = 'id=3 addr=10.244.0.1:40112 laddr=10.244.1.7:6379 name=';
    const { redis, asked } = await hand(`$${text.length}\r\n${text}\r\n`);
    expect(await redis.serverAddress()).toBe('10.244.1.7:6379');
    expect(asked).toEqual(['CLIENT', 'INFO']);
  });

  it('takes a server that does not know the question for one that does not say', async () => {
    const { redis } = await hand("-ERR unknown subcommand 'INFO'\r\n");
    expect(await redis.serverAddress()).toBeNull();
  });

  it('never touches maxclients, because its undo could not connect', async () => {
    const { redis, asked } = await hand('+OK\r\n');
    const refusal =
      'maxclients of a Redis outside of the sandbox: expected a platform with a connection to Redis that outlives the harness, got none: at its client limit Redis would also turn away the undo. Run it on the sandbox, or use redis-kill-connections or cut-link.';
    await expect(redis.config('maxclients')).rejects.toThrow(refusal);
    const change = { identity: 'x', key: 'maxclients', from: '10000', to: '1' } as const;
    await expect(redis.setConfig(change)).rejects.toThrow(refusal);
    expect(asked).toEqual([]);
  });
});
