/**
 * The harness's side of the lease: starts the keeper in its own session, reports every second that the
 * harness is alive, and tells the run at once when the keeper has ended.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { GauntletError } from '../../core/errors.ts';
import { type Ms, ms } from '../../core/units.ts';
import { programPath } from '../../system/project.ts';
import { BYE, RENEW } from './keeper.ts';

export interface Lease {
  readonly ttlMs: Ms;
  /** The process that undoes when the harness cannot: `keeper pid 123`. */
  readonly holder: string;
  /** Aborted, with the reason as a text, when no keeper holds the lease any more. */
  readonly lost: AbortSignal;
  /** Sends `bye` and waits until the keeper has ended. */
  release(): Promise<void>;
}

/** The keeper program's argv[2], as JSON. */
export interface KeeperConfig {
  readonly journal: string;
  readonly ttlMs: number;
  readonly removalTimeoutMs: number;
  /** Not a keeper but its successor, which waits for the death of the harness; see `outlive`. */
  readonly outlives?: true;
}

export interface LeaseRequest {
  readonly journal: string;
  /** Default 3 s. */
  readonly ttlMs?: Ms;
  /** Default a third of the ttl, at most 1 s. */
  readonly heartbeatMs?: Ms;
  readonly removalTimeoutMs?: Ms;
  /** The compiled program; default `run/keeper/main`. */
  readonly program?: string;
  /** The keeper's own log; default `<journal>.keeper.log`. */
  readonly log?: string;
}

const TTL_MS = ms(3000);
const REMOVAL_TIMEOUT_MS = ms(60_000);
const START_TIMEOUT_MS = 15_000;
const BYE_TIMEOUT_MS = 2000;

/** @throws unavailable when the keeper does not start: without a keeper no fault is allowed. */
export async function startLease(request: LeaseRequest): Promise<Lease> {
  const ttlMs = request.ttlMs ?? TTL_MS;
  const config: KeeperConfig = {
    journal: request.journal,
    ttlMs,
    removalTimeoutMs: request.removalTimeoutMs ?? REMOVAL_TIMEOUT_MS,
  };
  const log = request.log ?? `${request.journal}.keeper.log`;
  const logFd = openSync(log, 'a');
  const child = spawn(
    process.execPath,
    [request.program ?? programPath('src/run/keeper/main'), JSON.stringify(config)],
    // Its own session: Ctrl-C and a closed terminal affect the harness, never the keeper.
    { detached: true, stdio: ['pipe', 'pipe', logFd] },
  ) as KeeperProcess;
  closeSync(logFd);
  child.unref();
  const lost = new AbortController();
  let released = false;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : signal;
      if (!released) lost.abort(`the lease keeper (pid ${child.pid}) ended: ${how}`);
      resolve();
    });
    child.once('error', (error) => {
      lost.abort(`the lease keeper cannot be started: ${error.message}`);
      resolve();
    });
  });
  // A write to a dead keeper fails before its exit is reported. The exit contains more information, so ignore
  // the error alone.
  child.stdin.on('error', () => undefined);
  await ready(child, ended, log);
  const heartbeat = setInterval(() => child.stdin.write(`${RENEW}\n`), beat(request, ttlMs));
  heartbeat.unref();
  lost.signal.addEventListener('abort', () => clearInterval(heartbeat));
  return {
    ttlMs,
    holder: `keeper pid ${child.pid}`,
    lost: lost.signal,
    async release() {
      released = true;
      clearInterval(heartbeat);
      // While this is awaited, the process must not run out of work and exit.
      child.ref();
      child.stdin.end(`${BYE}\n`);
      await within(ended, BYE_TIMEOUT_MS);
    },
  };
}

const beat = (request: LeaseRequest, ttlMs: Ms): number =>
  request.heartbeatMs ?? Math.min(1000, Math.floor(ttlMs / 3));

type KeeperProcess = ChildProcessByStdio<Writable, Readable, null>;

async function ready(child: KeeperProcess, ended: Promise<void>, log: string): Promise<void> {
  const said = new Promise<true>((resolve) => child.stdout.once('data', () => resolve(true)));
  const isReady = await within(Promise.race([said, ended]), START_TIMEOUT_MS);
  child.stdout.destroy();
  if (isReady === true) return;
  child.kill('SIGKILL');
  throw new GauntletError('unavailable', [
    { subject: 'lease keeper', expected: 'a running keeper', got: 'none', next: `See ${log}.` },
  ]);
}

/** The promise's value, or undefined after the time. */
async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  const late = new AbortController();
  const timeout = sleepFor(timeoutMs, undefined, { signal: late.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    late.abort();
  }
}
