/** A history over its files. Files are never changed, so each is parsed once. */
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, type Problem, usageError } from '../../core/errors.ts';
import type { HistoryOf, Pin, ToldChange } from '../../core/history.ts';
import type { Night } from '../../core/night.ts';
import { QUARANTINE_SCHEMA, type QuarantineEntry } from '../../core/quarantine.ts';
import { redactAll } from '../../core/secrets.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import type { HistoryFiles } from './files.ts';
import { indexOf } from './history-index.ts';
import type { HistoryFilter, HistoryStore } from './history-store.ts';
import { nightIdOf } from './night-id.ts';
import { INDEX, ofNight, partAt } from './paths.ts';
import {
  type EntryOf,
  FORMS,
  foreignPart,
  type ParsedPart,
  parsePart,
  type RecordKind,
} from './read-parts.ts';

interface Read {
  readonly problems: readonly Problem[];
  readonly records: { readonly [Kind in RecordKind]: readonly EntryOf[Kind][] };
}

export class RecordsStore implements HistoryStore {
  readonly where: string;
  readonly #files: HistoryFiles;
  readonly #parsed = new Map<string, ParsedPart>();

  constructor(files: HistoryFiles) {
    this.where = files.where;
    this.#files = files;
  }

  nights(of: HistoryFilter = {}): readonly Night[] {
    return this.#whole()
      .night.filter((night) => isIn(ofNight(night), of))
      .sort((a, b) => compare(a.startedAt, b.startedAt) || compare(a.id, b.id));
  }

  add(night: Night): 'added' | 'already-there' {
    const wrong = shapeProblem(FORMS.night.shape, night);
    if (wrong !== null || night.id !== nightIdOf(night)) {
      const got = wrong?.text ?? `${night.id} for content with the id ${nightIdOf(night)}`;
      throw new GauntletError('defect', [{ subject: 'night', expected: 'a record with its own id', got }]);
    }
    // A damaged record elsewhere is no reason to lose this one.
    const same = this.#read().records.night.find((one) => one.run === night.run);
    if (same?.id === night.id) return 'already-there';
    if (same !== undefined) throw otherRecord(this.where, same, night);
    this.#write('night', night);
    return 'added';
  }

  pins(of: HistoryFilter = {}): readonly Pin[] {
    const keyOf = (pin: Pin): string => `${pin.at} ${pin.night ?? ''}`;
    return this.#of('pins', of).sort((a, b) => compare(keyOf(a), keyOf(b)));
  }

  pinned(of: HistoryOf): string | null {
    return this.pins(of).at(-1)?.night ?? null;
  }

  pin(pin: Omit<Pin, 'schema'>): void {
    const { campaign, environment, night } = pin;
    const known = this.nights({ campaign, environment }).map((one) => one.id);
    if (night !== null && !known.includes(night))
      throw usageError({
        ...{ subject: 'pin', expected: `a night of ${campaign} in environment ${environment}`, got: night },
        ...didYouMean(night, known),
      });
    this.#write('pins', { schema: 'gauntlet.pin/1', ...pin });
  }

  told(of: HistoryFilter = {}): readonly ToldChange[] {
    return this.#of('told', of);
  }

  tell(changes: readonly Omit<ToldChange, 'schema'>[]): void {
    for (const one of changes) this.#write('told', { schema: 'gauntlet.told/1', ...one });
  }

  quarantine(of: HistoryFilter = {}): readonly QuarantineEntry[] {
    const latest = new Map<string, QuarantineEntry>();
    for (const one of this.#of('quarantine', of)) {
      const key = JSON.stringify([one.campaign, one.environment, one.fault, one.sli, one.since]);
      const other = latest.get(key);
      // Lifted is later; of two that were lifted at once, the first counts.
      if (other === undefined || liftedAt(one) < liftedAt(other)) latest.set(key, one);
    }
    return [...latest.values()].sort((a, b) => compare(a.since, b.since));
  }

