/**
 * Rewrites a target file without `schema` to today's form: addresses and pods move to `services`. Everything
 * else keeps its bytes, and each comment stays; the result is proven to read as the same target.
 */
import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isScalar, Lexer, type Node, type Pair, parseDocument, YAMLMap } from 'yaml';
import { messageOf, usageError } from '../core/errors.ts';
import type { System } from '../core/system.ts';
import { type FindSystem, parseTarget, type TargetFile } from './read-target.ts';
import { TARGET_SCHEMA } from './target.ts';
import { olderParts, writtenAddresses } from './target-services.ts';

export interface Migrated {
  readonly text: string;
  /** What the system says of a file with a schema, and did not of an older one. */
  readonly adds: readonly string[];
}

/**
 * @returns the text itself when nothing is to be done.
 * @throws usage when the file is wrong, or cannot be kept whole.
 */
export function migrateTarget(file: string, text: string, findSystem: FindSystem): Migrated {
  const before = parseTarget(file, text, findSystem);
  const document = parseDocument(text);
  const root = document.contents;
  if (!isMap(root) || root.has('schema')) return { text, adds: [] };
  try {
    const rewritten = rewrite(text, root as Tree, before.system);
    const adds = added(before, parseTarget(file, rewritten, findSystem));
    for (const comment of lost(text, rewritten)) throw new Error(`the comment ${comment} would be lost`);
    return { text: rewritten, adds };
  } catch (error) {
    throw usageError({
      subject: file,
      expected: 'a file that can be rewritten without loss',
      got: messageOf(error).replace(/\.$/, ''),
      next: `Write schema: ${TARGET_SCHEMA} and services: { NAME: { address: … } } by hand.`,
    });
  }
}

type Tree = YAMLMap<Node, Node>;
type Block = Pair<Node, Node>;

/** A part of a text, and what stands there instead. */
interface Cut {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A value that moves to `services.<service>`. */
interface Move {
  readonly service: string;
  readonly as: 'address' | 'find';
  readonly node: Node;
  readonly above: readonly (string | null | undefined)[];
  readonly after: string | null | undefined;
}

function rewrite(text: string, root: Tree, system: System): string {
  const items = root.items as Block[];
  const older = Object.keys(olderParts(system));
  const blocks = items.filter(({ key }) => older.includes(nameOf(key)));
  const kubernetes = items.find(({ key }) => nameOf(key) === 'kubernetes')?.value;
  const pods = isMap(kubernetes) ? (kubernetes as Tree) : undefined;
  const moves = [...addressMoves(root, blocks, system), ...podMoves(pods)];
  const services = servicesText(moves);
  const end = closed(text).length;
  const cuts: readonly Cut[] = [
    ...blocks.map((one, index) => ({
      from: index === 0 ? startOf(one) : withComments(text, startOf(one)),
      to: endOf(text, one),
      text: index === 0 ? services : '',
    })),
    ...podCuts(text, pods),
    ...(blocks.length === 0 && services !== '' ? [{ from: end, to: end, text: services }] : []),
    ...headOf(text, items, root.has('system') ? null : system.name),
  ];
  return [...cuts]
    .sort((a, b) => b.from - a.from || b.to - a.to)
    .reduce((whole, cut) => `${whole.slice(0, cut.from)}${cut.text}${whole.slice(cut.to)}`, closed(text));
}

/** @param system null: the file names it. */
function headOf(text: string, items: readonly Block[], system: string | null): readonly Cut[] {
  const first = items[0] === undefined ? 0 : startOf(items[0]);
  const named = items.find(({ key }) => nameOf(key) === 'name');
  const end = named === undefined ? first : endOf(text, named);
  const schema = { from: first, to: first, text: `schema: ${TARGET_SCHEMA}\n` };
  return system === null ? [schema] : [schema, { from: end, to: end, text: `system: ${system}\n` }];
}

const closed = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
const nameOf = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));
const startOf = ({ key }: Block): number => key.range?.[0] ?? 0;

/** The end of the line of its last value; what follows, comments of its block too, stays where it is. */
function endOf(text: string, { key, value }: Block): number {
  const last = isMap(value) && value.flow !== true ? (value.items.at(-1) as Block | undefined) : undefined;
  if (last !== undefined) return endOf(text, last);
  const end = (value ?? key).range?.[1] ?? 0;
  if (text[end - 1] === '\n') return end;
  const line = text.indexOf('\n', end);
  return line < 0 ? text.length + 1 : line + 1;
}

/** From the first of the lines of comments right above. */
function withComments(text: string, from: number): number {
  let start = from;
  for (;;) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    if (start === 0 || !/^[ \t]*#/.test(text.slice(above, start))) return start;
    start = above;
  }
}

