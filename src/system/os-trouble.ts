/** Errors of the operating system that mean that this machine has run out of something: not a defect, and there is something to do. */
const TROUBLES: Readonly<Record<string, string>> = {
  EMFILE: 'This process has no file left to open. Raise the limit first: ulimit -n 65536.',
  ENFILE: 'This machine has no file left to open. Close programs, or raise fs.file-max.',
  ENOSPC: 'The disk is full. Make room where the run is written.',
  EDQUOT: 'The disk quota is used up. Make room where the run is written.',
  EROFS: 'The disk cannot be written. Choose another place with --out.',
  EIO: 'The disk or the terminal cannot be read or written.',
  ENOMEM: 'This machine has no memory left. Close programs, or lower the rate.',
  EAGAIN: 'This user has no process or thread left to start. Close programs, or raise ulimit -u.',
};

/** What to do about an error, or undefined when it is no such trouble. Causes are looked at too. */
export function osTrouble(error: unknown): string | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as NodeJS.ErrnoException;
    const next = code === undefined ? undefined : TROUBLES[code];
    if (next !== undefined) return `${one.message}. ${next}`;
    if (one instanceof AggregateError) {
      const found = one.errors.map(osTrouble).find((text) => text !== undefined);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
