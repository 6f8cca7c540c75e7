/** TLS to the real stores and through k6: own authority, client certificates required, and no key anywhere to be found. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { join } from 'node:path';
import { createServer as createTls, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseSystem } from '../../src/config/system/read-system.ts';
import type { TlsAccess } from '../../src/core/access.ts';
import { type Addresses, servicesAt, type Topology } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { RemoteRedisController } from '../../src/protocols/redis/remote-controller.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { openKafkaActs } from '../../src/targets/kafka-acts.ts';
import { createProbe } from '../../src/targets/probes/create-probe.ts';
import { endOffsets } from '../../src/targets/records/end-offsets.ts';
import { Leaders } from '../../src/targets/records/leaders.ts';
import { startSpecialist } from '../../systems/neural-hive-mind/stand-ins/src/specialist/specialist.ts';
import { type Authority, bodyOf, newAuthority, type Pair } from '../support/certificates.ts';
import { Bench } from './support/gauntlet.ts';
import { makeTestBed, type TestBed } from './support-sandbox/test-bed.ts';
import { freePorts } from './support-services/free-port.ts';
import { startKafka } from './support-services/kafka.ts';
import { startPostgres } from './support-services/postgres.ts';
import { startRedis } from './support-services/redis.ts';
import { until } from './support-services/spawned.ts';

let own: Authority;
let server: Pair;
let client: Pair;
let testBed: TestBed;
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  testBed = await makeTestBed();
  own = newAuthority();
  server = own.issue('server');
  client = own.issue('client');
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => {
  own?.remove();
  testBed?.remove();
});

const fileOf = (name: string) => ({ from: 'file', name }) as const;
const access = (): { readonly tls: TlsAccess } => ({
  tls: { ca: fileOf(own.caFile), cert: fileOf(client.certFile), key: fileOf(client.keyFile) },
});

const at = (service: string, addresses: Addresses[string]): Topology => {
  const text = `schema: gauntlet.system/1\nname: shop\nsummary: A shop\nservices:\n  one: { ${service} }`;
  const services = servicesAt(parseSystem('system.yaml', text), { one: addresses });
  return { platform: 'none', identity: 'none:t', services };
};

async function answers(name: string, topology: Topology): Promise<readonly string[]> {
  const probe = createProbe(name, topology, monotonicClock);
  closers.push(() => probe.close());
  const found: string[] = [];
  for (const connection of ['held', 'held', 'fresh'] as const)
    found.push((await probe.send(connection, ms(5000))).outcome);
  return found;
}

describe('a store behind TLS', () => {
  it('of Redis answers probes and commands', async () => {
    const [port = 0] = await freePorts(1);
    const files = [
      '--tls-cert-file',
      server.certFile,
      '--tls-key-file',
      server.keyFile,
      '--tls-ca-cert-file',
      own.caFile,
    ];
    const redis = await startRedis(testBed.tools, 0, ['--tls-port', String(port), ...files]);
    closers.push(() => redis.stop());
    const address = `rediss://127.0.0.1:${port}`;
    expect(await answers('one:write', at('redis: 1', { redis: [{ address, access: access() }] }))).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
    expect(
      await answers(
        'one',
        at('redis: 1', { redis: [{ address, access: { tls: { ca: fileOf(own.caFile) } } }] }),
      ),
    ).toEqual(Array(3).fill('TLS failed: it requires a client certificate'));
    const commands = RemoteRedisController.at({ host: '127.0.0.1', port, access: access() });
    closers.push(() => commands.stop());
    expect(await commands.config('maxmemory')).toBe('0');
  });

  it('of Kafka answers probes, and tells leaders and offsets', async () => {
    const [keys, authorities] = [join(own.folder, 'broker.pem'), join(own.folder, 'trust.pem')];
    writeFileSync(keys, server.key + server.cert);
    writeFileSync(authorities, own.ca);
    const settings = {
      ...{ 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': keys },
      ...{ 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': authorities },
      'ssl.client.auth': 'required',
    };
    const topics = [{ name: 'orders', partitions: 2 }];
    const kafka = await startKafka(testBed.tools, {
      nodes: 1,
      topics,
      further: { protocol: 'SSL', settings },
    });
    closers.push(() => kafka.stop());
    const [address = ''] = kafka.further;
    const topology = at('kafka: { topics: { orders: {} } }', {
      kafka: [{ id: 1, address, access: access() }],
    });
    expect(await answers('one-1', topology)).toEqual(['ok', 'ok', 'ok']);
    const brokers = [{ id: 1, client: address, access: access() }];
    expect(await openKafkaActs(brokers).leaderOf('orders')).toBe(1);
    const leaders = new Leaders(brokers, ['orders']);
    closers.push(() => leaders.close());
    const ends = await endOffsets(leaders, 10_000, new AbortController().signal);
    expect(ends.map((one) => one.offset)).toEqual([0, 0]);
  });

  it('of PostgreSQL answers one row, and its greeting without a login', async () => {
    const ssl = { cert: server.certFile, key: server.keyFile, ca: own.caFile };
    const { address, user, database, stop } = await startPostgres('shop', 'postgres', ssl);
    closers.push(() => stop());
    const login = { user, database };
    const ask = async (entered: object) =>
      (await answers('one', at('postgres: 1', { postgres: [{ address, access: entered }] }))).join();
    expect(await ask({ ...access(), login })).toBe('ok,ok,ok');
    expect(await ask(access())).toBe('ok,ok,ok');
    expect(await ask({ tls: {}, login })).toContain(
      'TLS failed: its certificate authority is not trusted here',
    );
    expect(await ask({ login })).toContain(`PostgreSQL refused the login of user ${user}`);
  });
});

const strict = (): TlsOptions => ({ ca: own.ca, cert: server.cert, key: server.key, requestCert: true });

async function listening(made: Server): Promise<number> {
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  closers.push(() => made.close());
  return (made.address() as AddressInfo).port;
}

/** In front of a server of HTTP/2 that speaks plain. */
async function ending(port: number): Promise<number> {
  const made = createTls({ ...strict(), ALPNProtocols: ['h2'] }, (near) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const one of [near, far])
      one.on('error', () => {
        near.destroy();
        far.destroy();
      });
  });
  return await listening(made);
}

