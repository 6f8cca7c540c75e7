/**
 * Where the parts of a history are, relative to its root. Names of campaigns and environments come from files
 * of others: encoded, they are one folder each, on any file system, and no two names share one.
 */
import { createHash } from 'node:crypto';
import type { HistoryOf } from '../../core/history.ts';
import type { Night } from '../../core/night.ts';

export const MARKER = 'gauntlet-history.json';
/** Derived from the nights; may be deleted. */
export const INDEX = 'index.ndjson';

export const ENTRY_KINDS = ['pins', 'told', 'quarantine'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** Most file systems take 255 bytes. */
const MOST_CHARACTERS = 100;

/**
 * Lower-case letters, digits, `_` and inner dashes stay; each other byte (UTF-8) becomes `~xx`. A long name
 * keeps its beginning, followed by `~~` and a hash of the whole.
 */
export function folderName(name: string): string {
  const signs = [...Buffer.from(name, 'utf8')].map((byte, index) => {
    const sign = String.fromCharCode(byte);
    const stays = /[a-z0-9_]/.test(sign) || (sign === '-' && index > 0);
    return stays ? sign : `~${byte.toString(16).padStart(2, '0')}`;
  });
  const encoded = signs.join('');
  if (encoded.length > MOST_CHARACTERS) {
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 24);
    return `${encoded.slice(0, MOST_CHARACTERS - 30).replace(/~.?$/, '')}~~${hash}`;
  }
  return encoded === '' ? '~' : encoded;
}

export const folderOf = ({ campaign, environment }: HistoryOf): string =>
  `${folderName(campaign)}/${folderName(environment)}`;

export const ofNight = ({ campaign, environment }: Night): HistoryOf => ({
  campaign,
  environment: environment.key,
});

/** `<campaign>/<environment key>/<yyyy>/<mm>/<night id>.json`: year and month of its start, UTC. */
export const nightPath = (night: Night): string =>
  `${folderOf(ofNight(night))}/${night.startedAt.slice(0, 4)}/${night.startedAt.slice(5, 7)}/${night.id}.json`;

/** `<campaign>/<environment key>/pins/<hash of its content>.json`. */
export const entryPath = (of: HistoryOf, kind: EntryKind, hash: string): string =>
  `${folderOf(of)}/${kind}/${hash}.json`;

export type Part =
  | { readonly kind: 'night' | EntryKind; readonly path: string }
  | { readonly kind: 'marker' | 'index' | 'ignored' | 'foreign'; readonly path: string };

const NIGHT_PLACE = /^[^/]+\/[^/]+\/\d{4}\/\d{2}\/[^/]+\.json$/;
const ENTRY_PLACE = new RegExp(`^[^/]+/[^/]+/(${ENTRY_KINDS.join('|')})/[^/]+\\.json$`);
/** A writer that was killed leaves it (durable-file.ts). */
const UNFINISHED = /\.(json|ndjson)\.[0-9a-f-]+\.tmp$/;

/** What a file of a history is, by its place alone. */
export function partAt(path: string): Part {
  const entry = ENTRY_PLACE.exec(path)?.[1] as EntryKind | undefined;
  if (entry !== undefined) return { kind: entry, path };
  if (NIGHT_PLACE.test(path)) return { kind: 'night', path };
  if (path === MARKER) return { kind: 'marker', path };
  if (path === INDEX) return { kind: 'index', path };
  return { kind: isIgnored(path) ? 'ignored' : 'foreign', path };
}

/** What people and systems put into any folder: hidden files, a README, the lost and found of a disk. */
export const isIgnored = (path: string): boolean =>
  path.split('/').some((name) => name.startsWith('.')) ||
  path === 'README.md' ||
  path.startsWith('lost+found') ||
  UNFINISHED.test(path);
