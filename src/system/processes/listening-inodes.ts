import { readFileSync } from 'node:fs';

/** State 0A of /proc/net/tcp. */
const LISTEN = '0A';

/** The inodes of the TCP sockets that listen on a port, of any address of this network namespace. */
export function listeningInodes(port: number): ReadonlySet<string> {
  const lines = ['tcp', 'tcp6'].flatMap((name) => linesOf(`/proc/net/${name}`));
  return new Set(lines.flatMap((line) => inodeOf(line, port) ?? []));
}

/** @param line `sl local_address rem_address st … uid timeout inode …`; numbers are hexadecimal. */
export function inodeOf(line: string, port: number): string | undefined {
  const fields = line.trim().split(/\s+/);
  const [, local = '', , state, , , , , , inode] = fields;
  const at = Number.parseInt(local.split(':')[1] ?? '', 16);
  return state === LISTEN && at === port ? inode : undefined;
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}
