/**
 * Semantic translation: an intention becomes a cognitive plan (JSON form of `CognitivePlan`). Pure except for
 * its ids.
 */
import { createHash, randomUUID } from 'node:crypto';

/** The fields of an intention envelope that a plan needs. */
export interface Intention {
  readonly id: string;
  readonly correlationId: string | null;
  readonly intent: { readonly text: string; readonly domain: string };
  readonly confidence: number;
  readonly constraints: { readonly priority: string; readonly securityLevel: string } | null;
}

export interface PlanTask {
  readonly task_id: string;
  readonly task_type: string;
  readonly description: string;
  readonly dependencies: readonly string[];
  readonly estimated_duration_ms: number;
  readonly required_capabilities: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface CognitivePlan {
  readonly plan_id: string;
  readonly version: '1.0.0';
  readonly intent_id: string;
  readonly correlation_id: string | null;
  readonly tasks: readonly PlanTask[];
  readonly risk_score: number;
  readonly risk_band: 'low' | 'medium' | 'high' | 'critical';
  readonly original_domain: string;
  readonly original_priority: string;
  readonly original_security_level: string;
  readonly requires_approval: boolean;
  readonly [field: string]: unknown;
}

const STEPS: readonly (readonly [type: string, description: string, ms: number])[] = [
  ['QUERY', 'Levantar o contexto', 30_000],
  ['BUILD', 'Construir a solução', 120_000],
  ['TEST', 'Testar a solução', 60_000],
  ['VALIDATE', 'Validar com o solicitante', 45_000],
  ['DEPLOY', 'Implantar a solução', 90_000],
];
const PRIORITY_RISK: Readonly<Record<string, number>> = { low: 0.1, normal: 0.3, high: 0.6, critical: 1 };
const SECURITY_RISK: Readonly<Record<string, number>> = {
  public: 0,
  internal: 0.2,
  confidential: 0.7,
  restricted: 1,
};
/** From this score on a plan is `high` and needs a person's approval; from CRITICAL on it is `critical`. */
const HIGH = 0.7;
const CRITICAL = 0.9;

export function planFor(intention: Intention, nowMs: number): CognitivePlan {
  const { text, domain } = intention.intent;
  // 3 to 5 steps, the same for the same text.
  const steps = STEPS.slice(0, 3 + ((createHash('md5').update(text).digest()[0] ?? 0) % 3));
  const tasks = steps.map(([task_type, description, ms], index) => ({
    task_id: `task-${index + 1}`,
    task_type,
    description: `${description}: ${text.slice(0, 200)}`,
    dependencies: index === 0 ? [] : [`task-${index}`],
    estimated_duration_ms: ms,
    required_capabilities: [domain.toLowerCase()],
    parameters: {},
    metadata: {},
  }));
  const priority = (intention.constraints?.priority ?? 'NORMAL').toLowerCase();
  const security = (intention.constraints?.securityLevel ?? 'INTERNAL').toLowerCase();
  const complexity = tasks.length / STEPS.length;
  const factors = {
    priority: PRIORITY_RISK[priority] ?? 0.3,
    security: SECURITY_RISK[security] ?? 0.2,
    complexity,
  };
  // The weights of the real engine's settings.
  const risk = 0.3 * factors.priority + 0.4 * factors.security + 0.3 * factors.complexity;
  const needsPerson = risk >= HIGH;
  return {
    plan_id: randomUUID(),
    version: '1.0.0',
    intent_id: intention.id,
    correlation_id: intention.correlationId,
    trace_id: null,
    span_id: null,
    tasks,
    execution_order: tasks.map((task) => task.task_id),
    risk_score: risk,
    risk_band: risk >= CRITICAL ? 'critical' : needsPerson ? 'high' : risk >= 0.4 ? 'medium' : 'low',
    risk_factors: factors,
    explainability_token: randomUUID(),
    reasoning_summary: `${tasks.length} tarefas para ${domain}`,
    status: 'validated',
    created_at: nowMs,
    valid_until: null,
    estimated_total_duration_ms: tasks.reduce((sum, task) => sum + task.estimated_duration_ms, 0),
    complexity_score: complexity,
    original_domain: domain,
    original_priority: priority,
    original_security_level: security,
    metadata: {},
    requires_approval: needsPerson,
    approval_status: needsPerson ? 'pending' : null,
    approved_by: null,
    approved_at: null,
    is_destructive: false,
    destructive_tasks: [],
    risk_matrix: null,
    schema_version: 1,
  };
}
