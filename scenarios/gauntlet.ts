/**
 * The measuring wrapper of Gauntlet: a k6 script describes itself, takes its load from Gauntlet, and writes one
 * sample when a request is sent and one when it is answered. It imports k6 only, so one copy beside your scripts
 * is enough (`gauntlet init --library` writes and refreshes it).
 */
import { sleep } from 'k6';
import exec from 'k6/execution';
import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import { Counter, Trend } from 'k6/metrics';
import type { Client, ConnectParams, Response } from 'k6/net/grpc';
import type { Options, Scenario } from 'k6/options';

export type Answer = RefinedResponse<ResponseType | undefined>;
/** `ok`, or a word for what is wrong with the answer: letters, digits, `_`, `-` and dots. */
export type Judge<Said> = (answer: Said) => string;

/** What a scenario is; Gauntlet reads it from the script (`gauntlet schema scenario`). */
export interface Description {
  /** One sentence. */
  readonly summary: string;
  /** By flow, what it does. `{kind}` makes one flow for each service whose name fits. */
  readonly flows: Readonly<Record<string, FlowDescription>>;
  /** No request takes longer, such as `5s`: rate × this is the number of VUs. */
  readonly timeLimit: string;
  /** Of one VU in k6, without garbage, such as `300kB`; absent: k6's memory has no limit. */
  readonly vuMemory?: string;
}
interface FlowDescription {
  /** To which it is sent. */
  readonly service: string;
  readonly protocol?: 'http' | 'grpc';
  /** The exported function that is one iteration of it; absent: the default one. */
  readonly exec?: string;
  /** The topics of which one gets a record with iterationId() for each good answer; `*` is any words. */
  readonly records?: readonly string[];
}

/** VUs that idle while they are not needed, see standBy. */
interface Reserve {
  /** This many first iterations of this process are not arrivals. */
  readonly mustered: number;
  /** When the first arrival is due, in ms since the executor started. */
  readonly startMs: number;
  /** How many VUs wait for an arrival, until an instant of the schedule in ms. */
  readonly ready: readonly { readonly untilMs: number; readonly vus: number }[];
}
/** One flow is one executor: a dropped arrival then belongs to exactly one flow. */
interface Flow {
  readonly flow: string;
  readonly executor: string;
  readonly vus: number;
  readonly worstStallMs: number;
  readonly reserve?: Reserve;
}
interface Load {
  readonly seed: number;
  readonly durationMs: number;
  readonly gracefulStopMs: number;
  /** The number of redirects that a request follows. */
  readonly redirects: number;
  readonly flows: readonly Flow[];
}

/** Gauntlet asks what this scenario is: nothing is sent, and there is no load and no address yet. */
const IS_READ = __ENV['GAUNTLET_READING'] !== undefined;
const NO_LOAD = '{"seed":1,"durationMs":0,"gracefulStopMs":0,"redirects":0,"flows":[]}\n{}';
const lines = (): readonly string[] =>
  (IS_READ ? NO_LOAD : open(setting('GAUNTLET_LOAD', 'the file of the load'))).split('\n');
const load = JSON.parse(lines()[0] ?? '') as Load;
let described: Description | undefined;

function setting(name: string, what: string): string {
  const value = __ENV[name];
  if (value !== undefined && value !== '') return value;
  if (IS_READ) return 'http://127.0.0.1:9';
  throw new Error(`${name}: expected ${what}, got nothing. Run this through: gauntlet run <campaign>`);
}

/** The options of the script: `export const options = defineScenario({ … })`. */
export function defineScenario(description: Description): Options {
  described = description;
  if (IS_READ) return { ext: { gauntlet: description } };
  // Only the first evaluation of the script counts; in its VUs k6 ignores the options, and each VU would hold
  // thousands of stages.
  if (__VU !== 0) return {};
  setting('GAUNTLET_RUN_ID', 'the id of the run');
  const arrivals = JSON.parse(lines()[1] ?? '') as Record<string, object>;
  const scenarios: Record<string, Scenario> = {};
  for (const { flow, executor, vus } of load.flows) {
    const { exec: name, service } = partOf(flow);
    address(service);
    scenarios[executor] = {
      // Arrival rates only, so that a slow target cannot slow the load.
      ...arrivals[executor],
      exec: name,
      // Creating a VU while the load runs costs a dropped arrival, and CPU in the middle of the measurement.
      preAllocatedVUs: vus,
      maxVUs: vus,
      gracefulStop: `${load.gracefulStopMs}ms`,
      tags: { flow },
    } as unknown as Scenario;
  }
  return { scenarios, discardResponseBodies: false, noConnectionReuse: false, maxRedirects: load.redirects };
}

