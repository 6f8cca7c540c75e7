/** One question to one broker, on a connection of its own, and the words where no broker answers. */
import { GauntletError, messageOf, type Problem } from '../../core/errors.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import { KafkaConnection } from '../../protocols/kafka/connection.ts';
import type { Request } from '../../protocols/kafka/requests.ts';
import { closedWithout } from '../../protocols/kafka/wants-login.ts';
import type { WireReader } from '../../protocols/kafka/wire.ts';
import { ServerWord } from '../../protocols/line/line.ts';

/** A broker answers from its own state within a few ms; one that needs longer is cut off or overloaded. */
const DEADLINE_MS = 1000;
/** Metadata of all topics: about 50 bytes a partition, so that a cluster of 300,000 partitions still fits. */
const MOST_BYTES = 16 * 1024 * 1024;

export async function ask<T>(
  { client, access }: Pick<KafkaEndpoint, 'client' | 'access'>,
  request: Request,
  read: (answer: WireReader) => T,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const options = { clientId: 'gauntlet', mostBytes: MOST_BYTES, access };
  const connection = await KafkaConnection.open(client, deadlineMs, options);
  const late = (): void => connection.close(new Error(`no answer in ${deadlineMs} ms`));
  const timer = setTimeout(late, deadlineMs);
  try {
    return read(await connection.request(request));
  } catch (error) {
    throw await closedWithout(error, client, access);
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}

export function unavailable(
  what: string,
  brokers: readonly KafkaEndpoint[],
  answers: readonly PromiseSettledResult<unknown>[],
): GauntletError {
  const problems = answers.map(
    (answer, index): Problem => ({
      subject: `kafka-${brokers[index]?.id}`,
      expected: `an answer to ${what}`,
      ...whyNot(answer),
    }),
  );
  return new GauntletError('unavailable', problems);
}

/** A refused login is said with its fix. */
function whyNot(answer: PromiseSettledResult<unknown>): { readonly got: string; readonly next?: string } {
  if (answer.status === 'fulfilled') return { got: 'an answer without a broker' };
  const { reason } = answer;
  if (!(reason instanceof ServerWord)) return { got: messageOf(reason) };
  return { got: reason.got, ...(reason.next !== undefined && { next: reason.next }) };
}
