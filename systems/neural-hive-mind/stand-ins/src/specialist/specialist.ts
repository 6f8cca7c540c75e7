/**
 * Starts a specialist: the gRPC server, and the HTTP server with health, readiness, status and metrics.
 */

import { type Reply, type Route, serveHttp } from '../http-app.ts';
import { Metrics } from '../metrics.ts';
import type { Service } from '../program.ts';
import type { Specialist } from '../specialists.ts';
import type { SpecialistConfig } from './config.ts';
import { serveGrpc } from './grpc-service.ts';
import { SPECIALIST_VERSION } from './opinion.ts';

export async function startSpecialist(config: SpecialistConfig): Promise<Service> {
  const registry = new Metrics();
  const grpc = await serveGrpc(config, {
    evaluations: registry.counter('neural_hive_specialist_evaluations_total', 'Evaluations by outcome'),
    seconds: registry.histogram(
      'neural_hive_specialist_evaluation_duration_seconds',
      'Evaluation time',
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5],
    ),
  });
  const startedAt = Date.now();
  const who = { specialist_type: config.specialist, version: SPECIALIST_VERSION };
  const reply = (body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    return async (): Promise<Reply> => ({ status: 200, body, headers });
  };
  // No model is loaded, which its status reports; with its heuristics it is ready. Neo4j is a placeholder in
  // the real specialist too.
  const dependencies = { mongodb: true, neo4j: true };
  const readiness = {
    ready: true,
    specialist_type: config.specialist,
    heuristic_mode: true,
    model_loaded: false,
  };
  const routes: readonly Route[] = [
    { method: 'GET', path: '/health', handle: reply({ status: 'healthy', ...who }) },
    { method: 'GET', path: '/ready', handle: reply({ ...readiness, dependencies }) },
    {
      method: 'GET',
      path: '/status',
      handle: async () => ({ status: 200, body: status(config, startedAt) }),
    },
    {
      method: 'GET',
      path: '/metrics',
      handle: async () => ({
        status: 200,
        body: registry.text(),
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      }),
    },
  ];
  const { host, httpPort: port } = config;
  const http = port === null ? null : await serveHttp({ host, port, routes });
  return {
    listening: { grpc: grpc.address, ...(http && { http: http.address }) },
    stop: async () => {
      await Promise.all([grpc.stop(), http?.stop()]);
    },
  };
}

const status = (config: SpecialistConfig, startedAt: number): Readonly<Record<string, unknown>> => ({
  specialist_type: config.specialist,
  version: SPECIALIST_VERSION,
  instance: config.instance,
  mode: 'heuristic',
  supported_domains: supportedDomains(config.specialist),
  supported_plan_versions: ['1.0.0'],
  uptime_seconds: (Date.now() - startedAt) / 1000,
});

const DOMAINS: Readonly<Record<Specialist, string>> = {
  business: 'workflow-analysis kpi-evaluation cost-optimization process-mining demand-forecasting',
  technical: 'security-analysis architecture-review performance-optimization code-quality technical-debt',
  behavior: 'ux-analysis accessibility-evaluation usability-testing user-experience interaction-design',
  evolution:
    'maintainability-analysis scalability-evaluation extensibility-design tech-debt-assessment architectural-evolution',
  architecture:
    'design-patterns solid-principles coupling-cohesion separation-of-concerns layering-modularity',
};

/** The five domains of a specialist (services/specialist-{type}/src/config.py). */
const supportedDomains = (specialist: Specialist): readonly string[] => DOMAINS[specialist].split(' ');
