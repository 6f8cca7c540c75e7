/**
 * A topic refuses records from everybody; its readers continue. Not by min.insync.replicas: Kafka caps that
 * at the number of replicas, and goes on writing (decision 081).
 */
import { type KafkaTopic, TOO_LARGE } from '../../../core/acts/kafka-topic-acts.ts';
import { GauntletError, usageError } from '../../../core/errors.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { HOLD_PARAMETER, matching, parameter, parameters, parserOf } from '../../parameters.ts';
import { kafkaOf, named, serviceParameter, theService, topicsOf } from '../../speakers.ts';
import { unknownName, type World } from '../../world.ts';
import { several } from '../links/link-counts.ts';
import type { WriteExpectation } from './topic-proof.ts';
import { ownValue, type SettingChange, TOPIC_PERMISSIONS, topicVerbs } from './topic-setting.ts';

type MaxMessageSpec = { readonly service?: string; readonly topic: string; readonly for: Ms };

const NAME = 'kafka-max-message';
const KEY = 'max.message.bytes';
/**
 * Never below 78, which is what the coordinator writes at the end of a transaction: if that is refused, the
 * transaction stays open after the undo, and readers of what is committed wait (docs/facts/kafka.md).
 */
const LIMIT = '100';

const PARAMETERS = parameters({
  service: serviceParameter('kafka'),
  topic: parameter(matching(/^[\w.-]{1,249}$/, 'the name of a topic'), {
    meaning: 'the topic that refuses records',
    allowed: 'the name of a topic that exists; none of those that begin with _',
  }),
  for: HOLD_PARAMETER,
});

const EXPECTED: WriteExpectation = {
  refused: TOO_LARGE,
  text: 'the leader of every partition refuses records as too large',
};

export const kafkaMaxMessage: Fault<MaxMessageSpec, SettingChange, SettingChange> = {
  name: NAME,
  summary: `lowers ${KEY} of a topic to ${LIMIT}: records are refused as too large, readers continue`,
  parameters: PARAMETERS,
  permissions: TOPIC_PERMISSIONS,
  proof:
    'The leader of each partition is sent a batch with a wrong checksum, which it never writes. Before the fault each of them ' +
    'refuses the checksum (CORRUPT_MESSAGE), with it the size (MESSAGE_TOO_LARGE), which it checks first. That is asked ' +
    'again while the fault is held.',
  undone:
    'The former value is restored, or the setting is removed from the topic if it inherited one, if the topic (by its id) and its ' +
    'cluster are the same and the value is still ours; otherwise nothing is overwritten and the record reports the value. The ' +
    'lease keeper does it if the harness cannot. Kafka has no lease and keeps the setting through restarts: a machine that is ' +
    'lost needs gauntlet recover.',
  limits:
    'Producers do not retry this error, whatever acks they ask for: a service that drops the record loses it. Batches of at most ' +
    `${LIMIT} bytes are taken, which is one record with about 30 bytes of key, value and headers: the end of a transaction, which ` +
    'Kafka itself writes, needs 78. Brokers count the batches of the proof in InvalidMessageCrcRecordsPerSec and ' +
    'BytesRejectedPerSec, at most one a partition and second while the fault is held. Needs Kafka 3.0 or later.',
  example: 'kafka-max-message: { topic: orders.new, for: 8s }',

  parse: parserOf(PARAMETERS, ({ service, ...given }): MaxMessageSpec => ({ ...named(service), ...given })),

  async plan(spec, world) {
    const service = theService(NAME, 'kafka', spec.service, world);
    const { partitions, lacks, isInternal: _, ...identity } = await topicOf(service, spec.topic, world);
    if (lacks.length > 0) throw mayNot(spec.topic, lacks);
    const topics = topicsOf(NAME, service, world);
    const [most, other] = await topics.config(spec.topic, KEY);
    if (most === undefined || other !== undefined) throw disagree(spec.topic, [most?.value, other?.value]);
    if (Number(most.value) <= Number(LIMIT)) {
      const subject = `${NAME}: ${KEY} of ${spec.topic}`;
      throw usageError({ subject, expected: `more than ${LIMIT}`, got: most.value });
    }
    const change = { ...identity, key: KEY, from: ownValue(most), to: LIMIT } as const;
    await topics.tryConfig(change);
    const act: SettingChange = { service, ...change };
    const victim = `writes to ${spec.topic}`;
    return {
      fault: NAME,
      victim: `${victim} (${several(partitions, 'partition')})`,
      victims: [victim],
      probes: [],
      touches: [`topic ${spec.topic} of ${service}`],
      timers: [
        `${KEY} of ${spec.topic} is ${most.value} (${most.isOwn ? 'its own' : 'inherited'}) and is restored.`,
        'Producers do not retry a record that is too large: what a service does not keep is lost.',
      ],
      permissions: TOPIC_PERMISSIONS,
      impact: { services: [service], kafka: service, killed: [], brokersLost: [], outageAccepted: false },
      undo: { fault: NAME, data: act },
      act,
    };
  },

  ...topicVerbs(NAME, EXPECTED),
};

/** @throws usage for one that does not exist, with the nearest name, and for Kafka's own. */
async function topicOf(service: string, name: string, world: World): Promise<KafkaTopic> {
  const all = (await kafkaOf(NAME, service, world).partitions()).map((one) => one.topic);
  const known = [...new Set(all)].filter((one) => !one.startsWith('_')).sort();
  if (name.startsWith('_')) throw keptByKafka(name, known);
  if (!known.includes(name)) throw unknownName(`${NAME}.topic`, 'a topic', name, known);
  const { topic } = await topicsOf(NAME, service, world).topic(name);
  if (topic === null) throw unknownName(`${NAME}.topic`, 'a topic', name, known);
  if (topic.isInternal) throw keptByKafka(name, known);
  return topic;
}

function keptByKafka(name: string, known: readonly string[]): GauntletError {
  const expected = known.length === 0 ? 'a topic of the services' : `one of ${known.join(', ')}`;
  const got = `${name}, in which Kafka or its tools keep what is theirs`;
  return usageError({ subject: `${NAME}.topic`, expected, got });
}

/** All of them at once. */
const mayNot = (topic: string, lacks: KafkaTopic['lacks']): GauntletError =>
  new GauntletError(
    'refused',
    lacks.map((right) => ({
      subject: `${NAME}: topic ${topic}`,
      expected: `a login that may ${right}`,
      got: 'one that may not',
      next: `Give its user this right: kafka-acls --add --operation ${right} --topic ${topic}`,
    })),
  );

const disagree = (topic: string, values: readonly (string | undefined)[]): GauntletError =>
  new GauntletError('unavailable', [
    {
      subject: `${NAME}: ${KEY} of ${topic}`,
      expected: 'brokers that agree on it',
      got: values.filter((one) => one !== undefined).join(' and ') || 'no value',
      next: 'A change reaches every broker within a second: try again.',
    },
  ]);
