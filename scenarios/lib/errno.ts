/** The operating system error in a Go error text, for HTTP and gRPC alike: `errno-24`. */

/**
 * Texts of syscall.Errno that may occur inside another error (a name lookup, a dial of gRPC), where k6 gives
 * no number.
 */
const TEXTS: Readonly<Record<string, number>> = {
  'too many open files in system': 23,
  'too many open files': 24,
  'cannot assign requested address': 99,
  'no buffer space available': 105,
  'cannot allocate memory': 12,
  'operation not permitted': 1,
  'permission denied': 13,
  'address already in use': 98,
  'network is unreachable': 101,
  'no route to host': 113,
};

export function errnoIn(error: string): string | null {
  const number = /unknown errno `?(\d+)/.exec(error)?.[1];
  if (number !== undefined) return `errno-${number}`;
  for (const [text, errno] of Object.entries(TEXTS)) if (error.includes(text)) return `errno-${errno}`;
  return null;
}