  putQuarantine(entry: QuarantineEntry): void {
    this.#write('quarantine', { ...entry, schema: QUARANTINE_SCHEMA });
  }

  problems(): readonly Problem[] {
    return this.#read().problems;
  }

  index(): 'fresh' | 'stale' | 'missing' | 'none' {
    if (this.#files.derive === undefined) return 'none';
    if (!this.#files.list().includes(INDEX)) return 'missing';
    return this.#files.read(INDEX) === indexOf(this.nights()) ? 'fresh' : 'stale';
  }

  async publish(): Promise<void> {
    await this.#files.publish();
    // Of a damaged history there is no index: it would be a list with holes.
    if (this.problems().length === 0) this.#files.derive?.(INDEX, indexOf(this.nights()));
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  #of<Kind extends Exclude<RecordKind, 'night'>>(kind: Kind, of: HistoryFilter): EntryOf[Kind][] {
    return this.#whole()[kind].filter((one) => isIn(one, of));
  }

  #write<Kind extends RecordKind>(kind: Kind, record: EntryOf[Kind]): void {
    const text = `${JSON.stringify(kind === 'night' ? record : redactAll(record), null, 2)}\n`;
    // What is hashed is what a reader gets back.
    const kept = JSON.parse(text) as EntryOf[Kind];
    const wrong = shapeProblem(FORMS[kind].shape, kept);
    if (wrong !== null)
      throw new GauntletError('defect', [{ subject: kind, expected: FORMS[kind].what, got: wrong.text }]);
    this.#files.write(FORMS[kind].place(kept as never), text);
  }

  #whole(): Read['records'] {
    const { problems, records } = this.#read();
    if (problems.length > 0) throw usageError(...problems);
    return records;
  }

  #read(): Read {
    const problems: Problem[] = [];
    const records: { [Kind in RecordKind]: EntryOf[Kind][] } = {
      night: [],
      pins: [],
      told: [],
      quarantine: [],
    };
    for (const path of this.#files.list()) {
      const part = partAt(path);
      if (part.kind === 'marker' || part.kind === 'index' || part.kind === 'ignored') continue;
      const subject = `${this.where}/${path}`;
      if (part.kind === 'foreign') {
        problems.push(foreignPart(subject));
        continue;
      }
      const { kind } = part;
      const parsed = this.#parsed.get(path) ?? parsePart({ kind, path }, subject, this.#files.read(path));
      this.#parsed.set(path, parsed);
      if ('problem' in parsed) problems.push(parsed.problem);
      else (records[kind] as unknown[]).push(parsed.record);
    }
    problems.push(...twice(this.where, records.night));
    return { problems, records };
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const isIn = (one: HistoryOf, { campaign, environment }: HistoryFilter): boolean =>
  (campaign === undefined || one.campaign === campaign) &&
  (environment === undefined || one.environment === environment);

const liftedAt = ({ lifted }: QuarantineEntry): string => lifted?.at ?? '~';

function otherRecord(where: string, there: Night, given: Night): GauntletError {
  return usageError({
    subject: `${where}: run ${given.run}`,
    expected: `the record that is there already, ${there.id}`,
    got: `${given.id}`,
    next: 'A run is one night: compare the two, and delete the wrong one by hand.',
  });
}

/** Two writers can add different records of one run at the same instant. */
function twice(where: string, nights: readonly Night[]): readonly Problem[] {
  const byRun = new Map<string, Night[]>();
  for (const night of nights) byRun.set(night.run, [...(byRun.get(night.run) ?? []), night]);
  return [...byRun.values()]
    .filter((same) => same.length > 1)
    .map((same) => ({
      subject: `${where}: run ${same[0]?.run ?? ''}`,
      expected: 'one record of a run',
      got: same
        .map((one) => one.id)
        .sort()
        .join(' and '),
      next: 'Compare them, and delete the wrong one by hand.',
    }));
}
