/**
 * The cost of the link proxy and the accuracy of its throttle: the real program in a separate process, with a
 * peer on loopback. Direct and proxied requests alternate, so that both run under the same conditions.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LinkEffect } from '../src/core/acts/link-acts.ts';
import { callControl } from '../src/system/control-socket.ts';
import {
  type Child,
  firstOutput,
  open,
  quantile,
  roundTrip,
  start,
  startLinkProxy,
  throughput,
} from './proxy-load.ts';
import type { PeerPorts } from './proxy-peer.ts';

const PAIRS = 4000;
const THROUGHPUT_MS = 1500;
const RATE_BITS = 1e6;
const RATE_MS = 3000;
const LATENCIES_MS = [5, 40, 100];
const LATENCY_ROUNDS = 40;

export interface ProxyBench {
  readonly rttUs: Readonly<Record<'direct' | 'proxied', { readonly p50: number; readonly p99: number }>>;
  /** 10^6 bytes per second. */
  readonly throughputMBs: { readonly direct: number; readonly proxied: number };
  /** Bits per second over all connections together, divided by the limit. */
  readonly sharedRate: readonly { readonly connections: number; readonly ratio: number }[];
  /** Median increase of a round trip. */
  readonly latency: readonly { readonly askedMs: number; readonly p50Ms: number; readonly p99Ms: number }[];
}

interface Bench {
  readonly peer: PeerPorts;
  readonly echoPort: number;
  readonly sinkPort: number;
  readonly control: string;
}

export async function benchProxy(): Promise<ProxyBench> {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-bench-'));
  const children: Child[] = [];
  try {
    const peerProcess = start(fileURLToPath(new URL('./proxy-peer.js', import.meta.url)));
    children.push(peerProcess);
    const peer = JSON.parse(await firstOutput(peerProcess)) as PeerPorts;
    const proxy = await startLinkProxy(folder, peer, children);
    const bench: Bench = { peer, echoPort: proxy.echo, sinkPort: proxy.sink, control: proxy.control };
    return {
      rttUs: await roundTrips(bench),
      throughputMBs: {
        direct: await throughput(peer.sink, 1, THROUGHPUT_MS),
        proxied: await throughput(proxy.sink, 1, THROUGHPUT_MS),
      },
      sharedRate: await sharedRates(bench),
      latency: await latencies(bench),
    };
  } finally {
    for (const child of children) child.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function roundTrips(bench: Bench): Promise<ProxyBench['rttUs']> {
  const [direct, proxied] = [await open(bench.peer.echo), await open(bench.echoPort)];
  const took: { direct: number[]; proxied: number[] } = { direct: [], proxied: [] };
  for (let pair = -500; pair < PAIRS; pair += 1) {
    const [one, two] = [await roundTrip(direct), await roundTrip(proxied)];
    if (pair < 0) continue;
    took.direct.push(one * 1000);
    took.proxied.push(two * 1000);
  }
  direct.destroy();
  proxied.destroy();
  const summary = (all: number[]): { p50: number; p99: number } => ({
    p50: quantile(all, 0.5),
    p99: quantile(all, 0.99),
  });
  return { direct: summary(took.direct), proxied: summary(took.proxied) };
}

async function sharedRates(bench: Bench): Promise<ProxyBench['sharedRate']> {
  const rates: { connections: number; ratio: number }[] = [];
  for (const connections of [1, 4, 16]) {
    await impair(bench, 'echo', { kind: 'throttle', bitsPerSecond: RATE_BITS });
    const sockets = await Promise.all(Array.from({ length: connections }, () => open(bench.echoPort)));
    let bytes = 0;
    let from = 0;
    for (const socket of sockets) {
      socket.on('data', (chunk) => {
        // The first chunk fills the line; counting starts after it.
        if (from === 0) from = performance.now();
        else bytes += chunk.length;
      });
      socket.write(Buffer.alloc(1 << 20));
    }
    await new Promise((resolve) => setTimeout(resolve, RATE_MS));
    rates.push({ connections, ratio: (bytes * 8000) / (performance.now() - from) / RATE_BITS });
    for (const socket of sockets) socket.destroy();
    await heal(bench);
  }
  return rates;
}

async function latencies(bench: Bench): Promise<ProxyBench['latency']> {
  const rows: { askedMs: number; p50Ms: number; p99Ms: number }[] = [];
  const socket = await open(bench.echoPort);
  for (const askedMs of LATENCIES_MS) {
    const before: number[] = [];
    for (let round = 0; round < 200; round += 1) before.push(await roundTrip(socket));
    await impair(bench, 'echo', { kind: 'throttle', latencyMs: askedMs });
    const during: number[] = [];
    for (let round = 0; round < LATENCY_ROUNDS; round += 1) during.push(await roundTrip(socket));
    await heal(bench);
    const base = quantile(before, 0.5);
    rows.push({ askedMs, p50Ms: quantile(during, 0.5) - base, p99Ms: quantile(during, 0.99) - base });
  }
  socket.destroy();
  return rows;
}

const impair = (bench: Bench, link: string, effect: LinkEffect): Promise<unknown> =>
  callControl(bench.control, 'PUT', '/impairments', {
    body: { id: 'bench', links: [link], effect, ttlMs: 60_000 },
  });
const heal = (bench: Bench): Promise<unknown> =>
  callControl(bench.control, 'DELETE', '/impairments?id=bench');

/** The figures as lines for a terminal. */
export function renderProxyBench(bench: ProxyBench): string {
  const { rttUs, throughputMBs } = bench;
  const row = (name: string, direct: number, proxied: number, unit: string): string =>
    `${name.padEnd(24)}${direct.toFixed(0).padStart(8)}${proxied.toFixed(0).padStart(10)}${(proxied / direct).toFixed(2).padStart(9)}  ${unit}`;
  return [
    `${'link proxy'.padEnd(24)}${'direct'.padStart(8)}${'proxied'.padStart(10)}${'ratio'.padStart(9)}`,
    row('round trip P50', rttUs.direct.p50, rttUs.proxied.p50, 'µs'),
    row('round trip P99', rttUs.direct.p99, rttUs.proxied.p99, 'µs'),
    row('throughput', throughputMBs.direct, throughputMBs.proxied, 'MB/s'),
    ...bench.sharedRate.map(
      ({ connections, ratio }) =>
        `1 Mbit/s, ${String(connections).padStart(2)} connections: ${(ratio * 100).toFixed(1)} % of the limit, all together`,
    ),
    ...bench.latency.map(
      ({ askedMs, p50Ms, p99Ms }) =>
        `latency ${askedMs} ms: round trip grew by P50 ${p50Ms.toFixed(2)} ms, P99 ${p99Ms.toFixed(2)} ms`,
    ),
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(renderProxyBench(await benchProxy()));
}
