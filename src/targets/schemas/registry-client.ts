/**
 * A schema registry with the HTTP interface of Confluent, which others have too: schemas by the number that a
 * record carries. Reads only.
 */
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { Login } from '../../core/login.ts';
import { hostOf, type SchemaRegistryAt } from '../../core/schema-registry.ts';
import { keepSecret } from '../../core/secrets.ts';
import { ms } from '../../core/units.ts';
import { mayPass } from '../../system/http/ask.ts';
import { NoAnswer } from '../../system/http/no-answer.ts';
import { sendOnce } from '../../system/http/send-once.ts';
import { secretValue } from '../../system/secrets/secret-value.ts';

const ATTEMPT_MS = ms(5000);
const AGAIN_MS = ms(500);
/** A registry that is restarted is back within this. */
const PATIENCE_MS = 30_000;
const MOST_BYTES = 4 * 1024 * 1024;
/** Schemas name others, and those again others. */
const MOST_NEEDED = 100;
/** Of the interface: the number is not known. */
const NO_SUCH_SCHEMA = 40_403;

export interface FoundSchema {
  /** `AVRO`, `JSON`, `PROTOBUF`. */
  readonly kind: string;
  readonly schema: string;
  /** Those whose types it names, each after those that it names itself. */
  readonly needed: readonly string[];
}

export interface RegistryOptions {
  readonly at: SchemaRegistryAt;
  /** `services.bus.registry`: of the target file. */
  readonly subject: string;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly signal: AbortSignal;
}

interface Reference {
  readonly subject: string;
  readonly version: number;
}

export class RegistryClient {
  readonly #options: RegistryOptions;
  /** Since it is missed: until then it is asked again. */
  #until: number | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** @throws Error in words for people. */
  async schema(id: number): Promise<FoundSchema> {
    const said = await this.#ask(`/schemas/ids/${id}`, `schema ${id}`);
    const needed = new Map<string, string>();
    await this.#gather(said, needed);
    const kind = said['schemaType'];
    return {
      kind: typeof kind === 'string' ? kind : 'AVRO',
      schema: textOf(said),
      needed: [...needed.values()],
    };
  }

  /** Whether it answers, and lets us in. @throws Error in words for people. */
  async check(): Promise<void> {
    await this.#ask('/schemas/types', 'list of formats', false);
  }

  async #gather(said: Said, needed: Map<string, string>): Promise<void> {
    const { references } = said;
    for (const { subject, version } of Array.isArray(references) ? (references as Reference[]) : []) {
      const name = `${subject} ${version}`;
      if (needed.has(name)) continue;
      if (needed.size >= MOST_NEEDED) throw new Error(`it needs more than ${MOST_NEEDED} others`);
      // Its place in the order is behind those that it names, and a circle of them ends here.
      needed.set(name, '');
      const path = `/subjects/${encodeURIComponent(subject)}/versions/${encodeURIComponent(version)}`;
      const own = await this.#ask(path, `version ${version} of ${subject}`);
      await this.#gather(own, needed);
      needed.delete(name);
      needed.set(name, textOf(own));
    }
  }

  async #ask(path: string, what: string, isPatient = true): Promise<Said> {
    const { at, clock, signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const why = await this.#once(path, what);
      if (typeof why !== 'string') {
        this.#until = undefined;
        if (why instanceof Error) throw why;
        return why;
      }
      this.#until ??= clock.now() + PATIENCE_MS;
      if (!isPatient || clock.now() >= this.#until) throw new Error(`the registry at ${hostOf(at)}: ${why}`);
      await clock.sleep(AGAIN_MS, signal);
    }
  }

  /** A text: why not, which may pass. */
  async #once(path: string, what: string): Promise<Said | Error | string> {
    const { at, signal } = this.#options;
    const { tls, login } = at.access ?? {};
    try {
      const { status, body } = await sendOnce(`${at.url}${path}`, {
        method: 'GET',
        headers: {
          accept: 'application/vnd.schemaregistry.v1+json, application/json',
          ...loginHeader(login),
        },
        ...{ mostBytes: MOST_BYTES, timeoutMs: ATTEMPT_MS, signal },
        ...(tls && { tls }),
      });
      if (status >= 500 || status === 429) return `HTTP ${status} for ${what}`;
      return status === 200 ? readJson(body, what) : this.#refusal(status, body, what);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NoAnswer)
        return mayPass(error) ? error.message : new Error(`the registry at ${hostOf(at)}: ${error.message}`);
      return new Error(messageOf(error));
    }
  }

  #refusal(status: number, body: string, what: string): Error {
    const { at, subject } = this.#options;
    const host = hostOf(at);
    if (status === 401 || status === 403) {
      const next = at.access?.login === undefined ? `add ${subject}.login` : `check ${subject}.login`;
      return new Error(`the registry at ${host} refuses us (HTTP ${status}): ${next}`);
    }
    const code = Object(jsonOrNothing(body))['error_code'] as unknown;
    if (status === 404 && code === NO_SUCH_SCHEMA) return new Error(`the registry at ${host} has no ${what}`);
    if (status === 404)
      return new Error(
        `the registry at ${host} has no ${what} (HTTP 404): check the path of ${subject}.address`,
      );
    return new Error(`the registry at ${host} answers HTTP ${status} for ${what}`);
  }
}

type Said = Readonly<Record<string, unknown>>;

function readJson(body: string, what: string): Said | Error {
  const said = jsonOrNothing(body);
  return typeof said === 'object' && said !== null
    ? (said as Said)
    : new Error(`the registry answers with no JSON for ${what}`);
}

function jsonOrNothing(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function textOf({ schema }: Said): string {
  if (typeof schema === 'string') return schema;
  throw new Error('the registry answers without a schema');
}

function loginHeader(login: Login | undefined): Readonly<Record<string, string>> {
  if (login === undefined) return {};
  if (login.token !== undefined)
    return { authorization: `Bearer ${secretValue(login.token, 'registry.login.token')}` };
  const password = secretValue(login.password, 'registry.login.password');
  const pair = Buffer.from(`${login.user ?? ''}:${password}`).toString('base64');
  keepSecret('registry.login.password', pair);
  return { authorization: `Basic ${pair}` };
}
