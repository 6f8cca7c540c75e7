/**
 * Trouble of the environment, told apart from defects: one table of the errors of the operating system, with
 * what to do about each. Whatever reaches the end of a command with such a code ends it with 69 (a needed
 * part is not available), never with 70.
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
  next: 'Raise the limit of open files (ulimit -n 65536), or close what holds so many.',
};
const PEER: Row = {
  expected: 'an answer from the other end',
  next: 'Check that it is up and can be reached from here: gauntlet doctor --target.',
};
const ROUTE: Row = { expected: 'a route to that address', next: 'Check network and address.' };
const PLACE: Row = { expected: 'a file or folder of that kind', next: 'Look at the path with ls -ld.' };

/** errno(3). A code that is not here is a defect: nobody has thought about it yet. */
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
  ENOMEM: { expected: 'more memory', next: 'Close something else, or run it on a larger machine.' },
  EAGAIN: {
    expected: 'another process, or more of what is used up for now',
    next: 'Raise the limit of processes (ulimit -u), or close something else.',
  },
  E2BIG: {
    expected: 'arguments and environment that the system takes for one program',
    next: 'Make the environment smaller, or shorten the campaign.',
  },
  EADDRINUSE: {
    expected: 'an address that is free',
    next: 'Find its process with ss -ltnp, and stop it or choose another address.',
  },
  EADDRNOTAVAIL: {
    expected: 'an address of this machine that is free',
    next: 'See which it has with ip address.',
  },
  EAFNOSUPPORT: { expected: 'that kind of address on this machine', next: 'Use IPv4, or switch IPv6 on.' },
  ENOENT: {
    expected: 'it to be there',
    next: 'It is missing or was taken away meanwhile: put it back, or see gauntlet doctor.',
  },
  ENOTDIR: { ...PLACE, expected: 'folders on the whole path' },
  EISDIR: PLACE,
  EEXIST: { ...PLACE, expected: 'nothing to be there yet' },
  ENOTEMPTY: { ...PLACE, expected: 'an empty folder' },
  ELOOP: { ...PLACE, expected: 'a path without a circle of links' },
  ENAMETOOLONG: { ...PLACE, expected: 'a shorter path' },
  EXDEV: { ...PLACE, expected: 'both ends on one file system' },
  EBUSY: { expected: 'it to be free', next: 'Something else uses it now: try again.' },
  ETXTBSY: { expected: 'a program that is not being written', next: 'Try again when it is installed.' },
  ENOEXEC: { expected: 'a program for this machine', next: 'gauntlet doctor --fix gets one.' },
  EIO: { expected: 'a device that works', next: 'Look at the disk or terminal behind it (dmesg).' },
  ESTALE: {
    expected: 'a network file system that is there',
    next: 'Mount it again, or choose another folder.',
  },
  ENODEV: { expected: 'the device behind it', next: 'Look at the disk behind it.' },
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
 * What is wrong with the environment and what to do; undefined when this is no error of the operating system.
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

/**
 * Looked for in causes and in the parts of an AggregateError, of which every one must be trouble of the
 * environment.
 */
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
