/** The questions of a probe to a Redis that is several servers. */
import { randomBytes } from 'node:crypto';
import type { Access } from '../../core/access.ts';
import type { RedisNodes } from '../../core/redis-nodes.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { type Dialler, ServerWord } from '../line/line.ts';
import { clusterDialler } from './cluster-line.ts';
import type { RespValue } from './resp-reader.ts';
import { sentinelDialler } from './sentinel-line.ts';
import { keyIn } from './slots.ts';

type Send = (args: readonly string[]) => Promise<RespValue>;

const ECHOED_BYTES = 1024;
/** Of no use to anybody: the questions leave nothing there. */
const KEY = 'gauntlet:write-probe';
const PROBED = 'gauntlet:read-probe';

export function severalDialler(nodes: RedisNodes, access: Access | undefined, isWrite: boolean): Dialler {
  if (nodes.kind === 'cluster')
    return clusterDialler(nodes, access, async (send, { ranges }) => {
      if (isWrite) return await write(send, keyIn(ranges, KEY));
      // ECHO has no key, and a node answers it that serves no slot any more.
      await Promise.all([echo(send), send(['GET', keyIn(ranges, PROBED)])]);
    });
  return sentinelDialler(nodes, access, async (line) => {
    const send: Send = (args) => line.send(args);
    if (isWrite) return await write(send, KEY);
    await Promise.all([echo(send), masterOnly(send)]);
  });
}

async function echo(send: Send): Promise<void> {
  const text = randomBytes(ECHOED_BYTES / 2).toString('hex');
  if ((await send(['ECHO', text])) !== text) throw notAnAnswer('Redis');
}

/** Counts as a write and creates no key, as with a single server. */
async function write(send: Send, key: string): Promise<void> {
  if (typeof (await send(['SETRANGE', key, '0', ''])) !== 'number') throw notAnAnswer('Redis');
}

/** A server that Sentinels name and that is not yet, or no longer, a master refuses writes. */
async function masterOnly(send: Send): Promise<void> {
  const info = await send(['INFO', 'replication']);
  const role = typeof info === 'string' ? /^role:(\w+)/m.exec(info)?.[1] : undefined;
  if (role !== 'master') throw new ServerWord('the master that Sentinels name is a replica');
}
