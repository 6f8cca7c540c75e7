/**
 * Asks all five specialists for their opinion in parallel, as specialists_grpc_client.py does: deadline,
 * attempts, waits.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { messageOf } from '../../../../../src/core/errors.ts';
import { projectRoot } from '../../../../../src/system/project.ts';
import { reportProblem } from '../program.ts';
import type { CognitivePlan } from './cognitive-plan.ts';
import type { HiveConfig } from './config.ts';
import type { SpecialistVote } from './decision.ts';

interface EvaluatePlanResponse {
  readonly opinion_id: string;
  readonly specialist_type: string;
  readonly opinion: {
    readonly confidence_score: number;
    readonly risk_score: number;
    readonly recommendation: string;
  };
  readonly processing_time_ms: number;
}

type EvaluatePlan = (
  request: Readonly<Record<string, unknown>>,
  options: { readonly deadline: number },
  callback: (error: grpc.ServiceError | null, response?: EvaluatePlanResponse) => void,
) => void;

type HealthCheck = (
  request: object,
  options: { readonly deadline: number },
  callback: (error: grpc.ServiceError | null, answer?: { readonly status: string }) => void,
) => void;

const LONGEST_WAIT = 10;
const HEALTH_MS = 2000;

export class SpecialistClients {
  readonly #options: HiveConfig['grpc'];
  readonly #clients: ReadonlyMap<string, grpc.Client>;

  constructor(config: HiveConfig) {
    this.#options = config.grpc;
    const loaded = grpc.loadPackageDefinition(
      loadSync('specialist.proto', {
        includeDirs: [join(projectRoot, 'systems/neural-hive-mind/proto')],
        keepCase: true,
        longs: Number,
        enums: String,
        defaults: true,
      }),
    );
    const service = (loaded as unknown as LoadedPackage).neural_hive.specialist.SpecialistService;
    const credentials = grpc.credentials.createInsecure();
    this.#clients = new Map(
      Object.entries(config.specialists).map(([name, address]) => {
        // gRPC's back-off between connection attempts grows to 120 s, which would dominate the recovery time.
        const limits = { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 1000 };
        return [name, new service(address, credentials, limits)];
      }),
    );
  }

  /** The received opinions; a specialist that failed in all attempts is reported and omitted. */
  async opinionsOn(plan: CognitivePlan): Promise<readonly SpecialistVote[]> {
    const request = {
      plan_id: plan.plan_id,
      intent_id: plan.intent_id,
      correlation_id: plan.correlation_id ?? '',
      cognitive_plan: Buffer.from(JSON.stringify(plan)),
      plan_version: plan.version,
      context: {},
      timeout_ms: this.#options.timeoutMs,
    };
    const votes = await Promise.all(
      [...this.#clients].map(async ([name, client]) => {
        try {
          return [await this.#ask(client, request)];
        } catch (error) {
          reportProblem(`specialist ${name}`, error);
          return [];
        }
      }),
    );
    return votes.flat();
  }

  /** False as soon as one does not answer, or says that it does not serve. */
  async healthy(): Promise<boolean> {
    const all = [...this.#clients.values()].map((client) => this.#serves(client));
    return (await Promise.all(all)).every(Boolean);
  }

  #serves(client: grpc.Client): Promise<boolean> {
    const { HealthCheck } = client as unknown as { readonly HealthCheck: HealthCheck };
    const deadline = Date.now() + HEALTH_MS;
    return new Promise((resolve) => {
      HealthCheck.call(client, {}, { deadline }, (_, answer) => resolve(answer?.status === 'SERVING'));
    });
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  async #ask(client: grpc.Client, request: Readonly<Record<string, unknown>>): Promise<SpecialistVote> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return voteOf(await this.#call(client, request));
      } catch (error) {
        if (attempt >= this.#options.attempts) {
          throw new Error(`${attempt} attempts, the last: ${messageOf(error)}`, { cause: error });
        }
        await sleep(this.#options.waitMs * Math.min(LONGEST_WAIT, 2 ** (attempt - 1)));
      }
    }
  }

  #call(client: grpc.Client, request: Readonly<Record<string, unknown>>): Promise<EvaluatePlanResponse> {
    const { EvaluatePlan } = client as unknown as { readonly EvaluatePlan: EvaluatePlan };
    const deadline = Date.now() + this.#options.timeoutMs;
    return new Promise((resolve, reject) => {
      EvaluatePlan.call(client, request, { deadline }, (error, response) => {
        if (response) resolve(response);
        else reject(error ?? new Error('neither an answer nor an error'));
      });
    });
  }
}

interface LoadedPackage {
  readonly neural_hive: {
    readonly specialist: {
      readonly SpecialistService: new (
        address: string,
        credentials: grpc.ChannelCredentials,
        options: grpc.ClientOptions,
      ) => grpc.Client;
    };
  };
}

const voteOf = (response: EvaluatePlanResponse): SpecialistVote => ({
  specialist_type: response.specialist_type,
  opinion_id: response.opinion_id,
  confidence_score: response.opinion.confidence_score,
  risk_score: response.opinion.risk_score,
  recommendation: response.opinion.recommendation,
  processing_time_ms: response.processing_time_ms,
});
