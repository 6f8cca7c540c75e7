/**
 * `npm run bench -- toxiproxy`: compares our link proxy with toxiproxy's server, alternating in one run
 * against the same peer, so that both run under the same conditions. toxiproxy is built once with Go into the
 * cache; without Go the bench reports that and ends.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callControl } from '../src/system/control-socket.ts';
import { placesFrom } from '../src/system/places.ts';
import { findOnPath, runCommand } from '../src/system/toolchain/command.ts';
import {
  type Child,
  firstOutput,
  freePort,
  open,
  quantile,
  start,
  startLinkProxy,
  throughput,
} from './proxy-load.ts';
import type { PeerPorts } from './proxy-peer.ts';
import { blockOf, header, line, roundTrips } from './round-trips.ts';

const VERSION = '2.12.0';
const BUILD_TIMEOUT_MS = 10 * 60_000;
const FLOOD_MS = 1500;
const RATE_BITS = 1e6;
/** toxiproxy's unit, KB/s of 1000 bytes: it sleeps one ms per `rate` bytes. */
const RATE_KB = RATE_BITS / 8000;
const RATE_MS = 3000;
const LATENCY = { ms: 50, jitterMs: 10, connections: 16, rounds: 60 } as const;
const CONNECTIONS = [1, 4, 16];

/** One route to the peer; `undefined` effects: none. */
interface Way {
  readonly name: string;
  readonly echo: number;
  readonly sink: number;
  slow(): Promise<unknown>;
  limit(): Promise<unknown>;
  clear(): Promise<unknown>;
}

/** @returns the program. @throws when it cannot be built, with Go's message. */
async function toxiproxyServer(): Promise<string> {
  const folder = join(placesFrom(process.env).cache, `toxiproxy-${VERSION}`);
  const program = join(folder, 'server');
  if (existsSync(program)) return program;
  const go = findOnPath('go', process.env);
  if (go === undefined) throw new Error('toxiproxy: not built, because there is no go on PATH');
  console.error(`building toxiproxy ${VERSION} with Go: about 25 s, once`);
  const draft = `${folder}.draft-${process.pid}`;
  mkdirSync(draft, { recursive: true });
  const what = `github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}`;
  const env = { ...process.env, GOBIN: draft };
  const result = await runCommand(go, ['install', what], { env, timeoutMs: BUILD_TIMEOUT_MS });
  if (!result.ok) {
    rmSync(draft, { recursive: true, force: true });
    throw new Error(`toxiproxy: not built: ${result.why}`);
  }
  renameSync(draft, folder);
  return program;
}

