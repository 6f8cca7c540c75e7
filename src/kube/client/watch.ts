/**
 * One collection, watched for as long as needed: list, then watch, and again from the last version after a
 * disconnect, a 410 or a server restart. A period without observation is reported as a gap.
 */
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { type EpochMs, ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { ApiError, apiStatus } from './api-error.ts';
import type { KubeApi } from './client.ts';
import { type Listed, listAll } from './list.ts';

/** A period whose events may have been observed only at its end. */
export interface Gap {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly why: string;
}

export type Change = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface WatchSink<Json> {
  /** The whole collection: at the start, and after an event that interrupted the watch. */
  reset(list: Listed<Json>, at: EpochMs, isFirst: boolean): void;
  change(kind: Change, item: Json, at: EpochMs): void;
  gap(gap: Gap): void;
}

export interface WatchTarget {
  readonly path: string;
  readonly what: string;
  readonly selector?: string;
}

interface Versioned {
  readonly metadata?: { readonly resourceVersion?: string };
}

interface WatchLine<Json> {
  readonly type?: Change | 'BOOKMARK' | 'ERROR';
  readonly object?: Json & Versioned;
}

/**
 * The server ends the watch after this time; the next one continues from there. Limits the life of a silently
 * dead connection.
 */
const WATCH_SECONDS = 240;
const QUERY = { watch: true, allowWatchBookmarks: true, timeoutSeconds: WATCH_SECONDS };
const CHANGES: ReadonlySet<string> = new Set<Change>(['ADDED', 'MODIFIED', 'DELETED']);
const BACK_OFF_MS = [50, 100, 200, 500, 1000] as const;

export class Watch<Json extends Versioned> {
  readonly #client: KubeApi;
  readonly #target: WatchTarget;
  readonly #sink: WatchSink<Json>;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #stream = new AbortController();
  /** Where to continue; null = by reading the list again. */
  #version: string | null = null;
  /** Up to here nothing was missed; null before the first list. */
  #lastContact: EpochMs | null = null;
  /** Why the last connection ended, unless by the server's own time-out. */
  #broken: string | null = null;

  constructor(client: KubeApi, target: WatchTarget, sink: WatchSink<Json>, clock: Clock = monotonicClock) {
    this.#client = client;
    this.#target = target;
    this.#sink = sink;
    this.#clock = clock;
  }

  /**
   * Resolves when the collection is known and followed; continues until `stop`.
   * @throws the first list's error: a watch that never started is an error, an interrupted one is a gap.
   */
  async start(): Promise<void> {
    await this.#list();
    void this.#follow();
  }

  stop(): void {
    this.#ended.abort();
    this.#stream.abort();
  }

  /**
   * The caller has proof that this watch misses events: connect again at once instead of waiting for a
   * time-out.
   */
  interrupt(why: string): void {
    this.#broken = why;
    this.#stream.abort();
  }

  /** The caller has proof that nothing was missed until now. */
  proven(at: EpochMs): void {
    if (this.#lastContact === null || at > this.#lastContact) this.#lastContact = at;
  }

  async #list(): Promise<void> {
    const since = this.#lastContact;
    const listed: Listed<Json> = await listAll<Json, Json>(this.#client, this.#target, (json) => json);
    const at = this.#clock.now();
    this.#sink.reset(listed, at, since === null);
    if (since !== null) this.#endGap(since, at);
    this.#lastContact = at;
    this.#version = listed.resourceVersion;
  }

  #endGap(from: EpochMs, to: EpochMs): void {
    if (this.#broken === null) return;
    this.#sink.gap({ from, to, why: this.#broken });
    this.#broken = null;
  }

  async #follow(): Promise<void> {
    for (let failures = 0; !this.#ended.signal.aborted; failures += 1) {
      try {
        if (this.#version === null) await this.#list();
        await this.#watchFrom(this.#version ?? '', () => {
          failures = 0;
        });
        // An end that the server announced (chunked encoding) proves that nothing before it was lost.
        if (!this.#stream.signal.aborted) this.proven(this.#clock.now());
      } catch (error) {
        this.#broken ??= messageOf(error);
        // 410: the server no longer has the events after our version. 504: it cannot serve that version in
        // time.
        if (error instanceof ApiError && (error.status === 410 || error.status === 504)) this.#version = null;
        const backOff = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)] ?? 1000;
        await this.#clock.sleep(ms(backOff), this.#ended.signal).catch(() => undefined);
      }
    }
  }

  /** One connection, until it ends. */
  async #watchFrom(resourceVersion: string, connected: () => void): Promise<void> {
    this.#stream = new AbortController();
    if (this.#ended.signal.aborted) return;
    const { path, what, selector } = this.#target;
    const query = { ...QUERY, labelSelector: selector, resourceVersion };
    const request = { method: 'GET' as const, path, what: `watch (${what})`, query };
    const onOpen = (): void => {
      connected();
      if (this.#lastContact !== null) this.#endGap(this.#lastContact, this.#clock.now());
    };
    const onLine = (line: string): void => {
      const at = this.#clock.now();
      const { type, object } = (JSON.parse(line) ?? {}) as WatchLine<Json>;
      if (type === 'ERROR') throw watchError(this.#client.server, request.what, object);
      const version = object?.metadata?.resourceVersion;
      if (type === undefined || object === undefined || typeof version !== 'string') return;
      if (CHANGES.has(type)) this.#sink.change(type as Change, object, at);
      this.#version = version;
      this.#lastContact = at;
    };
    await this.#client.lines(request, this.#stream.signal, onLine, onOpen);
  }
}

function watchError(server: string, what: string, object: unknown): ApiError {
  const status = apiStatus(object);
  return new ApiError(server, what, status.code ?? 500, status);
}

/**
 * The order of resource versions. They are etcd revisions: whole decimal numbers that only grow, and since
 * Kubernetes 1.35 (KEP-5504) clients may compare them. For any other format, no version is treated as older
 * or newer.
 */
export function isAtLeast(seen: string, wanted: string): boolean {
  if (!/^\d+$/.test(seen) || !/^\d+$/.test(wanted)) return seen === wanted;
  return BigInt(seen) >= BigInt(wanted);
}