/** The function and the service of a flow: from its own description, or from the one that it was made of. */
function partOf(flow: string): { readonly exec: string; readonly service: string } {
  for (const [name, { exec: called = 'default', service }] of Object.entries(described?.flows ?? {})) {
    const pattern = name.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{([a-z]+)\}/g, '(?<$1>.+)');
    const words = new RegExp(`^${pattern}$`).exec(flow);
    if (words === null) continue;
    return { exec: called, service: service.replace(/\{([a-z]+)\}/g, (_, key) => words.groups?.[key] ?? '') };
  }
  throw new Error(`flow ${flow}: expected one of ${Object.keys(described?.flows ?? {}).join(', ')}`);
}

/**
 * Where an iteration runs. k6 builds a whole object of reflected functions each time `exec.vu` and its like are
 * *named* (newInfoObj in k6 2.2's execution.go); only their properties are read again. Seven of them per iteration
 * were 39 % of all allocations of k6, so each VU keeps one of each. In the init context none of them exists yet.
 */
let here: { scenario: typeof exec.scenario; vu: typeof exec.vu; instance: typeof exec.instance } | undefined;
let own: { flow: Flow; service: string } | undefined;
function place(): NonNullable<typeof here> {
  here ??= { scenario: exec.scenario, vu: exec.vu, instance: exec.instance };
  return here;
}
function ownFlow(): NonNullable<typeof own> {
  if (own !== undefined) return own;
  const { name } = place().scenario;
  const flow = load.flows.find((one) => one.executor === name);
  if (flow === undefined) throw new Error(`executor ${name}: it is not in the load`);
  own = { flow, service: partOf(flow.flow).service };
  return own;
}
const iterationPlace = (): string =>
  `${place().scenario.name}/${place().vu.idInTest}/${place().vu.iterationInScenario}`;

/** Where a service is, such as `http://127.0.0.1:8080`; without a name that of the flow. */
export function address(service: string = ownFlow().service): string {
  return setting(`GAUNTLET_ADDRESS_${service.toUpperCase().replaceAll('-', '_')}`, 'an address');
}
/** Whether a gRPC service is entered by TLS; a URL says so itself. */
export const isTls = (service: string = ownFlow().service): boolean =>
  (__ENV['GAUNTLET_TLS'] ?? '').split(' ').includes(service);
/** What is left of the flow's time limit for this iteration: k6's `timeout`. */
export const timeLimit = (): string => `${timeLimitMs()}ms`;
export const timeLimitMs = (): number =>
  Math.max(1, ownFlow().flow.worstStallMs - (phase === 'open' ? Date.now() - openedAt : 0));
/** The header of the target's token, which is renewed before it expires; empty without one. */
export function token(): Record<string, string> {
  if (bearer === undefined) return {};
  isTokenSent = true;
  return { Authorization: `Bearer ${bearer}` };
}

/**
 * Gauntlet is the one client of the token endpoint, and a VU asks it on loopback for the newest token: between
 * two arrivals, or before one where its copy has expired meanwhile. Otherwise an iteration compares two numbers.
 */
interface HeldToken {
  readonly token?: string;
  /** In ms since the epoch. */
  readonly askAgainAt: number;
  readonly goodUntil: number;
}
const tokenUrl = __ENV['GAUNTLET_TOKEN_URL'];
let bearer = __ENV['GAUNTLET_TOKEN'];
let [askAgainAt, goodUntil] = [Infinity, Infinity];
let isTokenSent = false;
function take(held: HeldToken): void {
  bearer = held.token;
  ({ askAgainAt, goodUntil } = held);
}
if (tokenUrl !== undefined) take(JSON.parse(setting('GAUNTLET_TOKEN_HELD', 'a token')) as HeldToken);
/** Whether a request can be sent: false with a token that has expired and was not renewed. */
const hasToken = (): boolean => Date.now() < askAgainAt || renewToken();
function renewToken(): boolean {
  // Without an answer its copy may be good for a while; only Gauntlet knows whether it gets another.
  askAgainAt = Date.now() + 500;
  const params = { responseType: 'text', timeout: '1s', tags: { name: 'gauntlet-token' } } as const;
  const { status, body } = http.get(tokenUrl ?? '', params);
  if (status === 200) take(JSON.parse(String(body)) as HeldToken);
  return Date.now() < goodUntil;
}
/** The target has refused our own token: no answer to the request. */
const REFUSED = 'token-refused';

