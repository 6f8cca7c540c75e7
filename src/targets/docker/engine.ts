/**
 * The HTTP API of a Docker engine over its unix socket. Without a version in the path an engine answers in its
 * newest one; the fields that are read here have been in every version since 1.24.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import type { z } from 'zod';
import { GauntletError, messageOf, show } from '../../core/errors.ts';
import { readBody } from '../../system/bounded-body.ts';
import { LineReader } from '../../system/bounded-lines.ts';
import { ForeignBytes } from '../../system/foreign-bytes.ts';

/** The list of some thousand containers. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Without load an engine answers within some ms; a pause or a network takes it some 100 ms. */
const TIMEOUT_MS = 10_000;

type Method = 'GET' | 'POST' | 'DELETE';

export interface EngineAnswer {
  readonly status: number;
  readonly body: unknown;
}

export class Engine {
  readonly socket: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(socket: string) {
    this.socket = socket;
  }

  /** Null: there is no such object. @throws unavailable without an answer, and for any other status. */
  async get<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.output<Shape> | null> {
    const { status, body } = await this.ask('GET', path);
    if (status === 404) return null;
    if (status !== 200) throw this.#failure('GET', path, sayAnswer(status, body));
    const parsed = shape.safeParse(body);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw this.#failure('GET', path, `an answer whose ${issue?.path.join('.')} is not as Docker writes it`);
  }

  /** @returns the status, one of these. @throws unavailable for any other, with what the engine says. */
  async act(
    method: Method,
    path: string,
    statuses: readonly number[],
    body?: unknown,
  ): Promise<EngineAnswer> {
    const answer = await this.ask(method, path, body);
    if (statuses.includes(answer.status)) return answer;
    throw this.#failure(method, path, sayAnswer(answer.status, answer.body));
  }

  /**
   * As `act`, for what takes long: on a connection of its own, so that others do not wait for it.
   * @param withinMs how long it may take.
   */
  async order(method: Method, path: string, statuses: readonly number[], withinMs: number): Promise<void> {
    const { status, body } = await this.#answer(method, path, undefined, withinMs, { isLast: true });
    if (!statuses.includes(status)) throw this.#failure(method, path, sayAnswer(status, body));
  }

  async ask(method: Method, path: string, body?: unknown): Promise<EngineAnswer> {
    return await this.#answer(method, path, body, TIMEOUT_MS);
  }

  async #answer(
    method: Method,
    path: string,
    body: unknown,
    timeout: number,
    options: { readonly isLast?: true } = {},
  ): Promise<EngineAnswer> {
    try {
      const incoming = await this.#send(method, path, body, timeout, options);
      const text = await readBody(incoming, MOST_BYTES);
      return { status: incoming.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) };
    } catch (error) {
      throw this.#failure(method, path, messageOf(error), error);
    }
  }

  /** The whole answer to a POST as it is; null: there is no such object, or it does not run. */
  async bytes(path: string, body: unknown): Promise<Buffer | null> {
    try {
      const incoming = await this.#send('POST', path, body, TIMEOUT_MS, { isLast: true });
      if (incoming.statusCode === 404 || incoming.statusCode === 409) {
        incoming.destroy();
        return null;
      }
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of incoming) {
        chunks.push(chunk as Buffer);
        size += (chunk as Buffer).length;
        if (size > MOST_BYTES) throw new ForeignBytes(`more than ${MOST_BYTES.toLocaleString('en')} bytes`);
      }
      if (incoming.statusCode === 200) return Buffer.concat(chunks);
      throw new Error(`status ${incoming.statusCode}: ${Buffer.concat(chunks).toString('utf8').trim()}`);
    } catch (error) {
      throw this.#failure('POST', path, messageOf(error), error);
    }
  }

  /** Calls back for each line of an answer that does not end by itself; resolves when it has ended. */
  async follow(path: string, signal: AbortSignal, see: (line: unknown) => void): Promise<void> {
    const incoming = await this.#send('GET', path, undefined, 0, { isLast: true, signal });
    if (incoming.statusCode !== 200) {
      incoming.destroy();
      throw this.#failure('GET', path, `status ${incoming.statusCode}`);
    }
    const lines = new LineReader();
    for await (const chunk of incoming)
      for (const line of lines.push(chunk as Buffer)) if (line.trim() !== '') see(JSON.parse(line));
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    method: Method,
    path: string,
    body: unknown,
    timeout: number,
    // Of a connection that ends with its answer.
    { isLast, signal }: { readonly isLast?: true; readonly signal?: AbortSignal } = {},
  ): Promise<IncomingMessage> {
    const text = body === undefined ? '' : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request({
        ...{ socketPath: this.socket, method, path, timeout, agent: isLast ? false : this.#agent },
        ...(signal && { signal }),
        headers: {
          host: 'docker',
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        },
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${timeout / 1000} s`)));
      outgoing.on('error', reject);
      outgoing.on('response', resolve);
      outgoing.end(text);
    });
  }

  #failure(method: Method, path: string, got: string, cause?: unknown): GauntletError {
    const subject = `Docker engine at ${this.socket}`;
    const expected = `an answer to ${method} ${path.split('?')[0]}`;
    const next = nextFor(got);
    const problem = { subject, expected, got, ...(next !== undefined && { next }) };
    return new GauntletError('unavailable', [problem], { cause });
  }
}

const sayAnswer = (status: number, body: unknown): string => {
  const said = (body as { readonly message?: unknown } | null)?.message;
  return `status ${status}: ${typeof said === 'string' ? said.trim() : show(body)}`;
};

function nextFor(got: string): string | undefined {
  if (/ENOENT|ECONNREFUSED/.test(got))
    return 'Start the engine, or name its socket: docker: { host: "unix:///run/docker.sock" }, or DOCKER_HOST.';
  return /EACCES/.test(got)
    ? 'Run Gauntlet as root, or as a user of the group that owns the socket.'
    : undefined;
}
