/** Asks Sentinels which server is the master now. */
import { type Address, addressOf, formatAddress, readAddress } from '../../core/address.ts';
import type { RedisSentinels } from '../../core/redis-nodes.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { ServerWord } from '../line/line.ts';
import { wordOf } from './cluster-view.ts';
import { RedisLine } from './line.ts';
import { RedisReplyError } from './resp-reader.ts';

/** A connection to each Sentinel, opened when it is first asked and again when it was lost. */
export class SentinelLines {
  readonly #nodes: RedisSentinels;
  readonly #deadlineMs: number;
  readonly #lines = new Map<string, Promise<RedisLine>>();
  #isClosed = false;

  constructor(nodes: RedisSentinels, deadlineMs: number) {
    this.#nodes = nodes;
    this.#deadlineMs = deadlineMs;
  }

  close(): void {
    this.#isClosed = true;
    for (const opening of this.#lines.values())
      void opening.then((line) => line.close()).catch(() => undefined);
  }

  /**
   * The master that more than half of the Sentinels name; where fewer answer, the one that all of these name. A
   * single Sentinel that was cut off names the old one for as long as that lasts.
   * Rejects with ServerWord: none knows the name, or they do not agree; otherwise with the first failure.
   */
  master(): Promise<Address> {
    const { sentinels } = this.#nodes;
    return new Promise((resolve, reject) => {
      const votes = new Map<string, number>();
      const failures: unknown[] = [];
      let settled = 0;
      const count = (): void => {
        const [[named, most] = ['', 0], ...others] = [...votes].sort(([, a], [, b]) => b - a);
        settled += 1;
        const isLast = settled === sentinels.length;
        if (most * 2 > sentinels.length || (isLast && most > 0 && others.length === 0))
          resolve(addressOf(named));
        else if (isLast && most > 0) reject(disagree([...votes.keys()].sort()));
        else if (isLast)
          reject(failures.find((one) => one instanceof ServerWord) ?? failures[0] ?? new Error('no address'));
      };
      for (const sentinel of sentinels) {
        this.#named(sentinel).then(
          (at) => {
            votes.set(at, (votes.get(at) ?? 0) + 1);
            count();
          },
          (error: unknown) => {
            failures.push(error);
            count();
          },
        );
      }
    });
  }

  /** @throws ServerWord for a name that it does not know. */
  async #named(sentinel: string): Promise<string> {
    const line = await this.#line(sentinel);
    return formatAddress(await masterAt(line, sentinel, this.#nodes.master));
  }

  async #line(sentinel: string): Promise<RedisLine> {
    const known = await this.#lines.get(sentinel)?.catch(() => undefined);
    if (known !== undefined && !known.closed) return known;
    const { access } = this.#nodes;
    const opening = RedisLine.open({ ...addressOf(sentinel), ...(access && { access }) }, this.#deadlineMs);
    this.#lines.set(sentinel, opening);
    const line = await opening;
    if (this.#isClosed) line.close();
    return line;
  }
}

/** @throws ServerWord with what is wrong and the fix, for a server that is no Sentinel or knows no such master. */
export async function masterAt(line: RedisLine, sentinel: string, name: string): Promise<Address> {
  const answer = await asked(line, sentinel, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]);
  if (answer === null) {
    const known = (await mastersAt(line, sentinel)).map((one) => one.get('name') ?? '').join(', ') || 'none';
    throw new ServerWord(
      `the Sentinels know no master ${name}`,
      `the Sentinel at ${sentinel} knows no master ${name}; it knows ${known}`,
      'Write one of those as master.',
    );
  }
  const [host, port] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
  const read = readAddress(formatAddress({ host: String(host), port: Number(port) }));
  if (!read.ok) throw notAnAnswer('Sentinel');
  return read.address;
}

type Fields = ReadonlyMap<string, string>;

const mastersAt = async (line: RedisLine, sentinel: string): Promise<readonly Fields[]> =>
  fieldsIn(await asked(line, sentinel, ['SENTINEL', 'MASTERS']));

/** The master and its replicas, each with its address and its run_id as the Sentinel knows them. */
export async function membersAt(line: RedisLine, sentinel: string, name: string): Promise<readonly Member[]> {
  const masters = (await mastersAt(line, sentinel)).filter((one) => one.get('name') === name);
  // SLAVES is REPLICAS by the name that Sentinels before version 5 know, too.
  const replicas = fieldsIn(await asked(line, sentinel, ['SENTINEL', 'SLAVES', name]));
  return [...masters, ...replicas].flatMap((one): Member[] => {
    const read = readAddress(formatAddress({ host: one.get('ip') ?? '', port: Number(one.get('port')) }));
    return read.ok ? [{ address: formatAddress(read.address), identity: one.get('runid') ?? '' }] : [];
  });
}

export interface Member {
  readonly address: string;
  readonly identity: string;
}

const fieldsIn = (answer: unknown): readonly Fields[] =>
  (Array.isArray(answer) ? (answer as readonly unknown[]) : []).map((one) => {
    const list = Array.isArray(one) ? one.map(String) : [];
    return new Map(
      list.flatMap((key, index) => (index % 2 === 0 ? [[key, list[index + 1] ?? ''] as const] : [])),
    );
  });

async function asked(line: RedisLine, sentinel: string, command: readonly string[]) {
  try {
    return await line.send(command);
  } catch (error) {
    const text = error instanceof RedisReplyError ? error.message : '';
    if (!/^ERR unknown command/i.test(text)) throw wordOf(error, sentinel);
    throw new ServerWord(
      'it is no Sentinel',
      `${sentinel} is no Sentinel: ${text}`,
      `Write the port of the Sentinel, usually 26379; a single server is address: "redis://${sentinel}".`,
    );
  }
}

const disagree = (named: readonly string[]): ServerWord =>
  new ServerWord(
    'the Sentinels do not agree on a master',
    `the Sentinels name several masters: ${named.join(', ')}`,
    'A failover may be under way. If it lasts: which Sentinel is cut off from the others?',
  );