/** Used once, in this run and in all others; Gauntlet knows the record of an iteration by it. */
export const iterationId = (): string => `${__ENV['GAUNTLET_RUN_ID']}/${load.seed}/${iterationPlace()}`;

/** Deterministic choices. */
export interface Chooser {
  /** One item of the list; each call chooses again. */
  pick<T>(list: readonly T[]): T;
  below(bound: number): number;
}
/** They depend on the seed and the iteration (or a key), not on the run: the same seed repeats the traffic. */
export const seeded = (key: string = iterationPlace()): Chooser => chooser(`${load.seed}/${key}`);
export function chooser(key: string): Chooser {
  let draw = 0;
  const below = (bound: number): number => Math.floor((hash(`${key}/${++draw}`) / 2 ** 32) * bound);
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new Error('cannot choose from an empty list');
    return list[below(list.length)] as T;
  };
  return { below, pick };
}
/** 32 bits of a text (FNV-1a), finished with murmur3's mixer so that neighbours differ in every bit. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

const started = new Counter('gauntlet_started');
/** In ms, without connecting, which has its own sample: Gauntlet adds the two. */
const service = new Trend('gauntlet_service_ms', true);
const connected = new Trend('gauntlet_connect_ms', true);
/** In ms, connecting included: one request of a journey. */
const stepMs = new Trend('gauntlet_step_ms', true);

/** Of the arrival of this VU. */
let phase: 'idle' | 'due' | 'open' | 'done' = 'idle';
let openedAt = 0;

/** When only the sending is left: the time of this sample is the send time. */
function begin(): void {
  if (phase === 'idle') throw new Error('measure: expected inside of a function made by iteration(…)');
  if (phase !== 'due')
    throw new Error('measure: expected once in an iteration; several requests are a journey');
  phase = 'open';
  openedAt = Date.now();
  started.add(1);
}
/** k6 does not escape tags. */
function end(serviceMs: number, outcome: string): void {
  phase = 'done';
  service.add(Math.max(0, serviceMs), { outcome: outcome.replace(/[^a-z0-9_.-]/gi, '-') });
}

/**
 * The function that k6 calls: `export default iteration(() => { measure(…); })`. An exception is the script's own
 * error: the arrival gets the outcome `script-error`, and k6 logs it.
 */
export function iteration(arrival: () => void): () => void {
  return () => {
    const { reserve } = ownFlow().flow;
    if (reserve === undefined || place().scenario.iterationInInstance >= reserve.mustered) perform(arrival);
    const isOver = reserve !== undefined && standBy(reserve);
    if (!isOver) hasToken();
  };
}
function perform(arrival: () => unknown): void {
  const isAble = hasToken();
  phase = 'due';
  try {
    if (!isAble) unsent();
    else if (arrival() instanceof Promise)
      throw new Error('iteration: expected a function that is not async');
    if ((phase as string) !== 'done')
      throw new Error('iteration: expected a measure, journey or measureCall');
  } catch (error) {
    if ((phase as string) !== 'open') started.add(1);
    end(0, 'script-error');
    throw error;
  } finally {
    phase = 'idle';
  }
}

/** Nothing is asked with a token that has expired: Gauntlet ends the run. */
function unsent(): void {
  begin();
  end(0, 'token-expired');
}

/** One HTTP request: `measure(() => http.get(`${address()}/items`, { timeout: timeLimit() }))`. */
export function measure(ask: () => Answer, judge: Judge<Answer> = goodStatus): Answer {
  begin();
  const { answer, restMs, failure } = send(ask);
  end(restMs, failure ?? judged(answer, judge));
  return answer;
}
/** A 401 to our own token says nothing about the system, unless the script has expected it. */
function judged(answer: Answer, judge: Judge<Answer>): string {
  const said = judge(answer);
  return answer.status === 401 && isTokenSent && said !== 'ok' ? REFUSED : said;
}
export const goodStatus: Judge<Answer> = ({ status }) =>
  status >= 200 && status < 300 ? 'ok' : `http-${status}`;

