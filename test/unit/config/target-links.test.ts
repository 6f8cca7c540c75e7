import { describe, expect, it } from 'vitest';
import { targetFrom } from '../../fakes/topology.ts';

const target = (links: string, more = 'platform: none'): string => `name: shop
${more}
redis: { url: "redis://127.0.0.1:6380" }
kafka: { brokers: ["127.0.0.1:9092", { id: 7, address: "127.0.0.1:9093" }] }
links: ${links}
`;

const problemsOf = (text: string): readonly string[] => {
  try {
    targetFrom('t.yaml', text);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
};

describe('links of a target file', () => {
  it('are names with two addresses; of Kafka one broker each', () => {
    const read = targetFrom(
      't.yaml',
      target(`
  - { from: gateway, to: redis, listen: "127.0.0.1:16379", dial: "127.0.0.1:6380" }
  - { from: client, to: kafka-7, listen: "[::1]:19093", dial: "127.0.0.1:9093" }`),
    );
    expect(read.links).toEqual([
      {
        name: 'gateway->redis',
        from: 'gateway',
        to: 'redis',
        listen: { host: '127.0.0.1', port: 16_379 },
        dial: { host: '127.0.0.1', port: 6380 },
      },
      {
        name: 'client->kafka-7',
        from: 'client',
        to: 'kafka-7',
        listen: { host: '::1', port: 19_093 },
        dial: { host: '127.0.0.1', port: 9093 },
      },
    ]);
  });

  it('are refused with all problems at once: names that match nothing, twins, a proxy that dials itself', () => {
    expect(
      problemsOf(
        target(`
  - { from: gatewai, to: redis, listen: "127.0.0.1:16379", dial: "127.0.0.1:6380" }
  - { from: client, to: kafka, listen: "127.0.0.1:16379", dial: "127.0.0.1:9092" }
  - { from: client, to: redis, listen: "127.0.0.1:1", dial: "127.0.0.1:1" }`),
      ).map((one) => one.replace(/one of .*, got/, 'one of …, got')),
    ).toMatchInlineSnapshot(`
      [
        "t.yaml:6:13: links.from: expected one of …, got "gatewai". Did you mean gateway?",
        "t.yaml:7:5: links: expected each link and each listen once, got 127.0.0.1:16379, as in links 1.",
        "t.yaml:7:25: links.to: expected one of …, got "kafka". Did you mean kafka-1?",
        "t.yaml:8:61: links.dial: expected another address than listen, got "127.0.0.1:1".",
      ]
    `);
  });

  it('lead from one broker to another, and not from a Kafka to its own', () => {
    const between = (from: string) =>
      target(`
  - { from: ${from}, to: kafka-7, listen: "127.0.0.1:19093", dial: "127.0.0.1:9093" }`);
    expect(targetFrom('t.yaml', between('kafka-1')).links).toMatchObject([
      { name: 'kafka-1->kafka-7', from: 'kafka-1', to: 'kafka-7' },
    ]);
    expect(problemsOf(between('kafka'))).toEqual([
      't.yaml:6:13: links.from: expected one broker, such as kafka-1, got kafka, which is all of them: a fault could not tell the peers of kafka-7 from its clients.',
    ]);
  });

  it('are refused on a platform that carries its links itself', () => {
    const links = '[{ from: client, to: redis, listen: "127.0.0.1:1", dial: "127.0.0.1:2" }]';
    const sandbox = `name: shop\nplatform: sandbox\nlinks: ${links}\n`;
    expect(problemsOf(sandbox)).toMatchInlineSnapshot(`
      [
        "t.yaml:3:8: links: expected platform none, processes or docker with it: others carry links themselves, got sandbox.",
      ]
    `);
  });

  it('are refused when the list is empty: who writes it relies on it', () => {
    expect(problemsOf(target('[]'))).toMatchInlineSnapshot(`
      [
        "t.yaml:5:8: links: expected a list such as [{ from: web, to: cache, listen: "127.0.0.1:16379", dial: "127.0.0.1:6379" }], got [].",
      ]
    `);
  });
});