export async function benchToxiproxy(): Promise<string> {
  const server = await toxiproxyServer();
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-bench-'));
  const children: Child[] = [];
  let other: ReturnType<typeof spawn> | undefined;
  try {
    const peerProcess = start(fileURLToPath(new URL('./proxy-peer.js', import.meta.url)));
    children.push(peerProcess);
    const peer = JSON.parse(await firstOutput(peerProcess)) as PeerPorts;
    const ours = await startOurs(folder, peer, children);
    const apiPort = await freePort();
    other = spawn(server, ['-host', '127.0.0.1', '-port', String(apiPort)], { stdio: 'ignore' });
    const theirs = await toxiproxyWay(`http://127.0.0.1:${apiPort}`, peer);
    const nothing = async (): Promise<void> => undefined;
    const direct = { name: 'direct', ...peer, slow: nothing, limit: nothing, clear: nothing };
    const bare = { name: 'bare pipe', echo: await startBarePipe(peer, children) };
    return [
      ...(await roundTrips([direct, ours, theirs, bare])),
      ...(await floods([direct, ours, theirs])),
      ...(await latencies([ours, theirs])),
      ...(await rates([ours, theirs])),
    ].join('\n');
  } finally {
    other?.kill('SIGKILL');
    for (const child of children) child.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startBarePipe(peer: PeerPorts, children: Child[]): Promise<number> {
  const pipe = start(fileURLToPath(new URL('./bare-pipe.js', import.meta.url)), String(peer.echo));
  children.push(pipe);
  return (JSON.parse(await firstOutput(pipe)) as { readonly port: number }).port;
}

async function startOurs(folder: string, peer: PeerPorts, children: Child[]): Promise<Way> {
  const { echo, sink, control } = await startLinkProxy(folder, peer, children);
  const throttle = (effect: object): Promise<unknown> =>
    callControl(control, 'PUT', '/impairments', {
      body: { id: 'bench', links: ['echo'], effect: { kind: 'throttle', ...effect }, ttlMs: 60_000 },
    });
  return {
    name: 'gauntlet',
    echo,
    sink,
    slow: () => throttle({ latencyMs: LATENCY.ms, jitterMs: LATENCY.jitterMs }),
    limit: () => throttle({ bitsPerSecond: RATE_BITS }),
    clear: () => callControl(control, 'DELETE', '/impairments?id=bench'),
  };
}

async function toxiproxyWay(api: string, peer: PeerPorts): Promise<Way> {
  const call = async (method: string, path: string, body?: unknown): Promise<void> => {
    const answer = await fetch(`${api}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`toxiproxy: ${method} ${path}: ${answer.status} ${await answer.text()}`);
  };
  const until = performance.now() + 5000;
  while (
    !(await call('GET', '/version').then(
      () => true,
      () => false,
    ))
  ) {
    if (performance.now() > until) throw new Error('toxiproxy: no answer in 5 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [echo, sink] = [await freePort(), await freePort()];
  for (const [name, port, to] of [['echo', echo, peer.echo] as const, ['sink', sink, peer.sink] as const]) {
    const listen = `127.0.0.1:${port}`;
    await call('POST', '/proxies', { name, listen, upstream: `127.0.0.1:${to}`, enabled: true });
  }
  const toxic = (type: string, attributes: object): Promise<void> =>
    call('POST', '/proxies/echo/toxics', { name: 'bench', type, stream: 'upstream', attributes });
  return {
    name: 'toxiproxy',
    echo,
    sink,
    slow: () => toxic('latency', { latency: LATENCY.ms, jitter: LATENCY.jitterMs }),
    limit: () => toxic('bandwidth', { rate: RATE_KB }),
    clear: () => call('DELETE', '/proxies/echo/toxics/bench'),
  };
}

async function floods(ways: readonly Way[]): Promise<readonly string[]> {
  const rows: string[] = [];
  for (const connections of [1, 16]) {
    const values: string[] = [];
    for (const way of ways) values.push((await throughput(way.sink, connections, FLOOD_MS)).toFixed(0));
    rows.push(line(`throughput, ${connections} connection${connections > 1 ? 's' : ''}, MB/s`, values));
  }
  return rows;
}

/**
 * Several connections at once: with a jitter of ± 10 ms the median is known to ± 0.3 ms only after 1,000
 * draws.
 */
async function latencies(ways: readonly Way[]): Promise<readonly string[]> {
  const grown: number[][] = [];
  for (const way of ways) {
    const sockets = await Promise.all(Array.from({ length: LATENCY.connections }, () => open(way.echo)));
    const base = quantile(await blockOf(sockets, LATENCY.rounds), 0.5);
    await way.slow();
    grown.push((await blockOf(sockets, LATENCY.rounds)).map((one) => (one - base) / 1000));
    await way.clear();
    for (const socket of sockets) socket.destroy();
  }
  const title = `latency ${LATENCY.ms} ± ${LATENCY.jitterMs} ms:`;
  return [
    header(ways),
    ...[0.01, 0.5, 0.99].map((share) =>
      line(
        `${title} P${share * 100}, ms`,
        grown.map((times) => quantile(times, share).toFixed(2)),
      ),
    ),
  ];
}

/** Echoed bytes of all connections, as a share of the limit. */
async function rates(ways: readonly Way[]): Promise<readonly string[]> {
  const rows: string[] = [];
  for (const connections of CONNECTIONS) {
    const values: string[] = [];
    for (const way of ways) {
      await way.limit();
      const sockets = await Promise.all(Array.from({ length: connections }, () => open(way.echo)));
      let [bytes, from] = [0, 0];
      for (const socket of sockets) {
        socket.on('data', (chunk) => {
          // The first chunk fills the line; counting starts after it.
          if (from === 0) from = performance.now();
          else bytes += chunk.length;
        });
        socket.write(Buffer.alloc(1 << 20));
      }
      await new Promise((resolve) => setTimeout(resolve, RATE_MS));
      values.push(`${((bytes * 800_000) / (performance.now() - from) / RATE_BITS).toFixed(1)} %`);
      for (const socket of sockets) socket.destroy();
      await way.clear();
    }
    rows.push(line(`1 Mbit/s over ${connections}, of the limit`, values));
  }
  return rows;
}
