/**
 * One connection pool to one API server. Credentials come from @kubernetes/client-node (credentials.ts). The
 * requests are our own: its typed calls have no deadline, hide the `Date` header that the clock comparison
 * needs, and load 78 MB of generated code, while a list of 5,000 pods must fit into 150 MB.
 */

import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { GauntletError, messageOf, show } from '../../core/errors.ts';
import { type EpochMs, type Ms, ms } from '../../core/units.ts';
import { readBody } from '../../system/bounded-body.ts';
import { LineReader } from '../../system/bounded-lines.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { ApiError, type ApiStatus, ApiUnreachable, apiStatus } from './api-error.ts';
import { credentials, proxyAgent } from './credentials.ts';
import { forgetExecCredential } from './exec-plugin.ts';
import type { ClusterAccess } from './kubeconfig.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** For people: `list pods in shop`. */
  readonly what: string;
  readonly query?: Query;
  readonly body?: unknown;
  /** Default: JSON; for a PATCH a merge patch. */
  readonly contentType?: string;
  readonly deadlineMs?: Ms;
}

export interface ApiAnswer<T> {
  readonly body: T;
  readonly sentAt: EpochMs;
  readonly answeredAt: EpochMs;
  /** The server's own clock, truncated to the second; null when it sent none. */
  readonly date: EpochMs | null;
}

/**
 * Longer than the slowest measured list (5,000 pods on two busy cores: 0.7 s), far shorter than a user waits.
 */
const DEADLINE_MS = ms(10_000);
/** On a reused connection, which may be dead: the next attempt uses a fresh one. */
const POOLED_MS = ms(4000);

/** For one answer: a page of 500 pods is about 5 MB. */
const MOST_BYTES = 64 * 1024 * 1024;
/** For one event of a watch: etcd accepts objects up to 1.5 MB. */
const LONGEST_LINE = 8 * 1024 * 1024;

const newAgent = (): Agent => new Agent({ keepAlive: true, maxSockets: 16 });

/** The client interface that the rest of this layer needs. */
export interface KubeApi {
  readonly server: string;
  /** @throws ApiError for an answer that is not 2xx, ApiUnreachable for none. */
  ask<T>(given: ApiRequest): Promise<ApiAnswer<T>>;
  /**
   * The lines of a streaming answer (a watch) until the server or the signal ends it.
   * @param onOpen called once the server has accepted. @throws ApiError, ApiUnreachable as `ask`; an end in
   * the middle is an ApiUnreachable too.
   */
  lines(
    given: ApiRequest,
    signal: AbortSignal,
    onLine: (line: string) => void,
    onOpen: () => void,
  ): Promise<void>;
}

export class KubeClient implements KubeApi {
  readonly server: string;
  readonly #access: ClusterAccess;
  #agent = newAgent();

  constructor(access: ClusterAccess) {
    this.server = access.server;
    this.#access = access;
  }

  async ask<T>(given: ApiRequest): Promise<ApiAnswer<T>> {
    // An act is sent once, and not on a connection that the server may have closed meanwhile.
    if (given.method !== 'GET') return await this.#askOnce(given, false);
    try {
      return await this.#askOnce({ ...given, deadlineMs: given.deadlineMs ?? POOLED_MS }, this.#agent);
    } catch (error) {
      // A pooled connection may be dead without notice (a restarted server, a lost NAT entry): a read may be
      // repeated.
      if (!(error instanceof ApiUnreachable)) throw error;
      // When one pooled connection is dead, the others are too.
      this.#agent.destroy();
      this.#agent = newAgent();
      return await this.#askOnce(given, false);
    }
  }

  async #askOnce<T>(given: ApiRequest, agent: Agent | false): Promise<ApiAnswer<T>> {
    const sent = await this.#send(given, agent);
    const text = await this.#read(given, sent.answer, sent.timer);
    const answeredAt = monotonicClock.now();
    const status = sent.answer.statusCode ?? 0;
    if (status === 401) forgetExecCredential(this.#access);
    if (status < 200 || status > 299) throw new ApiError(this.server, given.what, status, statusIn(text));
    const date = Date.parse(sent.answer.headers.date ?? '');
    const body = this.#jsonOf<T>(given, text);
    return { body, sentAt: sent.sentAt, answeredAt, date: Number.isNaN(date) ? null : (date as EpochMs) };
  }

