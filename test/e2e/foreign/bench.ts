/** One run of a foreign script through the built CLI, and what its server says about the same requests. */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Result } from '../../../src/core/result.ts';
import { Bench } from '../support/gauntlet.ts';

export interface Answered {
  readonly id: string;
  readonly path: string;
  readonly cookie: string;
  readonly status: number;
  /** Epoch ms with fractions, by the server's clock. */
  readonly from: number;
  readonly to: number;
}

export interface ForeignRun {
  readonly code: number | null;
  readonly result: Result;
  readonly output: string;
  readonly folder: string;
  readonly server: readonly Answered[];
  /**
   * What this machine, as busy as it was during the run, added to one request between the server's log and a client, at
   * P99, in ms.
   */
  readonly noiseMs: number;
}

const here = import.meta.dirname;
export const scriptPath = (name: string): string => resolve(here, 'scripts', name);

export class ForeignBench {
  readonly bench = new Bench();
  #server: ChildProcess | undefined;
  #ports = { http: 0, grpc: 0 };
  #runs = 0;

  async start(): Promise<void> {
    const server = fork(join(here, 'server.mjs'), { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    this.#server = server;
    const line = await new Promise<string>((found) => {
      server.stdout?.once('data', (chunk: Buffer) => found(chunk.toString()));
    });
    this.#ports = JSON.parse(line) as { http: number; grpc: number };
  }

  stop(): void {
    this.#server?.kill();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#ports.http}`;
  }

  /** What the server has answered since the last time. */
  async log(): Promise<readonly Answered[]> {
    return (await (await fetch(`${this.url}/log`)).json()) as Answered[];
  }

  /** @param item lines of YAML below `- script:`. @param rest lines of the campaign. @returns their paths. */
  campaign(script: string, item: readonly string[] = [], rest: readonly string[] = []) {
    this.#runs += 1;
    const [file, target] = ['yaml', 'target.yaml'].map((end) =>
      join(this.bench.folder, `${this.#runs}.${end}`),
    );
    if (file === undefined || target === undefined) throw new Error('two paths');
    const env = `    env: { BASE_URL: "\${gateway.address}", GREETER: "127.0.0.1:${this.#ports.grpc}", TOKEN: env:SHOP_TOKEN }`;
    const load = ['load:', `  - script: ${scriptPath(script)}`, env, ...item.map((one) => `    ${one}`)];
    writeFileSync(file, ['name: foreign', 'target: here', ...load, ...rest, ''].join('\n'));
    writeFileSync(target, `name: here\nplatform: none\ngateway: { url: "${this.url}" }\n`);
    return { file, target, folder: join(this.bench.folder, `run-${this.#runs}`) };
  }

  /** Asks the server all the time, as the script does. */
  #listen() {
    const pings = new Map<string, number>();
    let isOver = false;
    const pinging = (async () => {
      for (let number = 0; !isOver && number < 5000; number += 1) {
        const from = performance.now();
        const answer = await fetch(`${this.url}/ping?ms=20&id=ping-${number}`);
        await answer.arrayBuffer();
        pings.set(`ping-${number}`, performance.now() - from);
      }
      return pings;
    })();
    return {
      stop: (): Promise<ReadonlyMap<string, number>> => {
        isOver = true;
        return pinging;
      },
    };
  }

  async run(script: string, item: readonly string[] = [], rest: readonly string[] = []): Promise<ForeignRun> {
    await this.log();
    const { file, target, folder } = this.campaign(script, item, rest);
    const noise = this.#listen();
    const { code, stdout, stderr } = await this.bench.run('run', file, '--target', target, '--out', folder);
    const pings = await noise.stop();
    const all = await this.log();
    const server = all.filter(({ path }) => path !== '/ping');
    const noiseMs = noiseOf(pings, all);
    const written = (): Result => JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Result;
    try {
      return { code, result: written(), output: stdout + stderr, folder, server, noiseMs };
    } catch (error) {
      throw new Error(`${script} left no result: ${stdout}${stderr}`, { cause: error });
    }
  }
}

/** Client time of the pings by id, against the server's. */
function noiseOf(pings: ReadonlyMap<string, number>, server: readonly Answered[]): number {
  const added = server.flatMap(({ id, from, to }) => {
    const took = pings.get(id);
    return took === undefined ? [] : [took - (to - from)];
  });
  return quantile(
    added.sort((a, b) => a - b),
    0.99,
  );
}

/** By iteration: how long at least one of its requests was at the server, in ms, sorted. */
export function serverTimes(server: readonly Answered[]): number[] {
  const byId = new Map<string, Answered[]>();
  for (const one of server) byId.set(one.id, [...(byId.get(one.id) ?? []), one]);
  return [...byId.values()].map(union).sort((a, b) => a - b);
}

function union(requests: readonly Answered[]): number {
  let [total, until] = [0, Number.NEGATIVE_INFINITY];
  for (const { from, to } of [...requests].sort((a, b) => a.from - b.from)) {
    total += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return total;
}

/** Nearest rank, as our histograms. */
export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
