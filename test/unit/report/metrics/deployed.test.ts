/** The dashboard and the alert rules that we ship ask only for series that we send. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Night } from '../../../../src/core/night.ts';
import { trendOf } from '../../../../src/measure/trend/trend-of.ts';
import { nameOfSample } from '../../../../src/report/metrics/family.ts';
import { metricsOf } from '../../../../src/report/metrics/samples.ts';
import { projectRoot } from '../../../../src/system/project.ts';
import { demoInput } from '../fixture.ts';
import { nightOf } from './night-fixture.ts';

const read = (...path: readonly string[]): string => readFileSync(join(projectRoot, ...path), 'utf8');

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly {
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: { readonly uid: string };
  }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}
interface Dashboard {
  readonly uid: string;
  readonly id?: unknown;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  };
  readonly annotations: {
    readonly list: readonly {
      readonly target: { readonly type: string; readonly tags: readonly string[] };
    }[];
  };
}
interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

const dashboard = JSON.parse(read('deploy', 'grafana', 'gauntlet.json')) as Dashboard;
const rules = (parse(read('deploy', 'prometheus', 'gauntlet-alerts.yaml')) as Rules).groups.flatMap(
  (one) => one.rules,
);

/** Label values by metric and label. Of the Pushgateway itself: the labels of a group. */
const sent = new Map<string, Map<string, Set<string>>>();
const note = (name: string, labels: Readonly<Record<string, string>>): void => {
  const own = sent.get(name) ?? new Map<string, Set<string>>();
  for (const [label, value] of Object.entries({ ...labels, job: 'gauntlet' }))
    own.set(label, (own.get(label) ?? new Set()).add(value));
  sent.set(name, own);
};
const template = nightOf(demoInput());
const nights = Array.from({ length: 20 }, (_, index): Night => {
  const startedAt = new Date(Date.UTC(2026, 9, 1 + index, 2)).toISOString();
  return { ...template, id: `n${index}`, run: `r${index}`, startedAt, endedAt: startedAt };
});
const trend = trendOf(nights, { pinned: 'n0', told: [], seed: 1 });
const night = nights.at(-1) ?? template;
for (const family of metricsOf({ night, plan: null, result: null, trend }))
  for (const sample of family.samples) note(nameOfSample(family, sample), sample.labels);
for (const name of ['push_time_seconds', 'push_failure_time_seconds'])
  note(name, { campaign: night.campaign, environment: night.target });

interface Selector {
  readonly metric: string;
  readonly matchers: readonly (readonly [label: string, operator: string, value: string])[];
}

