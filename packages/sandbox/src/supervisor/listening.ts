/** Where the processes of an instance listen, as the kernel has it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { formatAddress } from '../../../../src/core/address.ts';
import type { Socket } from '../../../../src/core/sandbox/layout.ts';

const LISTEN = '0A';

/** Sockets of all these processes; of one that is gone none. */
export function listeningSockets(pids: readonly number[]): readonly Socket[] {
  const inodes = new Set(pids.flatMap(socketsOf));
  const [first] = pids;
  if (first === undefined || inodes.size === 0) return [];
  const rows = ['tcp', 'tcp6'].flatMap((table) => readListening(textOf(`/proc/${first}/net/${table}`)));
  const found = rows.filter(({ inode }) => inodes.has(inode)).map(({ socket }) => socket);
  return [...new Map(found.map((one) => [formatAddress(one), one])).values()];
}

/** All addresses of the machine: every subnet of every sandbox too. */
export const isWildcard = ({ host }: Socket): boolean => host === '0.0.0.0' || host === '::';

/** Rows of /proc/net/tcp or tcp6 in state LISTEN. */
export function readListening(table: string): readonly { readonly socket: Socket; readonly inode: string }[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      return state === LISTEN
        ? [{ socket: { host: hostOf(address), port: Number.parseInt(port, 16) }, inode }]
        : [];
    });
}

/** Words of 32 bits in the order of the machine (little-endian on all that we run on). */
function hostOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  const words = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return words.join(':');
}

function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
