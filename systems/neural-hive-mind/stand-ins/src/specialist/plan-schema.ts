/**
 * Checks a cognitive plan as the specialists' schema does (docs/systems/neural-hive-mind.md, "Specialists").
 * Extra fields are allowed. Pure.
 */
import { isObject } from '../config-reader.ts';

export interface PlanTask {
  readonly taskId: string;
  readonly taskType: string;
  readonly description: string;
  readonly dependencies: readonly string[];
  /** Optional in the schema, but the heuristics need a number. */
  readonly estimatedDurationMs: number | null;
}

export interface CognitivePlan {
  readonly planId: string;
  readonly intentId: string;
  readonly domain: string;
  readonly priority: string;
  readonly tasks: readonly PlanTask[];
}

export type CheckedPlan =
  | { readonly ok: true; readonly plan: CognitivePlan }
  | { readonly ok: false; readonly problems: readonly string[] };

const SUPPORTED_VERSIONS = ['1.0.0'];
const PRIORITIES = ['low', 'normal', 'high', 'critical'];

export function readCognitivePlan(bytes: Uint8Array): CheckedPlan {
  let plan: unknown;
  try {
    plan = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    return { ok: false, problems: [`cognitive_plan is not valid JSON: ${String(error)}`] };
  }
  if (!isObject(plan)) return { ok: false, problems: ['cognitive_plan: expected an object'] };
  const problems: string[] = [];
  const planId = text(plan, 'plan_id', '', problems);
  const intentId = text(plan, 'intent_id', '', problems);
  const domain = text(plan, 'original_domain', '', problems);
  const version = text(plan, 'version', '', problems);
  if (version !== '' && !SUPPORTED_VERSIONS.includes(version)) {
    problems.push(`version: '${version}' is not supported, expected one of ['1.0.0']`);
  }
  const priority = text(plan, 'original_priority', '', problems).toLowerCase();
  if (priority !== '' && !PRIORITIES.includes(priority)) {
    problems.push(`original_priority: expected one of ${PRIORITIES.join(', ')}`);
  }
  range(plan, 'risk_score', 0, 1, problems);
  range(plan, 'complexity_score', 0, Number.POSITIVE_INFINITY, problems);
  const tasks = readTasks(plan['tasks'], problems);
  if (problems.length === 0) checkGraph(tasks, plan['execution_order'], problems);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, plan: { planId, intentId, domain, priority, tasks } };
}

function readTasks(value: unknown, problems: string[]): readonly PlanTask[] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.push('tasks: expected at least 1 task');
    return [];
  }
  return value.map((raw: unknown, index): PlanTask => {
    const at = `tasks[${index}].`;
    const task = isObject(raw) ? raw : {};
    range(task, 'estimated_duration_ms', 0, Number.POSITIVE_INFINITY, problems, at);
    const dependencies = task['dependencies'] ?? [];
    const isList = Array.isArray(dependencies) && dependencies.every((one) => typeof one === 'string');
    if (!isList) problems.push(`${at}dependencies: expected a list of task ids`);
    const duration = task['estimated_duration_ms'];
    return {
      taskId: text(task, 'task_id', at, problems),
      taskType: text(task, 'task_type', at, problems),
      description: text(task, 'description', at, problems),
      dependencies: isList ? dependencies : [],
      estimatedDurationMs: typeof duration === 'number' ? duration : null,
    };
  });
}

function checkGraph(tasks: readonly PlanTask[], order: unknown, problems: string[]): void {
  const ids = new Set(tasks.map((task) => task.taskId));
  for (const task of tasks) {
    for (const dependency of task.dependencies) {
      if (!ids.has(dependency)) problems.push(`task ${task.taskId} depends on unknown task ${dependency}`);
    }
  }
  if (problems.length === 0 && hasCycle(tasks)) problems.push('tasks: the dependencies form a cycle');
  if (order === undefined || order === null) return;
  const isSame = Array.isArray(order) && order.length === ids.size && order.every((id) => ids.has(id));
  if (!isSame || new Set(order).size !== ids.size) {
    problems.push('execution_order: expected exactly the task ids');
  }
}

/** Repeatedly removes tasks without remaining dependencies; tasks that are left form a cycle. */
function hasCycle(tasks: readonly PlanTask[]): boolean {
  let left = [...tasks];
  for (;;) {
    const ids = new Set(left.map((task) => task.taskId));
    const next = left.filter((task) => task.dependencies.some((dependency) => ids.has(dependency)));
    if (next.length === left.length) return left.length > 0;
    left = next;
  }
}

type Source = Readonly<Record<string, unknown>>;

function text(source: Source, key: string, at: string, problems: string[]): string {
  const value = source[key];
  if (typeof value === 'string' && value.trim() !== '') return value;
  problems.push(`${at}${key}: expected a non-empty string`);
  return '';
}

function range(source: Source, key: string, min: number, max: number, problems: string[], at = ''): void {
  const value = source[key];
  if (value === undefined || value === null) return;
  if (typeof value === 'number' && value >= min && value <= max) return;
  const limits = max === Number.POSITIVE_INFINITY ? `>= ${min}` : `from ${min} to ${max}`;
  problems.push(`${at}${key}: expected a number ${limits}`);
}
