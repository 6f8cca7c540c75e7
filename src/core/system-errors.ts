/**
 * Errors of the environment, as opposed to defects: one table of operating system errors, with the fix for
 * each. A command that ends with such an error exits with 69 (a required part is unavailable), never with 70.
 */
import type { Problem } from './errors.ts';

interface Row {
  readonly expected: string;
  readonly next: string;
}

const DISK: Row = { expected: 'room on its disk', next: 'Make room, or choose another folder.' };
const RIGHTS: Row = {
  expected: 'the right to use it',
  next: 'Look at its owner and mode with ls -ld, or choose another folder (--out, GAUNTLET_STATE_DIR, GAUNTLET_CACHE_DIR).',
};
const FILES: Row = {
  expected: 'to open another file or connection',
  next: 'Raise the limit of open files (ulimit -n 65536), or close what holds them.',
};
const PEER: Row = {
  expected: 'an answer from the other end',
  next: 'Check that it is up and can be reached from here: gauntlet doctor --target.',
};
const ROUTE: Row = { expected: 'a route to that address', next: 'Check network and address.' };
const PLACE: Row = { expected: 'a file or folder of that kind', next: 'Look at the path with ls -ld.' };

/** errno(3). A code that is missing here is a defect: its fix is not known yet. */
const ROWS: Readonly<Record<string, Row>> = {
  EMFILE: FILES,
  ENFILE: {
    ...FILES,
    next: 'The whole machine has too many open files: close programs, or raise fs.file-max.',
  },
  ENOSPC: DISK,
  EDQUOT: { ...DISK, expected: 'room in the quota of its disk' },
  EFBIG: { ...DISK, expected: 'a file that may grow (ulimit -f)' },
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EROFS: { ...RIGHTS, expected: 'a file system that can be written' },
  ENOMEM: { expected: 'more memory', next: 'Close other programs, or use a machine with more memory.' },
  EAGAIN: {
    expected: 'resources for another process',
    next: 'Raise the limit of processes (ulimit -u), or close other programs.',
  },
  E2BIG: {
    expected: 'arguments and environment within the limit of the system for one program',
    next: 'Make the environment smaller, or shorten the campaign.',
  },
  EADDRINUSE: {
    expected: 'an address that is free',
    next: 'Find its process with ss -ltnp, then stop it or choose another address.',
  },
  EADDRNOTAVAIL: {
    expected: 'an address of this machine that is free',
    next: 'List its addresses with ip address.',
  },
  EAFNOSUPPORT: { expected: 'that kind of address on this machine', next: 'Use IPv4, or switch IPv6 on.' },
  ENOENT: {
    expected: 'it to exist',
    next: 'It is missing or was removed meanwhile: restore it, or run gauntlet doctor.',
  },
  ENOTDIR: { ...PLACE, expected: 'a folder at each step of the path' },
  EISDIR: PLACE,
  EEXIST: { ...PLACE, expected: 'a path that does not exist yet' },
  ENOTEMPTY: { ...PLACE, expected: 'an empty folder' },
  ELOOP: { ...PLACE, expected: 'a path without a loop of symbolic links' },
  ENAMETOOLONG: { ...PLACE, expected: 'a shorter path' },
  EXDEV: { ...PLACE, expected: 'both ends on one file system' },
  EBUSY: { expected: 'a file or device that is not in use', next: 'Another process uses it: try again.' },
  ETXTBSY: {
    expected: 'a program that is not being written',
    next: 'Try again when its installation has finished.',
  },
  ENOEXEC: { expected: 'a program for this machine', next: 'gauntlet doctor --fix gets one.' },
  EIO: { expected: 'a working device', next: 'Look at the disk or terminal behind it (dmesg).' },
  ESTALE: {
    expected: 'a reachable network file system',
    next: 'Mount it again, or choose another folder.',
  },
  ENODEV: { expected: 'the device to be present', next: 'Look at the disk behind it.' },
  ECONNREFUSED: PEER,
  ECONNRESET: PEER,
  ECONNABORTED: PEER,
  EPIPE: PEER,
  ETIMEDOUT: PEER,
  EHOSTUNREACH: ROUTE,
  ENETUNREACH: ROUTE,
  EHOSTDOWN: ROUTE,
  ENETDOWN: ROUTE,
  ENOTFOUND: { expected: 'a host of that name', next: 'Check the name and the DNS of this machine.' },
  EAI_AGAIN: { expected: 'an answer of the DNS', next: 'Check the network and the DNS of this machine.' },
};

interface SystemError {
  readonly code: string;
  readonly path?: unknown;
  readonly dest?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly hostname?: unknown;
  readonly syscall?: unknown;
}

/**
 * What is wrong with the environment and how to fix it; undefined when this is not an operating system error.
 */
export function environmentProblem(thrown: unknown): Problem | undefined {
  const error = systemErrorIn(thrown, 0);
  if (!error) return undefined;
  const { expected, next } = ROWS[error.code] as Row;
  const { path, address, hostname, port, syscall } = error;
  const where = [path, address, hostname].find((one) => typeof one === 'string' && one !== '');
  const at = typeof port === 'number' && where === address ? `${where} port ${port}` : where;
  const act = typeof syscall === 'string' ? ` (${syscall})` : '';
  return { subject: String(at ?? 'this machine'), expected, got: `${error.code}${act}`, next };
}

/** Searches causes and the parts of an AggregateError; every part must be an environment error. */
function systemErrorIn(thrown: unknown, depth: number): SystemError | undefined {
  if (typeof thrown !== 'object' || thrown === null || depth > 5) return undefined;
  const { code, info, errors, cause } = thrown as Record<string, unknown>;
  if (typeof code === 'string' && Object.hasOwn(ROWS, code)) return thrown as SystemError;
  // Node wraps some calls (os.homedir) in a SystemError of its own.
  if (code === 'ERR_SYSTEM_ERROR') return systemErrorIn(info, depth + 1);
  if (Array.isArray(errors) && errors.length > 0) {
    const found = errors.map((one) => systemErrorIn(one, depth + 1));
    return found.every((one) => one !== undefined) ? found[0] : undefined;
  }
  return systemErrorIn(cause, depth + 1);
}