const selectorsOf = (expr: string): readonly Selector[] =>
  [...expr.matchAll(/\b((?:gauntlet|push|chaos)_[a-z0-9_]+)(?:\{([^}]*)\})?/g)].map(
    ([, metric = '', inside = '']) => ({
      metric,
      matchers: [...inside.matchAll(/([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
        ([, label = '', operator = '', value = '']) => [label, operator, value] as const,
      ),
    }),
  );

/** What an expression asks for that is never sent. */
function strange(expr: string): readonly string[] {
  return selectorsOf(expr).flatMap(({ metric, matchers }) => {
    const labels = sent.get(metric);
    if (labels === undefined) return [`${metric}: never sent`];
    return matchers.flatMap(([label, operator, value]) => {
      const values = labels.get(label);
      if (values === undefined) return [`${metric}: no label ${label}`];
      if (value.includes('$')) return [];
      const asked = operator.includes('~') ? value.split('|') : [value];
      return asked.filter((one) => !values.has(one)).map((one) => `${metric}: ${label} is never ${one}`);
    });
  });
}
const labelsUsed = (text: string): readonly string[] =>
  [...text.matchAll(/\{\{\s*(?:\$labels\.)?([a-z_]+)\s*\}\}/g)].map(([, name = '']) => name);
const allLabels = (expr: string): ReadonlySet<string> =>
  new Set(selectorsOf(expr).flatMap(({ metric }) => [...(sent.get(metric)?.keys() ?? [])]));

describe('deploy/grafana/gauntlet.json', () => {
  const targets = dashboard.panels.flatMap(({ title, targets: own = [] }) =>
    own.map((one) => ({ title, ...one })),
  );

  it('can be imported anywhere: a fixed uid, no id, its data source a variable', () => {
    expect([dashboard.uid, 'id' in dashboard]).toEqual(['gauntlet', false]);
    const sources = dashboard.panels.flatMap(({ type, datasource, targets: own = [] }) =>
      type === 'row' ? [] : [datasource?.uid, ...own.map((one) => one.datasource.uid)],
    );
    expect(new Set(sources)).toEqual(new Set([`\${datasource}`]));
    const names = dashboard.templating.list.map((one) => one.name);
    expect(names).toEqual(['datasource', 'campaign', 'environment', 'flow']);
    const used = JSON.stringify(dashboard).matchAll(/\$\{?([a-z]+)\}?/g);
    expect([...used].map(([, name]) => name).filter((name) => !names.includes(name ?? ''))).toEqual([]);
  });

  it('asks only for series, labels and values that are sent', () => {
    expect(targets.length).toBeGreaterThan(20);
    const queries = dashboard.templating.list.flatMap((one) => one.definition ?? []);
    expect([...targets.map((one) => one.expr), ...queries].flatMap(strange)).toEqual([]);
    for (const query of queries) {
      const [, label = ''] = /, ([a-z_]+)\)$/.exec(query) ?? [];
      expect(allLabels(query)).toContain(label);
    }
  });

  it('names its lines by labels that they have', () => {
    const wrong = targets.flatMap(({ title, expr, legendFormat }) =>
      labelsUsed(legendFormat)
        .filter((label) => !allLabels(expr).has(label))
        .map((label) => `${title}: ${label}`),
    );
    expect(wrong).toEqual([]);
  });

  it('shows verdicts, P99 with its interval, failures, recoveries, loss, changes, and faults by their tags', () => {
    const asked = new Set(targets.flatMap(({ expr }) => selectorsOf(expr).map((one) => one.metric)));
    for (const name of [
      'gauntlet_exit_code',
      'gauntlet_response_seconds',
      'gauntlet_response_seconds_low',
      'gauntlet_response_seconds_high',
      'gauntlet_failed_ratio',
      'gauntlet_recovery_seconds',
      'gauntlet_recovery_censored',
      'gauntlet_loss_seconds',
      'gauntlet_change_point',
      'push_time_seconds',
    ])
      expect(asked).toContain(name);
    expect(dashboard.annotations.list.map((one) => one.target)).toMatchObject([
      { type: 'tags', tags: ['gauntlet', 'campaign:$campaign', 'environment:$environment'] },
    ]);
  });

  it('has every panel at a place of its own', () => {
    expect(new Set(dashboard.panels.map((one) => one.id)).size).toBe(dashboard.panels.length);
    const clash = dashboard.panels.flatMap((a, index) =>
      dashboard.panels.slice(index + 1).flatMap((b) => {
        const [p, q] = [a.gridPos, b.gridPos];
        const apart = p.x + p.w <= q.x || q.x + q.w <= p.x || p.y + p.h <= q.y || q.y + q.h <= p.y;
        return apart ? [] : [`${a.title} / ${b.title}`];
      }),
    );
    expect(clash).toEqual([]);
    expect(dashboard.panels.filter(({ gridPos }) => gridPos.x + gridPos.w > 24)).toEqual([]);
  });
});

describe('deploy/prometheus/gauntlet-alerts.yaml', () => {
  it('asks only for series, labels and values that are sent', () => {
    expect(rules.length).toBeGreaterThanOrEqual(8);
    expect(rules.flatMap((one) => strange(one.expr))).toEqual([]);
  });

  it('names only labels that its expressions have', () => {
    const wrong = rules.flatMap(({ alert, expr, annotations }) =>
      Object.values(annotations)
        .flatMap(labelsUsed)
        .filter((label) => !allLabels(expr).has(label))
        .map((label) => `${alert}: ${label}`),
    );
    expect(wrong).toEqual([]);
  });

  it('would find a name that is not sent', () => {
    expect(strange('gauntlet_run_verdit{verdict="PASS"}')).toEqual(['gauntlet_run_verdit: never sent']);
    expect(strange('gauntlet_run_verdict{verdit="PASS"}')).toEqual(['gauntlet_run_verdict: no label verdit']);
    expect(strange('gauntlet_run_verdict{verdict!~"PASS|RESIDU"}')).toEqual([
      'gauntlet_run_verdict: verdict is never RESIDU',
    ]);
  });
});
