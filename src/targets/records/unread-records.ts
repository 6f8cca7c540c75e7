/** Records that may hold an id and could not be read: how many, where, and why. */
import type { Unread } from './carried-id.ts';

export class UnreadRecords {
  readonly #found = new Map<string, { readonly topic: string; readonly why: string; count: number }>();

  /** Of one topic and schema the first reason stands for all. */
  add(topic: string, { schema, why }: Unread): void {
    const key = `${schema} ${topic}`;
    const known = this.#found.get(key);
    if (known) known.count += 1;
    else this.#found.set(key, { topic, why: `schema ${schema}: ${why}`, count: 1 });
  }

  words(): readonly string[] {
    return [...this.#found.values()].map(
      ({ topic, why, count }) =>
        `${count === 1 ? '1 record' : `${count} records`} in ${topic} could not be read, ${why}`,
    );
  }
}
