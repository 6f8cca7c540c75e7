/** The flags of `gauntlet push` over the `publish:` block of a campaign. */
import { didYouMean } from '../core/did-you-mean.ts';
import { type Problem, show, throwInFileOrder } from '../core/errors.ts';
import {
  MESSAGE_FORMATS,
  type MessageFormat,
  RECEIVER_KINDS,
  type ReceiverKind,
  type Receivers,
  type SecretRef,
  type UrlRef,
} from '../core/receivers.ts';
import { secretRef, urlRef } from './words/reference.ts';
import type { Word } from './words/word.ts';

/** As they were typed. */
export interface PushFlags {
  /** With commas. Absent: every receiver of the block. */
  readonly to?: string;
  readonly url?: string;
  readonly token?: string;
  readonly dashboard?: string;
  readonly format?: string;
  readonly insecure?: boolean;
}

/** Which receiver each flag is for; the others are for each. */
const ONLY: Readonly<Record<string, ReceiverKind>> = { dashboard: 'grafana', format: 'webhook' };

/** @param block of the campaign; empty where none was given. @throws usage with everything that is wrong. */
export function receiversWithFlags(block: Receivers, flags: PushFlags): Receivers {
  const problems: Problem[] = [];
  const kinds = flags.to === undefined ? written(block, flags, problems) : kindsOf(flags.to, problems);
  refuseForOthers(kinds, flags, problems);
  const { dashboard, insecure } = flags;
  const token = read('token', flags.token, secretRef, problems);
  const format = formatOf(flags.format, problems);
  const found: { -readonly [Kind in ReceiverKind]?: object } = {};
  for (const kind of kinds) {
    const word: Word<SecretRef> | Word<UrlRef> = kind === 'webhook' ? secretRef : urlRef;
    const url = read<SecretRef | UrlRef>('url', flags.url, word as Word<SecretRef | UrlRef>, problems);
    const own = block[kind] ?? DEFAULTS[kind];
    const merged = {
      ...own,
      ...(url !== undefined && { url }),
      ...(token !== undefined && { token }),
      ...(dashboard !== undefined && { dashboard }),
      ...(format !== undefined && { format }),
      ...(insecure === true && { insecure }),
    };
    const isMissing = (key: 'url' | 'token'): boolean => !(key in merged) && flags[key] === undefined;
    if (isMissing('url')) problems.push(missing(kind, 'url'));
    if (kind === 'grafana' && isMissing('token')) problems.push(missing(kind, 'token'));
    found[kind] = merged;
  }
  throwInFileOrder(problems);
  return found as Receivers;
}

const DEFAULTS: Readonly<Record<ReceiverKind, object>> = {
  pushgateway: { token: null, insecure: false },
  grafana: { dashboard: null, insecure: false },
  webhook: { token: null, insecure: false, format: 'json' },
};

function kindsOf(text: string, problems: Problem[]): readonly ReceiverKind[] {
  const kinds = text.split(',').map((one) => one.trim());
  const unknown = kinds.filter((one) => !RECEIVER_KINDS.some((kind) => kind === one));
  for (const one of unknown)
    problems.push({
      ...{ subject: '--to', expected: `one of ${RECEIVER_KINDS.join(', ')}`, got: show(one) },
      ...didYouMean(one, RECEIVER_KINDS),
    });
  return RECEIVER_KINDS.filter((kind) => kinds.includes(kind));
}

function written(block: Receivers, flags: PushFlags, problems: Problem[]): readonly ReceiverKind[] {
  const kinds = RECEIVER_KINDS.filter((kind) => block[kind] !== undefined);
  const needsOne = (['url', 'token'] as const).filter((flag) => flags[flag] !== undefined);
  if (kinds.length === 0 || needsOne.length > 0)
    problems.push({
      subject: '--to',
      expected: `the receiver: ${RECEIVER_KINDS.join(', ')}`,
      got: 'none',
      next:
        needsOne.length > 0
          ? `--${needsOne[0]} is of one receiver: say which.`
          : 'Add --to and --url, or name a campaign with a publish block: --campaign.',
    });
  return needsOne.length > 0 ? [] : kinds;
}

/** A flag that is ignored would look as if it had worked. */
function refuseForOthers(kinds: readonly ReceiverKind[], flags: PushFlags, problems: Problem[]): void {
  for (const [flag, kind] of Object.entries(ONLY)) {
    if (flags[flag as 'dashboard' | 'format'] === undefined || kinds.includes(kind)) continue;
    problems.push({
      subject: `--${flag}`,
      expected: `--to ${kind} with it`,
      got: kinds.join(', ') || 'none',
    });
  }
  if (kinds.length < 2 || flags.to === undefined) return;
  for (const flag of (['url', 'token'] as const).filter((one) => flags[one] !== undefined))
    problems.push({ subject: `--${flag}`, expected: 'one receiver in --to', got: kinds.join(', ') });
}

/** What is wrong may be a secret, and is not repeated. */
function read<Value>(
  flag: string,
  text: string | undefined,
  word: Word<Value>,
  problems: Problem[],
): Value | undefined {
  if (text === undefined) return undefined;
  const parsed = word.safeParse(text);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues as readonly { message: string; params?: { next?: string } }[];
  const next = issue?.params?.next?.replace(' here.', ' instead.');
  const problem = { subject: `--${flag}`, expected: issue?.message ?? '', got: 'something else' };
  problems.push({ ...problem, ...(next !== undefined && { next }) });
  return undefined;
}

function formatOf(text: string | undefined, problems: Problem[]): MessageFormat | undefined {
  const format = MESSAGE_FORMATS.find((one) => one === text);
  if (text !== undefined && format === undefined)
    problems.push({
      ...{ subject: '--format', expected: `one of ${MESSAGE_FORMATS.join(', ')}`, got: show(text) },
      ...didYouMean(text, MESSAGE_FORMATS),
    });
  return format;
}

const missing = (kind: ReceiverKind, flag: 'url' | 'token'): Problem => ({
  subject: `--to ${kind}`,
  expected: `its ${flag === 'url' ? 'URL' : 'token'}`,
  got: 'none',
  next: `Add --${flag} ${flag === 'token' ? 'env:GRAFANA_TOKEN' : kind === 'webhook' ? 'env:WEBHOOK_URL' : `env:${kind.toUpperCase()}_URL`}, or name a campaign whose publish block has it: --campaign.`,
});
