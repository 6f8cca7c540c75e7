/** Opens a history for one command, and closes it whatever happens. */
import type { HistoryStore } from '../../../run/history/history-store.ts';
import { openHistory } from '../../../run/history/open-history.ts';
import type { CliContext } from '../../terminal/context.ts';
import { untilSignal } from '../../terminal/signals.ts';

export async function withHistory<Value>(
  cli: CliContext,
  where: string,
  use: (history: HistoryStore) => Promise<Value> | Value,
): Promise<Value> {
  const progress = (text: string): void => cli.note(text);
  const { signal } = untilSignal(progress);
  const history = await openHistory(where, { places: cli.places, env: cli.env, signal, progress });
  try {
    return await use(history);
  } finally {
    await history.close();
  }
}