  #jsonOf<T>(given: ApiRequest, text: string): T {
    try {
      return (text === '' ? null : JSON.parse(text)) as T;
    } catch (error) {
      throw new ApiUnreachable(
        this.server,
        given.what,
        `an answer that is not JSON: ${show(text)}`,
        true,
        error,
      );
    }
  }

  async lines(
    given: ApiRequest,
    signal: AbortSignal,
    onLine: (line: string) => void,
    onOpen: () => void,
  ): Promise<void> {
    const sent = await this.#send(given, false, signal);
    const status = sent.answer.statusCode ?? 0;
    if (status !== 200) {
      const text = await this.#read(given, sent.answer, sent.timer);
      throw new ApiError(this.server, given.what, status, statusIn(text));
    }
    clearTimeout(sent.timer);
    onOpen();
    const reader = new LineReader(LONGEST_LINE);
    try {
      for await (const chunk of sent.answer) {
        for (const line of reader.push(chunk as Buffer)) if (line !== '') onLine(line);
      }
    } catch (error) {
      if (signal.aborted) return;
      // An exception of `onLine` is the caller's own and is rethrown.
      if (error instanceof ApiError) throw error;
      throw new ApiUnreachable(this.server, given.what, messageOf(error), true, error);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(given: ApiRequest, agent: Agent | false, signal?: AbortSignal): Promise<Sent> {
    const { method, path, what, query, body, contentType, deadlineMs = DEADLINE_MS } = given;
    let options: RequestOptions;
    try {
      options = await credentials(this.#access);
      options.agent = (await proxyAgent(this.#access)) ?? agent;
    } catch (error) {
      if (error instanceof GauntletError) throw error;
      throw new ApiUnreachable(this.server, what, `no credentials: ${messageOf(error)}`, false, error);
    }
    const text = body === undefined ? undefined : JSON.stringify(body);
    options.headers = {
      ...(options.headers as object),
      accept: 'application/json',
      'user-agent': 'gauntlet',
    };
    if (text !== undefined) {
      const type = contentType ?? (method === 'PATCH' ? 'application/merge-patch+json' : 'application/json');
      Object.assign(options.headers, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
    }
    const url = new URL(`${this.server}${path}`);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return await new Promise((resolve, reject) => {
      const sentAt = monotonicClock.now();
      let wasSent = false;
      let isAnswered = false;
      const sent = httpsRequest(url, { ...options, method, ...(signal && { signal }) }, (answer) => {
        isAnswered = true;
        resolve({ answer, sentAt, timer });
      });
      const timer = setTimeout(
        () => sent.destroy(new Error(`none within ${deadlineMs / 1000} s`)),
        deadlineMs,
      );
      sent.on('finish', () => {
        wasSent = true;
      });
      const lost = (got: string, cause?: unknown): void => {
        clearTimeout(timer);
        reject(new ApiUnreachable(this.server, what, got, wasSent, cause));
      };
      sent.on('error', (error) => lost(messageOf(error), error));
      sent.on('close', () => {
        // Node reports no error when an answer switches to another protocol (101).
        if (!isAnswered) lost('the connection was closed');
      });
      sent.end(text);
    });
  }

  async #read(given: ApiRequest, answer: IncomingMessage, timer: NodeJS.Timeout): Promise<string> {
    try {
      return await readBody(answer, MOST_BYTES);
    } catch (error) {
      throw new ApiUnreachable(this.server, given.what, messageOf(error), true, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

interface Sent {
  readonly answer: IncomingMessage;
  readonly sentAt: EpochMs;
  readonly timer: NodeJS.Timeout;
}

function statusIn(text: string): ApiStatus {
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status === 'object' && status !== null) return apiStatus(status);
  } catch {
    // A proxy or a load balancer in between answers in its own format.
  }
  return { message: text.slice(0, 300) };
}
