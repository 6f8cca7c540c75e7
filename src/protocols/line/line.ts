/**
 * One connection to a dependency with its question, and the names of its failures. A protocol supplies a
 * dialler; held and fresh are the same for all of them.
 */
import { messageOf } from '../../core/errors.ts';
import { ForeignBytes } from '../../system/foreign-bytes.ts';
import { tlsWords } from '../../system/tls/tls-words.ts';

/** One connection to a dependency. */
export interface Line {
  /**
   * Asks the cheapest meaningful question of the protocol. Rejects with the failure; ServerWord for the
   * server's own error.
   */
  ask(): Promise<void>;
  /** True when it is no longer usable and a new one is needed. */
  readonly closed: boolean;
  close(): void;
}

export interface Dialler {
  /** @param deadlineMs after which the attempt is cancelled and cleaned up. */
  dial(deadlineMs: number): Promise<Line>;
}

/** The server answered, and not well. The message is its word for a probe; `got` is the answer, for people. */
export class ServerWord extends Error {
  readonly got: string;
  /** What to do about it. */
  readonly next: string | undefined;

  constructor(word: string, got = word, next?: string) {
    super(word);
    this.got = got;
    this.next = next;
  }
}

/** `refused`, `reset`, `stalled`, `not a Kafka answer` and similar, or the server's own word. */
export function outcomeOf(thrown: unknown): string {
  if (thrown instanceof ServerWord || thrown instanceof ForeignBytes) return thrown.message;
  const failed = tlsWords(thrown)?.text ?? /^TLS failed: .*/.exec(messageOf(thrown))?.[0];
  if (failed !== undefined) return failed.slice(0, 80);
  const code = (thrown as NodeJS.ErrnoException).code;
  const text = `${typeof code === 'string' ? code : ''} ${messageOf(thrown)}`;
  if (/ECONNREFUSED/.test(text)) return 'refused';
  if (/ECONNRESET|EPIPE|closed|hang up|dropped|RST/i.test(text)) return 'reset';
  if (/no answer in|no connection in|ETIMEDOUT|deadline/i.test(text)) return 'stalled';
  return messageOf(thrown).slice(0, 80);
}
