/** The brokers of one Kafka as services of their own, as they are called everywhere: `kafka-1`, `kafka-2`. */
import type { Problem } from '../../core/errors.ts';

export interface BrokerServices<Service> {
  /** By the name of the broker. */
  readonly services: Readonly<Record<string, Service>>;
  readonly problems: readonly Problem[];
}

export const brokerKey = (kafka: string, id: number): string => `${kafka}-${id}`;

/** In a command, or the path of a file. */
const WORD = '{broker}';

/** What starts one broker again, in the words for all of them. */
export const restartOfBroker = <Restart extends 'supervisor' | { readonly command: string } | null>(
  restart: Restart,
  id: number,
): Restart =>
  typeof restart === 'object' && restart !== null
    ? { ...restart, command: ofBroker(restart.command, id) }
    : restart;

export const ofBroker = (text: string, id: number): string => text.replaceAll(WORD, String(id));
