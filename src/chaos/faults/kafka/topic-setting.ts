/**
 * The verbs of a fault that changes one setting of a topic: compare and set, and an undo that overwrites no
 * other client's change. The identity is the topic's id in its cluster: a topic that was made again has lost
 * the change. Unlike a setting of Redis this one survives a restart.
 */
import { z } from 'zod';
import type { ActName } from '../../../core/acts/act-names.ts';
import {
  TOPIC_SETTINGS,
  type TopicChange,
  type TopicSetting,
  WOULD_BE_TAKEN,
} from '../../../core/acts/kafka-topic-acts.ts';
import { EffectLost } from '../../../core/errors.ts';
import type { Fault, RemovalState } from '../../fault.ts';
import { WRITES_TO } from '../../observation.ts';
import { topicsOf } from '../../speakers.ts';
import type { World } from '../../world.ts';
import { brokerName } from '../instances/broker-choice.ts';
import { judgeWrites, type WriteExpectation } from './topic-proof.ts';

/** Also the undo: `to` is ours, `from` is the value before; null: the topic inherited one. */
export interface SettingChange extends TopicChange {
  readonly service: string;
  readonly to: string;
}

const number = z.string().regex(/^\d+$/, 'expected a whole number');

const undoShape: z.ZodType<SettingChange> = z.object({
  service: z.string(),
  cluster: z.string(),
  topic: z.string().regex(/^[\w.-]{1,249}$/, 'expected the name of a topic'),
  id: z.string(),
  // No other setting is ever written, whatever a journal contains.
  key: z.enum(TOPIC_SETTINGS),
  from: number.nullable(),
  to: number,
});

export const TOPIC_PERMISSIONS: readonly ActName[] = [
  'kafka.partitions',
  'kafka.topic',
  'kafka.config',
  'kafka.tryConfig',
  'kafka.setConfig',
  'kafka.writes',
];

type Members = 'apply' | 'renew' | 'expect' | 'undoShape' | 'undo' | 'removed';

export const topicVerbs = (
  fault: string,
  expected: WriteExpectation,
): Pick<Fault<never, SettingChange, SettingChange>, Members> => ({
  apply: ({ act }, world) => change(fault, act, world),
  renew: ({ act }, world) => isHeld(fault, act, world),
  expect: ({ act: { service, topic } }) => ({
    text: expected.text,
    observe: [`${WRITES_TO}${service} ${topic}`],
    judge: (evidence) => judgeWrites(service, topic, expected, evidence),
  }),
  undoShape,
  async undo({ data }, world) {
    const { service, from, to, ...rest } = data;
    await topicsOf(fault, service, world).setConfig({ ...rest, from: to, to: from });
  },
  removed: ({ data }, world) => removed(fault, data, expected, world),
});

/** @throws when the topic or its setting is another than in the plan. */
async function change(fault: string, { service, ...wanted }: SettingChange, world: World): Promise<void> {
  const outcome = await topicsOf(fault, service, world).setConfig(wanted);
  const { topic, key } = wanted;
  if (outcome === 'replaced') throw new Error(`topic ${topic} was deleted or made again before the act`);
  if (outcome === 'changed')
    throw new Error(`${key} of ${topic} was changed by another client before the act`);
}

/** @throws EffectLost where a leader would take a record all the same. */
async function isHeld(fault: string, act: SettingChange, world: World): Promise<boolean> {
  const topics = topicsOf(fault, act.service, world);
  const { cluster, topic } = await topics.topic(act.topic);
  if (cluster !== act.cluster || topic?.id !== act.id) return false;
  const [most] = await topics.config(act.topic, act.key);
  if (most === undefined || ownValue(most) !== act.to) return false;
  const taking = (await topics.writes(act.topic)).filter((one) => one.answer === WOULD_BE_TAKEN);
  if (taking.length === 0) return true;
  const got = taking.map(
    (one) => `${brokerName(act.service, one.leader)} would take one into ${one.partition}`,
  );
  throw new EffectLost('unavailable', [
    { subject: `topic ${act.topic}`, expected: 'leaders that refuse records', got: got.join(', ') },
  ]);
}

export const ownValue = ({ value, isOwn }: TopicSetting): string | null => (isOwn ? value : null);
export const sayValue = (value: string | null): string => value ?? 'not set';

/** Gone when every broker that answers says the old value, and no leader refuses any more. */
async function removed(
  fault: string,
  { service, ...undo }: SettingChange,
  { refused }: WriteExpectation,
  world: World,
): Promise<RemovalState> {
  const { key, from, to, topic: name } = undo;
  const topics = topicsOf(fault, service, world);
  const { cluster, topic } = await topics.topic(name);
  if (cluster !== undo.cluster) {
    const evidence = `${service} is another Kafka by now (cluster ${cluster}, the change is in ${undo.cluster})`;
    return { gone: false, evidence };
  }
  if (topic === null) return { gone: true, evidence: `${name} was deleted, and its settings with it` };
  if (topic.id !== undo.id) {
    return { gone: true, evidence: `${name} was deleted and made again, without the change` };
  }
  const said = (await topics.config(name, key)).map(ownValue);
  const setting = `${key} of ${name}`;
  const strange = said.find((one) => one !== from && one !== to);
  if (strange !== undefined) {
    const evidence = `${setting} is ${sayValue(strange)}: another client changed it meanwhile (before ${sayValue(from)}, by us ${to}); not overwritten`;
    return { gone: false, evidence };
  }
  if (said.includes(to))
    return { gone: false, evidence: `${setting} is still ${to}, it was ${sayValue(from)}` };
  const still = (await topics.writes(name)).find((one) => one.answer === refused);
  if (still !== undefined) {
    const who = `${brokerName(service, still.leader)} still says ${refused} for partition ${still.partition}`;
    return { gone: false, evidence: `${setting} is ${sayValue(from)} as before, but ${who}` };
  }
  return { gone: true, evidence: `${setting} is ${sayValue(from)} as before` };
}