function addressMoves(root: Tree, blocks: readonly Block[], system: System): readonly Move[] {
  const written = writtenAddresses(root.toJSON() as Record<string, object>, system);
  return blocks.flatMap((block, index) => {
    const inside = isMap(block.value) ? (block.value.items as Block[]) : [];
    return written
      .filter(({ path }) => path[0] === nameOf(block.key))
      .map(({ path, service }, place): Move => {
        const isGroup = path.length === 2 && !['url', 'brokers'].includes(String(path[1]));
        const own = isGroup ? inside.find(({ key }) => nameOf(key) === path[1]) : block;
        const node = root.getIn(path, true) as Node;
        // Those above the first block stay where they are, above `services`.
        const ofBlock = place === 0 ? [index > 0 && block.key.commentBefore, block.value?.commentBefore] : [];
        const above = [...ofBlock, isGroup && own?.key.commentBefore].map((one) => one || null);
        return { service, as: 'address', node, above, after: own?.value?.comment };
      });
  });
}

function podMoves(kubernetes: Tree | undefined): readonly Move[] {
  const services = kubernetes?.get('services', true);
  if (!isMap(services)) return [];
  return (services.items as Block[]).map(({ key, value }, index) => ({
    service: nameOf(key),
    as: 'find',
    node: value as Node,
    above: [index === 0 ? services.commentBefore : null, key.commentBefore],
    after: value?.comment,
  }));
}

function podCuts(text: string, kubernetes: Tree | undefined): readonly Cut[] {
  const pair = (kubernetes?.items as Block[] | undefined)?.find(({ key }) => nameOf(key) === 'services');
  if (kubernetes === undefined || pair === undefined) return [];
  if (kubernetes.flow !== true)
    return [{ from: text.lastIndexOf('\n', startOf(pair)) + 1, to: endOf(text, pair), text: '' }];
  const rest = kubernetes.clone() as Tree;
  rest.delete('services');
  const [from = 0, to = 0] = kubernetes.range ?? [];
  return [{ from, to, text: new Document(rest).toString({ lineWidth: 0 }).trimEnd() }];
}

/** `services:` with the written values themselves, so that their form and comments stay. */
function servicesText(moves: readonly Move[]): string {
  if (moves.length === 0) return '';
  const services = new YAMLMap<unknown, unknown>();
  for (const service of new Set(moves.map((one) => one.service))) {
    const own = moves.filter((one) => one.service === service);
    const name = new Document(service).contents as Node;
    name.commentBefore = joined(own.flatMap((one) => one.above));
    services.set(name, placeFor(own));
  }
  return new Document({ services }).toString({ lineWidth: 0 });
}

function placeFor(moves: readonly Move[]): YAMLMap {
  const found = new YAMLMap<unknown, unknown>();
  for (const { as, node, after } of moves) {
    if (after && node.comment === after) node.comment = null;
    found.set(as, as === 'find' ? new Document({ kubernetes: node }).contents : node);
  }
  found.comment = joined(moves.map((one) => one.after));
  const text = new Document({ found: found.clone() }).toString({ lineWidth: 0 });
  // A comment inside of braces would need lines of its own.
  found.flow = commentsOf(text).length <= (found.comment === null ? 0 : found.comment.split('\n').length);
  return found;
}

const joined = (comments: readonly (string | null | undefined)[]): string | null =>
  comments.filter((one) => one).join('\n') || null;

/**
 * Equal, but that a file with a schema also has the pods and the protection that its system declares.
 * @returns what it has in addition. @throws when anything is lost or changed.
 */
function added(before: TargetFile, after: TargetFile): readonly string[] {
  const [a, b] = [plainOf(before), plainOf(after)];
  const [pods, morePods] = [before.kubernetes?.services ?? {}, after.kubernetes?.services ?? {}];
  const [own, more] = [before.policy.protected, after.policy.protected];
  const changed = [
    ...Object.keys({ ...a, ...b }).filter((key) => !isDeepStrictEqual(a[key], b[key])),
    ...Object.keys(pods).filter((name) => !isDeepStrictEqual(pods[name], morePods[name])),
    ...own.filter((name) => !more.includes(name)),
  ];
  if (changed.length > 0) throw new Error(`a file that would read with another ${changed.join(', ')}`);
  const found = Object.keys(morePods).filter((name) => !Object.hasOwn(pods, name));
  const kept = more.filter((name) => !own.includes(name));
  const { name } = after.system;
  return [
    ...(found.length === 0 ? [] : [`system ${name} also finds the pods of ${found.join(', ')}`]),
    ...(kept.length === 0
      ? []
      : [`system ${name} also protects ${kept.join(', ')} (policy.unprotected lifts that)`]),
  ];
}

/** Without what is compared one by one, and without how instances are found, whose result is the pods. */
function plainOf(file: TargetFile): Readonly<Record<string, unknown>> {
  const { protectedAt: _, system, kubernetes, policy, ...rest } = file;
  const { services: __, links: ___, ...cluster } = kubernetes ?? {};
  const { protected: ____, protectedBy: _____, ...allowed } = policy;
  const services = system.services.map(({ find: ______, ...one }) => one);
  return { ...rest, cluster, allowed, system: { ...system, services } };
}

const commentsOf = (text: string): readonly string[] =>
  [...new Lexer().lex(text)].filter((token) => token.startsWith('#')).map((one) => one.trim());

function lost(before: string, after: string): readonly string[] {
  const left = [...commentsOf(after)];
  return commentsOf(before).filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
