/**
 * Controls a Redis server over one connection that bypasses all links. It is opened once and kept: at its
 * client limit a server would also reject the connection that raises the limit again. What it holds ends by
 * itself without a renewal.
 */

import type {
  RedisActs,
  RedisChange,
  RedisFigures,
  RedisPause,
  RedisReadable,
} from '../../core/acts/redis-acts.ts';
import type { Clock } from '../../core/clock.ts';
import { GauntletError } from '../../core/errors.ts';
import type { RedisEndpoint } from '../../core/topology.ts';
import { type Ms, ms } from '../../core/units.ts';
import { HeldPause, LONGEST_SLICE_MS } from './held-pause.ts';
import { RedisLine } from './line.ts';
import { rightsError } from './log-in.ts';
import { RedisReplyError, type RespValue } from './resp-reader.ts';

/** Redis answers these within a few ms; longer means that it is paused, stopped or gone. */
const DEADLINE_MS = 1000;

/** Of the server itself, not of a link. */
export interface RedisControllerOptions extends RedisEndpoint {
  readonly clock: Clock;
  /** Ends every pause and closes the connection. */
  readonly stopped: AbortSignal;
}

export class RedisController implements RedisActs {
  readonly keptConnection: boolean = true;
  readonly #options: RedisControllerOptions;
  readonly #pauses = new Map<string, HeldPause>();
  #line: Promise<RedisLine> | undefined;

  constructor(options: RedisControllerOptions) {
    this.#options = options;
    options.stopped.addEventListener('abort', () => this.#close(), { once: true });
  }

  async identity(): Promise<string> {
    return await identityOf(await this.#opened());
  }

  async config(key: RedisReadable): Promise<string> {
    return await configOf(await this.#opened(), key);
  }

  /** All three requests use one connection: it ends with the server that it was opened to. */
  async setConfig(change: RedisChange): Promise<'set' | 'restarted' | 'changed'> {
    const line = await this.#opened();
    if ((await identityOf(line)) !== change.identity) return 'restarted';
    if ((await configOf(line, change.key)) !== change.from) return 'changed';
    await asked(line, ['CONFIG', 'SET', change.key, change.to]);
    return 'set';
  }

  async pauses(): Promise<readonly string[]> {
    return [...this.#pauses.keys()];
  }

  /** On a separate connection: while all commands are paused, nothing else passes on it. */
  async pause(pause: RedisPause): Promise<void> {
    await this.endPause(pause.id);
    const line = await RedisLine.open(this.#options, DEADLINE_MS);
    const held = new HeldPause(line, pause, this.#options.clock);
    this.#pauses.set(pause.id, held);
    void held.ended.then(() => {
      if (this.#pauses.get(pause.id) === held) this.#pauses.delete(pause.id);
    });
    await held.begun.catch((error: unknown) => Promise.reject(rightsError(error, ['CLIENT', 'PAUSE'])));
  }

  async renewPause(id: string, ttl: Ms): Promise<boolean> {
    return this.#pauses.get(id)?.renew(ttl) ?? false;
  }

  async endPause(id: string): Promise<void> {
    const held = this.#pauses.get(id);
    this.#pauses.delete(id);
    held?.end();
    // The answer of a pause of all commands shows that it has ended; a pause of writes does not delay our
    // requests, so wait for it.
    if (held?.mode === 'write') await this.#options.clock.sleep(ms(LONGEST_SLICE_MS));
  }

  async killNormalConnections(): Promise<number> {
    const line = await this.#opened();
    return Number(await asked(line, ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']));
  }

  /**
   * The server's address of our connection, such as `10.244.1.7:6379`; null before Redis 6.2, which does not
   * report it.
   */
  async serverAddress(): Promise<string | null> {
    const line = await this.#opened();
    try {
      const answer = await line.call(['CLIENT', 'INFO'], DEADLINE_MS);
      return typeof answer === 'string' ? (/ laddr=(\S+)/.exec(answer)?.[1] ?? null) : null;
    } catch (error) {
      if (error instanceof RedisReplyError) return null;
      throw error;
    }
  }

  async figures(): Promise<RedisFigures> {
    const info = readInfo(await asked(await this.#opened(), ['INFO']));
    const figure = (name: string): number => Number(info.get(name) ?? Number.NaN);
    return {
      connectedClients: figure('connected_clients'),
      usedMemoryBytes: figure('used_memory'),
      evictedKeys: figure('evicted_keys'),
    };
  }

  async isMaster(): Promise<boolean> {
    const info = readInfo(await asked(await this.#opened(), ['INFO', 'replication']));
    return info.get('role') === 'master';
  }

  async #opened(): Promise<RedisLine> {
    const present = await this.#line?.catch(() => undefined);
    if (present && !present.closed) return present;
    if (this.#options.stopped.aborted) throw unexpected('a hand on it that was taken away');
    const opening = RedisLine.open(this.#options, DEADLINE_MS);
    this.#line = opening;
    return await opening;
  }

  #close(): void {
    for (const pause of this.#pauses.values()) pause.end();
    this.#pauses.clear();
    void this.#line?.then(
      (line) => line.close(),
      () => undefined,
    );
  }
}

/** A command that the login may not give is refused with the fix: it is no failure of Redis. */
async function asked(line: RedisLine, command: readonly string[]): Promise<RespValue> {
  try {
    return await line.call(command, DEADLINE_MS);
  } catch (error) {
    throw rightsError(error, command);
  }
}

async function identityOf(line: RedisLine): Promise<string> {
  const id = readInfo(await asked(line, ['INFO', 'server'])).get('run_id');
  if (id === undefined) throw unexpected('INFO server without run_id');
  return id;
}

async function configOf(line: RedisLine, key: RedisReadable): Promise<string> {
  const answer = await asked(line, ['CONFIG', 'GET', key]);
  const value = Array.isArray(answer) ? (answer[1] as RespValue | undefined) : undefined;
  if (typeof value === 'string') return value;
  throw unexpected(`no value of ${key} (CONFIG GET)`);
}

const unexpected = (got: string): GauntletError =>
  new GauntletError('unavailable', [{ subject: 'redis', expected: 'an answer', got }]);

function readInfo(answer: RespValue): ReadonlyMap<string, string> {
  const lines = typeof answer === 'string' ? answer.split('\r\n') : [];
  return new Map(
    lines.flatMap((line) => {
      const at = line.indexOf(':');
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}