/** @returns null when the step is not good: the journey is then over, and its outcome begins with the name. */
export type Step = (name: string, ask: () => Answer, judge?: Judge<Answer>) => Answer | null;
/** Several requests, one after another: its service time is their sum, its time limit is for all of them. */
export function journey(walk: (step: Step) => void): void {
  let wholeMs = 0;
  let outcome = 'ok';
  walk((name, ask, judge = goodStatus) => {
    if (outcome !== 'ok') throw new Error(`step ${name}: expected none after ${outcome}`);
    if (phase !== 'open') begin();
    const { answer, restMs, connectMs, failure } = send(ask);
    wholeMs += restMs;
    stepMs.add(Math.max(0, connectMs + restMs), { step: name });
    const said = failure ?? judged(answer, judge);
    // A connection that had idled too long is no evidence about a step.
    if (said !== 'ok') outcome = said === STALE ? said : `${name}-${said}`;
    return said === 'ok' ? answer : null;
  });
  if (phase === 'open') end(wholeMs, outcome);
}

/** Clients of this VU that have a connection; grpc-go restores a broken one with its own back-off. */
const dialled = new Set<Client>();
/** One gRPC call, on one connection per VU; judged when its status is OK. */
export function measureCall(
  client: Client,
  method: string,
  request: object,
  judge: Judge<Response> = () => 'ok',
  how: ConnectParams = {},
): void {
  begin();
  const failure = dialled.has(client) ? null : dial(client, how);
  const sentAt = preciseMs();
  const outcome = failure ?? invoke(client, method, request, judge);
  end(failure === null ? preciseMs() - sentAt : 0, outcome);
}
function dial(client: Client, how: ConnectParams): string | null {
  const from = preciseMs();
  try {
    client.connect(address(), {
      ...how,
      plaintext: isTls() ? false : (how.plaintext ?? true),
      timeout: timeLimit(),
    });
    dialled.add(client);
    return null;
  } catch (error) {
    return thrownWord(error, 'connect-failed');
  } finally {
    // A failed attempt took time too.
    connected.add(Math.max(0, preciseMs() - from));
  }
}
function invoke(client: Client, method: string, request: object, judge: Judge<Response>): string {
  let answer: Response;
  try {
    const metadata = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    answer = client.invoke(method, request, { timeout: timeLimit(), metadata });
  } catch (error) {
    return thrownWord(error, 'invoke-failed');
  }
  // 0 is OK, 4 is DeadlineExceeded.
  if (Number(answer.status) === 0) return judge(answer);
  if (Number(answer.status) === 4) return 'timeout';
  // 16 is Unauthenticated.
  if (Number(answer.status) === 16 && bearer !== undefined) return REFUSED;
  // A connection that grpc-go cannot restore is `unavailable`, with the reason in its text.
  return errnoIn(JSON.stringify(answer.error ?? '')) ?? `grpc-${answer.status}`;
}
const thrownWord = (error: unknown, otherwise: string): string =>
  errnoIn(String(error)) ?? (/deadline|timeout/i.test(String(error)) ? 'timeout' : otherwise);

/**
 * Ms since the test began, with a fraction: the only such clock of a k6 2.2 script. Not monotonic (k6 subtracts
 * instants of the wall clock), and 13 µs a reading, so it is used only where k6 itself has no timing.
 */
const preciseMs = (): number => place().instance.currentTestRunDuration;

interface Sent {
  readonly answer: Answer;
  /** TCP and TLS set-up of a connection for this request; 0 when one was available. */
  readonly connectMs: number;
  /** Everything else, from requesting a connection to the last byte. */
  readonly restMs: number;
  /** The outcome of a request without an answer; null when it was answered. */
  readonly failure: string | null;
}
/** The connection of this VU: when it was last used, and the round trip that its set-up took. */
let usedAt = Number.NaN;
let roundTripMs = Number.POSITIVE_INFINITY;

/**
 * k6 counts connecting and TLS in `blocked` (lib/netext/httpext/tracer.go) and times the last hop of a redirect
 * only. Without a connection (refused, dial timed out) all its timings are 0: such an arrival would look as if it
 * had failed in no time, so the wall clock is used, with its whole milliseconds.
 */
function send(ask: () => Answer): Sent {
  const from = load.redirects > 0 ? preciseMs() : 0;
  const sentAt = Date.now();
  const answer = ask();
  const { timings, status } = answer;
  const connectMs = timings.connecting + timings.tls_handshaking;
  const timed = timings.blocked + timings.sending + timings.waiting + timings.receiving;
  const wholeMs = load.redirects > 0 ? preciseMs() - from : timed;
  const restMs = Math.max(status === 0 ? Date.now() - sentAt : 0, wholeMs) - connectMs;
  const failure = status === 0 ? failureOf(answer, sentAt) : null;
  if (connectMs > 0) {
    connected.add(connectMs);
    roundTripMs = Math.min(roundTripMs, timings.connecting);
  }
  usedAt = Date.now();
  return { answer, connectMs, restMs: Math.max(0, restMs), failure };
}

