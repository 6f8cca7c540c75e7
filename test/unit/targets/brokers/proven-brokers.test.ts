/** Which broker is which instance: by Kafka's own answers, and nothing where they do not decide. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../../src/core/errors.ts';
import type { BrokerAnswer } from '../../../../src/targets/brokers/broker-answers.ts';
import { type Place, provenBrokers } from '../../../../src/targets/brokers/proven-brokers.ts';

const WORDS = { one: 'a container', noneFits: 'Look at what it advertises.' };

const place = (name: string, ...served: string[]): Place => ({
  name,
  serves: (host, port) => served.includes(`${host}:${port}`),
});

const at = (nodeId: number, address: string) => {
  const [host = '', port = ''] = address.split(':');
  return { nodeId, host, port: Number(port) };
};

const answer = (
  id: number,
  address: string,
  own: number | null,
  brokers: BrokerAnswer['brokers'],
): BrokerAnswer => ({
  ...{ id, address, own, brokers },
});

function said(answers: readonly BrokerAnswer[], places: readonly Place[]) {
  const { found, problems } = provenBrokers('kafka', answers, places, WORDS);
  return {
    found: [...found].map(([id, { name }]) => `${id} ${name}`).sort(),
    problems: problems.map(formatProblem),
  };
}

const ADVERTISED = [at(1, 'kafka-1:9092'), at(2, 'kafka-2:9092')];

describe('a broker is', () => {
  it('the instance behind the address at which it answers itself', () => {
    const answers = [answer(1, 'localhost:19092', 1, []), answer(2, 'localhost:29092', 2, [])];
    const places = [place('a', 'localhost:29092'), place('b', 'localhost:19092')];
    expect(said(answers, places)).toEqual({ found: ['1 b', '2 a'], problems: [] });
  });

  it('the instance behind the address that Kafka names for it, where it does not say who answers', () => {
    const answers = [answer(1, 'lb:9092', null, ADVERTISED)];
    const places = [place('a', 'kafka-2:9092'), place('b', 'kafka-1:9092')];
    expect(said(answers, places)).toEqual({ found: ['1 b', '2 a'], problems: [] });
  });

  it('the one that answers, among several that share the name that it advertises', () => {
    const shared = [at(1, 'kafka:9092'), at(2, 'kafka:9092')];
    const answers = [answer(1, 'localhost:19092', 1, shared), answer(2, 'localhost:29092', 2, shared)];
    const places = [
      place('kafka-1', 'kafka:9092', 'localhost:29092'),
      place('kafka-2', 'kafka:9092', 'localhost:19092'),
    ];
    expect(said(answers, places)).toEqual({ found: ['1 kafka-2', '2 kafka-1'], problems: [] });
  });
});

describe('no instance is a broker', () => {
  it('whose address none of them serves', () => {
    const places = [place('a', 'kafka-1:9092')];
    expect(said([answer(1, 'x:1', null, ADVERTISED)], places)).toEqual({
      found: ['1 a'],
      problems: [
        'kafka-2: expected a container that serves kafka-2:9092, got none of a. Look at what it advertises.',
      ],
    });
  });

  it('whose address several of them serve', () => {
    const places = [place('a', 'kafka-1:9092'), place('b', 'kafka-2:9092'), place('c', 'kafka-2:9092')];
    expect(said([answer(1, 'x:1', null, ADVERTISED)], places)).toEqual({
      found: ['1 a'],
      problems: [
        'kafka-2: expected a container that serves kafka-2:9092 alone, got b, c. Each broker advertises an address that leads to it alone (advertised.listeners).',
      ],
    });
  });

  it('when it is two brokers', () => {
    const one = [at(1, 'kafka:9092'), at(2, 'kafka:9093')];
    const { found, problems } = said([answer(1, 'x:1', null, one)], [place('a', 'kafka:9092', 'kafka:9093')]);
    expect(found).toEqual([]);
    expect(problems[0]).toBe(
      'kafka-1: expected a container of its own, got a, which also serves kafka-2. Each broker advertises an address of its own (advertised.listeners).',
    );
  });

  it('when the one that answers and the one that Kafka names are two', () => {
    const answers = [answer(1, 'localhost:19092', 1, [at(1, 'kafka-1:9092')])];
    const places = [place('a', 'localhost:19092'), place('b', 'kafka-1:9092')];
    const { found, problems } = said(answers, places);
    expect(found).toEqual([]);
    expect(problems[0]).toContain('kafka-1:9092 or localhost:19092 alone, got a, b.');
  });

  it('when the target file numbers it otherwise than Kafka', () => {
    const answers = [
      answer(1, 'localhost:19092', 10, []),
      answer(2, 'localhost:29092', 2, [at(2, 'localhost:29092')]),
    ];
    const places = [place('a', 'localhost:19092'), place('b', 'localhost:29092')];
    expect(said(answers, places)).toEqual({
      found: ['2 b'],
      problems: [
        'kafka-1: expected broker 1 at localhost:19092, as the target file has it, got broker 10. Write { id: 10, address: "localhost:19092" } under services.kafka.address.',
      ],
    });
  });

  it('when it does not run', () => {
    const gone = { ...answer(2, 'localhost:29092', null, []), failed: 'connect ECONNREFUSED' };
    const answers = [answer(1, 'localhost:19092', 1, [at(1, 'localhost:19092')]), gone];
    expect(said(answers, [place('a', 'localhost:19092'), place('b', 'localhost:29092')])).toEqual({
      found: ['1 a'],
      problems: ['kafka-2: expected a broker 2 at localhost:29092, got connect ECONNREFUSED.'],
    });
  });
});

it('never names a wrong instance, whichever answers are missing and whoever shares a name', () => {
  const bits = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), bits, bits, bits, (count, says, shares, answersToo) => {
      const ids = Array.from({ length: count }, (_, index) => index + 1);
      const nameOf = (id: number): string => (shares[id - 1] ? 'kafka:9092' : `kafka-${id}:9092`);
      const brokers = ids.map((id) => at(id, nameOf(id)));
      const answers = ids
        .filter((id) => answersToo[id - 1])
        .map((id) => answer(id, `localhost:${id}`, says[id - 1] ? id : null, brokers));
      const places = ids.map((id) => place(`of ${id}`, nameOf(id), `localhost:${id}`));
      const { found, problems } = provenBrokers('kafka', answers, places, WORDS);
      for (const [id, { name }] of found) expect(name).toBe(`of ${id}`);
      if (answers.length > 0)
        expect([...found.keys(), ...problems.map(({ subject }) => Number(subject.slice(6)))].sort()).toEqual(
          ids,
        );
    }),
    { numRuns: 500 },
  );
});
