/**
 * What a probe does with one connection, and how a failure is called. A protocol supplies a dialler; held and fresh are the
 * same for all of them (connection-probe.ts).
 */
import { messageOf } from '../../core/errors.ts';
import { ForeignBytes } from '../../system/foreign-bytes.ts';

/** One connection to a dependency. */
export interface Line {
  /** Asks the cheapest true question of the protocol. Rejects with what went wrong; ServerWord for the server's own no. */
  ask(): Promise<void>;
  /** True when it cannot be asked any more and a new one is needed. */
  readonly closed: boolean;
  close(): void;
}

export interface Dialler {
  /** @param deadlineMs after which the attempt is given up and cleaned up. */
  dial(deadlineMs: number): Promise<Line>;
}

/** The server answered, and the answer was no. */
export class ServerWord extends Error {}

/** `refused`, `reset`, `stalled`, `not a Kafka answer` and the like, or the server's own word. */
export function outcomeOf(thrown: unknown): string {
  if (thrown instanceof ServerWord || thrown instanceof ForeignBytes) return thrown.message;
  const code = (thrown as NodeJS.ErrnoException).code;
  const text = `${typeof code === 'string' ? code : ''} ${messageOf(thrown)}`;
  if (/ECONNREFUSED/.test(text)) return 'refused';
  if (/ECONNRESET|EPIPE|closed|hang up|dropped|RST/i.test(text)) return 'reset';
  if (/no answer in|no connection in|ETIMEDOUT|deadline/i.test(text)) return 'stalled';
  return messageOf(thrown).slice(0, 80);
}
