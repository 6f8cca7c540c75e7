/**
 * The cause of an outcome, as data: ours (the request died on the generator's machine, or because of how we
 * sent it), the network's or the system's. An outcome of ours makes a run INVALID; the other two are
 * failures, because a user would see them as such. Source: k6 2.2, lib/netext/httpext/error_codes.go (codes
 * 1000 to 1701) and errno(3) of Linux; scenarios/gauntlet.ts defines the words.
 */
export type Side = 'ours' | 'network' | 'system';

export interface OutcomeMeaning {
  readonly side: Side;
  readonly means: string;
  /** What to do, for outcomes of ours. */
  readonly next?: string;
  /** What happened to the requests, where they did not just fail on this machine. */
  readonly happened?: string;
}

/** A request on a reused idle connection that turned out to be closed: it is no evidence about the system. */
export const STALE = 'stale-connection';

const ours = (means: string, next: string): OutcomeMeaning => ({ side: 'ours', means, next });
const network = (means: string): OutcomeMeaning => ({ side: 'network', means });
const system = (means: string): OutcomeMeaning => ({ side: 'system', means });

const RESOLVER = 'Check the name server of this machine, or write an IP address into the target file.';
const FILES = 'Raise the limit before the run (ulimit -n 65536), or lower the rate or the timeout.';
const PORTS =
  'Widen net.ipv4.ip_local_port_range, or find out why the target closes its connections: each new one takes a port for 60 s.';
const MEMORY = 'Lower the rate or the timeout, or run the load on a machine with more memory.';
const RIGHTS = 'A firewall or sandbox of this machine forbids it: allow the connection, or run elsewhere.';
const TRUST =
  'Let this machine trust the issuer of the certificate, or correct the address in the target file.';
const REPORT = 'The log of k6 (k6/*.stderr in the run folder) has the script and line.';

/** Words, and `error-<code>` for k6 codes that have none. */
const MEANINGS: Readonly<Record<string, OutcomeMeaning>> = {
  'script-error': ours('an exception in the scenario', REPORT),
  'invalid-url': ours('k6 1020: a URL that cannot be parsed', 'Correct the address in the target file.'),
  'invalid-header': ours(
    'a header value that HTTP does not allow',
    'Correct the token: no line breaks, no control characters.',
  ),
  'token-refused': {
    ...ours(
      'HTTP 401, or UNAUTHENTICATED of gRPC',
      'Check that the token is for this target and has not been revoked, and what its client may do.',
    ),
    happened: "requests were refused with the run's own token, which is no failure of the target",
  },
  'token-expired': {
    ...ours('nothing was sent', 'Check the token endpoint: it did not renew the token in time.'),
    happened: "requests had no valid token, since the run's own one had expired",
  },
  'no-such-host': ours('k6 1101: the name of the target is not known to this machine', RESOLVER),
  'error-1100': ours('k6 1100: a name could not be looked up', RESOLVER),
  'error-1110': ours(
    'k6 1110: the address is on a block list of k6',
    'Remove blacklistIPs from the scenario.',
  ),
  'error-1111': ours(
    'k6 1111: the name is on a block list of k6',
    'Remove blockHostnames from the scenario.',
  ),
  'error-1310': ours('k6 1310: this machine does not trust the issuer of the certificate', TRUST),
  'error-1311': ours('k6 1311: the certificate is for another name', TRUST),
  'error-1301': ours('k6 1301: the address does not speak TLS', 'Correct the address in the target file.'),
  'error-1010': network('k6 1010: a network error other than TCP'),
  'error-1200': network('k6 1200: a TCP error that k6 does not know'),
  'error-1202': network('k6 1202: a TCP error that k6 does not know'),
  'dial-failed': network('k6 1210: no connection'),
  'dial-timeout': network('k6 1211: no connection within the time limit'),
  'connect-failed': network('no gRPC connection'),
  'error-1000': system('k6 1000: an answer that is cut off or is not HTTP'),
  'error-1300': system('k6 1300: the TLS handshake failed'),
  'error-1701': system('k6 1701: a body that cannot be decompressed'),
  'broken-pipe': system('k6 1201: the connection was closed while the request was sent'),
  closed: system('k6 1000, EOF: the connection was closed without an answer'),
  refused: system('k6 1212: nothing listens there'),
  reset: system('k6 1220: the connection was reset'),
  timeout: system('k6 1050: no answer within the time limit'),
};

/** Linux, x86 and ARM alike (asm-generic/errno.h). */
const ERRNOS: Readonly<Record<number, OutcomeMeaning>> = {
  1: ours('EPERM: this machine does not permit the connection', RIGHTS),
  11: ours('EAGAIN: no resources for another connection', PORTS),
  12: ours('ENOMEM: no memory for another connection', MEMORY),
  13: ours('EACCES: this machine does not permit the connection', RIGHTS),
  22: ours('EINVAL: an address that cannot be dialled', 'Correct the address in the target file.'),
  23: ours(
    'ENFILE: this machine has reached its limit of open files',
    'Raise fs.file-max, or lower the rate or the timeout.',
  ),
  24: ours('EMFILE: k6 has reached its limit of open files', FILES),
  97: ours(
    'EAFNOSUPPORT: this machine does not support that kind of address',
    'Use an IPv4 address, or turn IPv6 on.',
  ),
  98: ours('EADDRINUSE: this machine has no local port left', PORTS),
  99: ours('EADDRNOTAVAIL: this machine has no local port left', PORTS),
  105: ours('ENOBUFS: no buffers for another connection', MEMORY),
  100: network('ENETDOWN: the network is down'),
  101: network('ENETUNREACH: no route to the network'),
  104: system('ECONNRESET: the connection was reset'),
  110: network('ETIMEDOUT: no answer of the host'),
  111: system('ECONNREFUSED: nothing listens there'),
  112: network('EHOSTDOWN: the host is down'),
  113: network('EHOSTUNREACH: no route to the host'),
};

/**
 * @param word an outcome, as scripts report it; the step of a journey that failed may stand before it:
 * `read-reset`.
 */
export function meaningOf(word: string): OutcomeMeaning {
  for (let plain = word; ; plain = plain.slice(plain.indexOf('-') + 1)) {
    const known = knownWord(plain);
    if (known !== undefined) return known;
    if (!plain.includes('-')) return system(word);
  }
}

function knownWord(plain: string): OutcomeMeaning | undefined {
  const errno = /^errno-(\d+)$/.exec(plain)?.[1];
  if (errno !== undefined) return ERRNOS[Number(errno)] ?? network(`error ${errno} of the operating system`);
  return MEANINGS[plain] ?? byRange(plain);
}

/** 1600 to 1669 are the HTTP/2 codes of the peer; statuses, bodies and gRPC codes are answers. */
function byRange(word: string): OutcomeMeaning | undefined {
  const code = Number(/^error-(1\d{3})$/.exec(word)?.[1] ?? Number.NaN);
  if (code >= 1600 && code < 1700)
    return system(`k6 ${code}: the HTTP/2 peer ended the request or the connection`);
  return code >= 1300 && code < 1400 ? system(`k6 ${code}: TLS`) : undefined;
}
