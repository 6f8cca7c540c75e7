/**
 * The acts on a topic, asked of every broker at once: each answers from its own copy of the cluster's state,
 * and a change goes to the controller by any one of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type KafkaTopicActs,
  TOPIC_RIGHTS,
  type TopicChange,
  type TopicKey,
  type TopicRight,
  type TopicSetting,
  type TopicView,
} from '../../core/acts/kafka-topic-acts.ts';
import { GauntletError } from '../../core/errors.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import {
  type Altered,
  alterTopicRequest,
  describeTopicsRequest,
  readAltered,
  readTopicSettings,
} from '../../protocols/kafka/configs.ts';
import { errorName } from '../../protocols/kafka/kafka-error.ts';
import { type ClusterTopics, readTopics, topicsRequest } from '../../protocols/kafka/topics.ts';
import { ask, unavailable } from './ask-broker.ts';
import { writeAnswers } from './write-answers.ts';

/** The broker passes it on to the controller, which writes it down. */
const CHANGE_MS = 5000;
/** A change reaches every broker within milliseconds; one that is cut off is not waited for. */
const SEEN_MS = 2000;
const POLL_MS = 20;

const NO_SUCH_TOPIC = 3;
const NOT_ALLOWED = [29, 31];
/** Another broker may do it: no controller is known to this one, or it did not answer this one. */
const ELSEWHERE = [7, 8, 13, 41];

/** By Kafka's number of the operation. */
const BIT: Readonly<Record<TopicRight, number>> = { Write: 4, DescribeConfigs: 10, AlterConfigs: 11 };

export function topicActs(brokers: readonly KafkaEndpoint[]): KafkaTopicActs {
  const config = (topic: string, key: TopicKey): Promise<readonly TopicSetting[]> =>
    settings(brokers, topic, key);
  return {
    topic: async (name) => topicIn(await viewOf(brokers, name), name),
    config,
    async tryConfig(change) {
      judge(change, await alter(brokers, change, true));
    },
    async setConfig(change) {
      const { topic, cluster, id, key, from, to } = change;
      const now = topicIn(await viewOf(brokers, topic), topic);
      if (now.topic?.id !== id || now.cluster !== cluster) return 'replaced';
      const said = ownValues(await config(topic, key));
      if (!said.includes(from) || said.some((one) => one !== from && one !== to)) return 'changed';
      judge(change, await alter(brokers, change, false));
      const until = performance.now() + SEEN_MS;
      // So that nobody who looks now takes the former value for the present one.
      while (performance.now() < until) {
        const seen = ownValues(await config(topic, key));
        if (seen.every((one) => one === to)) break;
        await sleep(POLL_MS);
      }
      return 'set';
    },
    writes: async (topic) => await writeAnswers(brokers, await viewOf(brokers, topic), topic),
  };
}

/** @throws unavailable when no broker answers. */
async function viewOf(brokers: readonly KafkaEndpoint[], topic: string): Promise<ClusterTopics> {
  const request = topicsRequest([topic]);
  const answers = await Promise.allSettled(brokers.map((broker) => ask(broker, request, readTopics)));
  const views = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const [best] = mostFrequent(views, ({ cluster, topics, errors }) => [cluster, topics, [...errors]]);
  if (best === undefined) throw unavailable('Metadata', brokers, answers);
  return best;
}

/** @throws refused where the login may not see it. */
function topicIn({ cluster, topics, errors }: ClusterTopics, name: string): TopicView {
  const error = errors.get(name) ?? NO_SUCH_TOPIC;
  const found = topics.find((one) => one.name === name);
  if (found === undefined && error === NO_SUCH_TOPIC) return { cluster, topic: null };
  if (found === undefined) throw refusal(name, error, 'Describe');
  const { id, isInternal, partitions, allowed } = found;
  const lacks = TOPIC_RIGHTS.filter((right) => (allowed & (1 << BIT[right])) === 0);
  const topic = { cluster, topic: name, id, isInternal, partitions: partitions.length, lacks };
  return { cluster, topic };
}

async function settings(
  brokers: readonly KafkaEndpoint[],
  topic: string,
  key: TopicKey,
): Promise<readonly TopicSetting[]> {
  const request = describeTopicsRequest([topic], key);
  const asked = brokers.map(async (broker) => {
    const [one] = await ask(broker, request, readTopicSettings);
    if (one === undefined || one.error !== 0) throw refusal(topic, one?.error ?? -1, 'DescribeConfigs');
    if (one.value === null) throw new Error(`${topic} has no ${key}`);
    return { value: one.value, isOwn: one.isOwn };
  });
  const answers = await Promise.allSettled(asked);
  const found = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (found.length > 0) return mostFrequent(found, ({ value, isOwn }) => [value, isOwn]);
  for (const one of answers)
    if (one.status === 'rejected' && one.reason instanceof GauntletError) throw one.reason;
  throw unavailable('DescribeConfigs', brokers, answers);
}

const ownValues = (said: readonly TopicSetting[]): readonly (string | null)[] =>
  said.map(({ value, isOwn }) => (isOwn ? value : null));

/** By the first broker that can have it done. @throws unavailable when none can. */
async function alter(
  brokers: readonly KafkaEndpoint[],
  { topic, key, to }: TopicChange,
  onlyTry: boolean,
): Promise<Altered> {
  const request = alterTopicRequest(topic, key, to, onlyTry);
  const failed: PromiseSettledResult<never>[] = [];
  for (const broker of brokers) {
    try {
      const answer = await ask(broker, request, readAltered, CHANGE_MS);
      if (!ELSEWHERE.includes(answer.error)) return answer;
      failed.push({ status: 'rejected', reason: new Error(errorName(answer.error)) });
    } catch (reason) {
      failed.push({ status: 'rejected', reason });
    }
  }
  throw unavailable('IncrementalAlterConfigs', brokers, failed);
}

function judge({ topic, key, to }: TopicChange, { error, message }: Altered): void {
  if (error === 0) return;
  if (NOT_ALLOWED.includes(error)) throw refusal(topic, error, 'AlterConfigs');
  const got = message === null ? errorName(error) : `${errorName(error)}: ${message}`;
  const expected = `a Kafka that takes ${to ?? 'none of its own'}`;
  throw new GauntletError('refused', [{ subject: `${key} of topic ${topic}`, expected, got }]);
}

function refusal(topic: string, error: number, right: TopicRight | 'Describe'): GauntletError {
  const subject = `topic ${topic}`;
  if (!NOT_ALLOWED.includes(error)) {
    const expected = `an answer of Kafka about it`;
    return new GauntletError('unavailable', [{ subject, expected, got: errorName(error) }]);
  }
  return new GauntletError('refused', [
    {
      ...{ subject, expected: `a login that may ${right}`, got: errorName(error) },
      next: `Give the user of the login this right (kafka-acls --add --operation ${right} --topic ${topic}).`,
    },
  ]);
}

/** One of each kind, the most frequent first; of those that are as frequent, the one that was first. */
function mostFrequent<One>(all: readonly One[], kindOf: (one: One) => unknown): readonly One[] {
  const kinds = new Map<string, { readonly one: One; count: number }>();
  for (const one of all) {
    const key = JSON.stringify(kindOf(one));
    const known = kinds.get(key);
    if (known === undefined) kinds.set(key, { one, count: 1 });
    else known.count += 1;
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count).map(({ one }) => one);
}