async function gateway(): Promise<number> {
  const made = createServer(strict(), (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: 'processed', intent_id: 'i-1' }));
    });
  });
  closers.push(() => made.closeAllConnections());
  return await listening(made);
}

/** Arguments and environment of the processes that name the folder of the bench. */
function processesOf({ folder }: Bench): readonly { readonly name: string; readonly text: string }[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      const isK6 = /\/k6\0run/.test(line) && environment.includes(folder);
      if (!isK6 && !line.includes(folder)) return [];
      return [{ name: isK6 ? 'k6' : 'gauntlet', text: isK6 ? line + environment : line }];
    } catch {
      return [];
    }
  });
}

describe('load behind TLS', () => {
  it('passes with client certificates over HTTP and gRPC, and its keys are in no file and no process', async () => {
    const specialist = await startSpecialist({
      ...{ specialist: 'business', instance: 'business-1', host: '127.0.0.1', grpcPort: 0, httpPort: 0 },
      ...{ evaluationMs: 0, workers: 10, graceMs: 10 },
    });
    closers.push(() => specialist.stop());
    const plain = Number(specialist.listening['grpc']?.split(':')[1]);
    const bench = new Bench();
    const [campaign, target] = [join(bench.folder, 'campaign.yaml'), join(bench.folder, 'target.yaml')];
    writeFileSync(
      campaign,
      `name: behind-tls
load:
  - { scenario: gateway-intentions, rate: 20/s }
  - { scenario: specialists, rate: 20/s }
warmup: 2s
baseline: 8s
objectives:
  - gateway.intentions failed < 2% in baseline
  - specialist.business failed < 2% in baseline
`,
    );
    const pems = `ca: ${own.caFile}, cert: ${client.certFile}`;
    writeFileSync(
      target,
      `name: behind-tls
schema: gauntlet.target/1
platform: none
services:
  gateway: { address: "https://127.0.0.1:${await gateway()}", tls: { ${pems}, key: "env:GAUNTLET_TEST_KEY" } }
  specialist-business: { address: "127.0.0.1:${await ending(plain)}", tls: { ${pems}, key: ${client.keyFile}, serverName: localhost } }
`,
    );
    process.env['GAUNTLET_TEST_KEY'] = client.key;
    closers.push(() => delete process.env['GAUNTLET_TEST_KEY']);
    const out = join(bench.folder, 'run');
    const running = bench.start(['run', campaign, '--target', target, '--out', out, '--json']);
    // The second is started after the first one.
    const isBoth = (): boolean => processesOf(bench).filter((one) => one.name === 'k6').length === 2;
    const early = await Promise.race([until(isBoth, { timeoutMs: 60_000 }), running.finished]);
    expect(early, JSON.stringify(early)).toBeUndefined();
    const seen = processesOf(bench);
    const { stdout, stderr, code } = await running.finished;
    expect(code, stdout.slice(0, 3000) + stderr).toBe(0);
    expect((JSON.parse(stdout) as { verdict: { status: string } }).verdict.status).toBe('PASS');
    const files = readdirSync(bench.folder, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => ({ name: one.name, text: readFileSync(join(one.parentPath, one.name), 'latin1') }));
    const all = [...seen, ...files, { name: 'stdout', text: stdout }, { name: 'stderr', text: stderr }];
    const lines = bodyOf(client.key);
    expect(lines.length).toBeGreaterThan(1);
    expect(
      all.filter(({ text }) => lines.some((line) => text.includes(line))).map((one) => one.name),
    ).toEqual([]);
  });

  it('says before any load what is wrong with a certificate, and that insecure is not checked', async () => {
    const bench = new Bench();
    const [campaign, target] = [join(bench.folder, 'campaign.yaml'), join(bench.folder, 'target.yaml')];
    writeFileSync(
      campaign,
      'name: c\nload:\n  - { scenario: gateway-intentions, rate: 5/s }\nwarmup: 1s\nbaseline: 2s\n',
    );
    const port = await gateway();
    const write = (tls: string, scheme = 'https'): void =>
      writeFileSync(
        target,
        `name: t\nschema: gauntlet.target/1\nplatform: none\nservices:\n  gateway: { address: "${scheme}://127.0.0.1:${port}"${tls} }\n`,
      );
    write('');
    const strange = await bench.run('run', campaign, '--target', target);
    expect(strange.code, strange.stderr).toBe(69);
    expect(strange.stderr).toContain(
      'got TLS failed: its certificate authority is not trusted here. Set tls.ca to the certificate of that authority.',
    );
    write(`, tls: { cert: ${client.certFile}, key: ${client.keyFile}, insecure: true }`);
    const dry = await bench.run('run', campaign, '--target', target, '--dry-run');
    expect(dry.stdout).toContain(
      'WARNING: the certificate of gateway is not checked (tls.insecure): anything may answer in its place',
    );
    write('', 'http');
    const doctor = await bench.run('doctor', '--quiet', '--target', target);
    expect(doctor.stdout).toContain(`It speaks TLS: write address: "https://127.0.0.1:${port}".`);
    write(', tls: { ca: nowhere.pem, cert: other.pem, key: "env:GAUNTLET_NO_KEY" }');
    const missing = await bench.run('run', campaign, '--target', target);
    expect(missing.code).toBe(64);
    for (const one of [
      'nowhere.pem, got ENOENT',
      'other.pem, got ENOENT',
      'environment variable GAUNTLET_NO_KEY',
    ])
      expect(missing.stderr).toContain(one);
  });
});
