/** Asks the nodes of a Redis Cluster who serves which slots. */
import type { Access } from '../../core/access.ts';
import { type Address, addressOf, formatAddress } from '../../core/address.ts';
import { ServerWord } from '../line/line.ts';
import { firstGood } from './first-good.ts';
import { RedisLine } from './line.ts';
import { nextAfter } from './log-in.ts';
import { RedisReplyError } from './resp-reader.ts';
import { type ClusterView, readSlots, SLOTS } from './slots.ts';
import { within } from './within.ts';

export interface Discovered {
  readonly view: ClusterView;
  /** The node that answered, on an open connection. */
  readonly at: Address;
  readonly line: RedisLine;
}

const LONGEST_WORD = 60;

/** The word of a server, as that of a probe. */
export const wordOf = (error: unknown, at: string): unknown =>
  error instanceof RedisReplyError
    ? new ServerWord(
        error.message.slice(0, LONGEST_WORD),
        `${error.message} (${at})`,
        nextAfter(error.message),
      )
    : error;

/** @throws ServerWord for a server that is no node of a Cluster, or sees slots without a master. */
export async function viewOf(line: RedisLine, at: Address): Promise<ClusterView> {
  const view = readSlots(await slotsAt(line, at), at);
  if (view.unserved === 0) return view;
  const word = `${view.unserved} of ${SLOTS} slots are served by no master`;
  throw new ServerWord(
    word,
    `${word}, as ${formatAddress(at)} sees it`,
    'Repair the Cluster (redis-cli --cluster check), or name nodes of another one.',
  );
}

async function slotsAt(line: RedisLine, at: Address) {
  try {
    return await line.send(['CLUSTER', 'SLOTS']);
  } catch (error) {
    throw notCluster(error, formatAddress(at)) ?? wordOf(error, formatAddress(at));
  }
}

/** A server that knows no Cluster. Undefined: another reason. */
export function notCluster(error: unknown, at: string): ServerWord | undefined {
  const text = error instanceof RedisReplyError ? error.message : '';
  if (!/cluster support disabled|^ERR unknown command/i.test(text)) return undefined;
  return new ServerWord(
    'cluster support is disabled there',
    `${at} is no node of a Redis Cluster: ${text}`,
    `Write a single server as address: "redis://${at}", or name nodes that run with cluster-enabled yes.`,
  );
}

/** The first seed that sees every slot served. Rejects as `viewOf`, or as RedisLine.open. */
export function discover(
  seeds: readonly string[],
  access: Access | undefined,
  deadlineMs: number,
): Promise<Discovered> {
  const tries = seeds.map((seed) => async (): Promise<Discovered> => {
    const at = addressOf(seed);
    const line = await RedisLine.open({ ...at, ...(access && { access }) }, deadlineMs);
    try {
      return { view: await within(viewOf(line, at), deadlineMs), at, line };
    } catch (error) {
      line.close();
      throw error;
    }
  });
  return firstGood(
    tries,
    ({ line }) => line.close(),
    (error) => error instanceof ServerWord,
  );
}
