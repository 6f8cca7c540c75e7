import { describe, expect, it } from 'vitest';
import { targetFrom } from '../../fakes/topology.ts';

const target = (services: string, platform = 'processes'): string => `schema: gauntlet.target/1
name: shop
platform: ${platform}
services:
${services}
`;

const problemsOf = (text: string): readonly string[] => {
  try {
    targetFrom('folder/t.yaml', text);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
};

describe('platform processes', () => {
  it('finds a service by command, port or pid file, and knows what starts it again', () => {
    const { processes } = targetFrom(
      'folder/t.yaml',
      target(`  gateway: { find: { processes: { command: node server.mjs, port: 8080 } }, restart: supervisor }
  redis: { find: { processes: { pidFile: redis.pid } }, restart: systemctl restart redis }
  specialist-*: { restart: supervisor }
  specialist-business: { find: { processes: { port: 50051 } } }`),
    );
    expect(processes).toEqual({
      gateway: { command: 'node server.mjs', port: 8080, restart: 'supervisor' },
      redis: {
        pidFile: expect.stringMatching(/\/folder\/redis\.pid$/),
        restart: { command: 'systemctl restart redis' },
      },
      'specialist-business': { port: 50_051, restart: 'supervisor' },
    });
  });

  it('finds brokers of a Kafka by the ports of their addresses, whatever else is written', () => {
    const address = 'address: ["127.0.0.1:9092", "127.0.0.1:9093"]';
    const kafka = (more: string) => targetFrom('folder/t.yaml', target(`  kafka: { ${address}${more} }`));
    expect(kafka(', restart: "start {broker}"').processes).toEqual({
      kafka: { command: 'kafka.Kafka', restart: { command: 'start {broker}' } },
    });
    expect(kafka(', find: { processes: { pidFile: "b{broker}.pid" } }').processes).toEqual({
      kafka: { pidFile: expect.stringMatching(/\/folder\/b\{broker\}\.pid$/), restart: null },
    });
    expect(
      problemsOf(target(`  kafka: { ${address}, find: { processes: { port: 9092 } } }`)),
    ).toMatchInlineSnapshot(`
      [
        "folder/t.yaml:5:86: services.kafka.find.processes.port: expected no port: each broker is found by the port of its own address, got port.",
      ]
    `);
  });

  it('is refused without a service that is found', () => {
    expect(problemsOf(target('  gateway: { address: "http://127.0.0.1:1" }'))).toMatchInlineSnapshot(`
      [
        "folder/t.yaml:3:11: platform: expected at least one service that is found: services: { web: { find: { processes: { command: node server.mjs } }, restart: supervisor } }, got none.",
      ]
    `);
  });

  it('is refused where restart has no effect: on a service that is not found, and on another platform', () => {
    expect(
      problemsOf(
        target(`  gateway: { find: { processes: { port: 8080 } } }
  redis: { address: "redis://127.0.0.1:1", restart: supervisor }`),
      ),
    ).toMatchInlineSnapshot(`
      [
        "folder/t.yaml:6:53: services.redis.restart: expected a service whose processes are found, got redis. Write find: { processes: { command: … } } beside it.",
      ]
    `);
    expect(
      problemsOf(target('  gateway: { address: "http://127.0.0.1:1", restart: supervisor }', 'none')),
    ).toMatchInlineSnapshot(`
      [
        "folder/t.yaml:5:54: services.gateway.restart: expected platform processes or docker with it, got none.",
      ]
    `);
  });
});
