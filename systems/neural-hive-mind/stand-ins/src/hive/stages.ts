/** The three stages as services: what each starts, and what it answers over HTTP. */
import type { Reply, Route } from '../http-app.ts';
import type { ClusterView } from '../kafka/cluster-view.ts';
import type { IdempotentProducer } from '../kafka/idempotent-producer.ts';
import type { HiveConfig } from './config.ts';
import { Consensus } from './consensus.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { Orchestrator } from './orchestrator.ts';
import { serveOrchestratorGrpc } from './orchestrator-grpc.ts';
import { orchestratorRoutes } from './orchestrator-routes.ts';
import { SemanticTranslation } from './semantic-translation.ts';
import { SpecialistClients } from './specialist-clients.ts';
import { answers, healthRoute, readiness, redisOf, type Stage } from './stage.ts';
import type { StageName } from './stage-names.ts';

export interface StageParts {
  readonly config: HiveConfig;
  readonly clients: KafkaClients;
  readonly cluster: ClusterView;
  readonly producer: IdempotentProducer;
}

/** Its consumer and Redis; the real one also asks MongoDB, Neo4j and its language model. */
function semanticTranslation({ config, clients, cluster }: StageParts): Stage {
  const stage = new SemanticTranslation(config, clients, cluster);
  const redis = redisOf(config);
  const ready = async (): Promise<Reply> =>
    readiness({ kafka_consumer: stage.consumer.reading, redis: await answers(redis.ping()) });
  return {
    consumers: { semantic_translation: stage.consumer },
    routes: [healthRoute('semantic-translation-engine'), { method: 'GET', path: '/ready', handle: ready }],
    serveGrpc: null,
    start: async () => {
      await redis.connect();
      await stage.start();
    },
    stop: async () => {
      await stage.consumer.stop();
      redis.disconnect();
    },
  };
}

/** Neither /health nor /ready asks about its consumer, which may have ended for good: as in the real one. */
function consensusEngine({ config, clients, producer }: StageParts): Stage {
  const specialists = new SpecialistClients(config);
  const stage = new Consensus(config, clients, { specialists, producer });
  const redis = redisOf(config);
  const decisions = (path: string): Route => ({
    method: 'GET',
    path,
    handle: async ({ rest }) => {
      const decision = stage.decision(rest);
      if (decision !== undefined) return { status: 200, body: decision };
      return { status: 404, body: { detail: 'Decisão não encontrada' } };
    },
  });
  const ready = async (): Promise<Reply> =>
    readiness({ specialists: await specialists.healthy(), redis: await answers(redis.ping()) });
  return {
    consumers: { consensus: stage.consumer },
    routes: [
      healthRoute('consensus-engine'),
      { method: 'GET', path: '/ready', handle: ready },
      decisions('/api/v1/decisions/*'),
      decisions('/api/v1/decisions/by-plan/*'),
    ],
    serveGrpc: null,
    start: async () => {
      await redis.connect();
      await stage.consumer.start(config.assignmentTimeoutMs);
    },
    stop: async () => {
      await stage.consumer.stop();
      await stage.drained();
      specialists.close();
      redis.disconnect();
    },
  };
}

function orchestratorDynamic({ config, clients, producer }: StageParts): Stage {
  const stage = new Orchestrator(config, clients, producer);
  return {
    consumers: Object.fromEntries(
      stage.consumers.map((one, index) => [`orchestrator_${index + 1}`, one] as const),
    ),
    routes: orchestratorRoutes(stage),
    serveGrpc: (host, port) => serveOrchestratorGrpc(stage.executions, host, port),
    start: () => stage.start(config.assignmentTimeoutMs),
    stop: () => stage.stop(),
  };
}

export const STAGE_PARTS: Readonly<Record<StageName, (parts: StageParts) => Stage>> = {
  'semantic-translation-engine': semanticTranslation,
  'consensus-engine': consensusEngine,
  'orchestrator-dynamic': orchestratorDynamic,
};