const STALE = 'stale-connection';
/** k6's own error codes (lib/netext/httpext/error_codes.go) that have words; others are `error-<code>`. */
const WORDS: Readonly<Record<number, string>> = {
  1020: 'invalid-url',
  1050: 'timeout',
  1101: 'no-such-host',
  1201: 'broken-pipe',
  1210: 'dial-failed',
  1211: 'dial-timeout',
  1212: 'refused',
  1220: 'reset',
};
function failureOf(answer: Answer, sentAt: number): string {
  const { error, error_code: code } = answer;
  // 1000: errors for which k6 has no code.
  const ended = code === 1000 && /\bEOF\b|server closed/.test(error);
  if ((ended || code === 1220 || code === 1201) && isStale(answer, sentAt)) return STALE;
  if (code === 1000 && /invalid header field/.test(error)) return 'invalid-header';
  return errnoIn(error) ?? (ended ? 'closed' : (WORDS[code] ?? `error-${code}`));
}
/**
 * Proven to have hit a connection that the server had closed for idling: it was reused after 1 s or more, no byte
 * came back, and its end came within a round trip and 2 ms of noise, before a server could have worked on it (a
 * round trip above 3 ms may have been a busy machine). Every other reset is caused by the server.
 */
function isStale({ timings }: Answer, sentAt: number): boolean {
  const reused = timings.connecting === 0 && timings.sending > 0 && sentAt - usedAt >= 1000;
  const atOnce = timings.sending + timings.waiting <= Math.min(roundTripMs, 3) + 2;
  return reused && atOnce && timings.receiving === 0;
}

/** Texts of syscall.Errno inside another error (a name lookup, a dial of gRPC), where k6 gives no number. */
const ERRNOS: readonly (readonly [string, number])[] = [
  ['too many open files in system', 23],
  ['too many open files', 24],
  ['cannot assign requested address', 99],
  ['no buffer space available', 105],
  ['cannot allocate memory', 12],
  ['operation not permitted', 1],
  ['permission denied', 13],
  ['address already in use', 98],
  ['network is unreachable', 101],
  ['no route to host', 113],
];
function errnoIn(error: string): string | null {
  const told = /unknown errno `?(\d+)/.exec(error)?.[1];
  const number = told ?? ERRNOS.find(([text]) => error.includes(text))?.[1];
  return number === undefined ? null : `errno-${number}`;
}

/**
 * After its arrival, a VU that is not needed sleeps inside its iteration, gets no arrivals, and checks from time
 * to time whether enough others wait. k6 gives arrivals to idle VUs in turn: with as many as a long stall needs,
 * each connection would idle for the whole time limit, and servers close it earlier.
 * @returns whether the load is over.
 */
function standBy(reserve: Reserve): boolean {
  const { instance, vu } = place();
  const idleVus = (): number => instance.vusInitialized - instance.vusActive;
  if (idleVus() < readyAt(reserve)) return false;
  // Spread by the VU's number from 0.2 to 1 s: never many checks at once.
  const calmS = 0.2 + 0.8 * (vu.idInInstance / instance.vusInitialized);
  for (let napS = calmS; ; ) {
    const from = Date.now();
    sleep(napS);
    // k6 is being stopped: it ends every sleep at once, and a loop that continued would keep it busy until it is
    // killed (2,200 VUs: above 10 s).
    if (Date.now() - from < napS * 500) return true;
    const idle = idleVus();
    const wanted = readyAt(reserve);
    // Between half and all of the required number nothing changes: the same few VUs serve, with warm connections.
    if (idle < wanted / 2) return false;
    if (preciseMs() > reserve.startMs + load.durationMs) return true;
    napS = idle < wanted * 0.75 ? 0.1 : calmS;
  }
}
/** Instants of the schedule increase: this VU searches from the step that it found last time. */
let at = 0;
function readyAt({ ready, startMs }: Reserve): number {
  const now = preciseMs() - startMs;
  while (at < ready.length - 1 && (ready[at]?.untilMs ?? 0) <= now) at += 1;
  return ready[at]?.vus ?? 0;
}
