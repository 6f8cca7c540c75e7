/** The enforcer of the end-to-end tests: what it leaves open decides what those tests can show. */
import { describe, expect, it } from 'vitest';
import {
  type ClusterObjects,
  type PolicyObject,
  restoreInput,
  without,
} from '../../../../e2e/support-kube/policy-rules.ts';

const pod = (name: string, namespace: string, podIP: string, labels = {}) => ({
  metadata: { name, namespace, labels },
  status: { podIP, phase: 'Running' },
});
const WEB = pod('web', 'shop', '10.0.0.1', { app: 'web' });
const DB = pod('db', 'shop', '10.0.0.2', { app: 'db' });
const MAIL = pod('mail', 'post', '10.0.0.3', { app: 'mail' });
const NAMESPACES = ['shop', 'post'].map((name) => ({ metadata: { name, labels: { name } } }));

const rulesOf = (objects: Partial<ClusterObjects>, sparesEstablished = false): string[] =>
  restoreInput(
    { pods: [WEB, DB, MAIL], namespaces: NAMESPACES, policies: [], ...objects },
    { sparesEstablished },
  )
    .split('\n')
    .filter((line) => line.startsWith('-A') && !line.includes('REPLY'))
    .map((line) => line.replaceAll('TEST-POLICY-', '').replace('-A ', ''));
const policy = (spec: PolicyObject['spec'], namespace = 'shop'): PolicyObject => ({
  metadata: { name: 'p', namespace },
  spec,
});
const OF_WEB = { podSelector: { matchLabels: { app: 'web' } } };
const DROP = 'EGRESS -s 10.0.0.1/32 -j DROP';

describe('the enforcer of NetworkPolicies', () => {
  it('leaves a pod open that no policy selects, and closes one that a policy without rules selects', () => {
    expect(rulesOf({})).toEqual([]);
    expect(rulesOf({ policies: [policy({ ...OF_WEB, policyTypes: ['Egress'] })] })).toEqual([DROP]);
    expect(rulesOf({ policies: [policy({ ...OF_WEB, policyTypes: ['Egress'] }, 'post')] })).toEqual([]);
  });

  it('takes a policy without types for one of Ingress, and of Egress when it has rules for that', () => {
    const ingress = 'INGRESS -d 10.0.0.1/32 -j DROP';
    expect(rulesOf({ policies: [policy(OF_WEB)] })).toEqual([ingress]);
    expect(rulesOf({ policies: [policy({ ...OF_WEB, egress: [] })] })).toEqual([DROP, ingress]);
  });

  it('allows what any of several policies allows', () => {
    const deny = policy({ ...OF_WEB, policyTypes: ['Egress'] });
    const allow = policy({ podSelector: {}, policyTypes: ['Egress'], egress: [{}] });
    expect(rulesOf({ pods: [WEB], policies: [deny, allow] })).toEqual([
      'EGRESS -s 10.0.0.1/32 -d 0.0.0.0/0 -j RETURN',
      DROP,
    ]);
  });

  it.each([
    ['pods of its own namespace', { podSelector: {} }, ['10.0.0.1/32', '10.0.0.2/32']],
    ['all pods of a namespace', { namespaceSelector: { matchLabels: { name: 'post' } } }, ['10.0.0.3/32']],
    [
      'those that both selectors mean',
      {
        namespaceSelector: {},
        podSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
      },
      ['10.0.0.2/32', '10.0.0.3/32'],
    ],
    ['a block', { ipBlock: { cidr: '10.1.0.0/16' } }, ['10.1.0.0/16']],
    ['nobody of the other family', { ipBlock: { cidr: '::/0' } }, []],
  ])('knows as peers %s', (_, peer, cidrs) => {
    const rules = rulesOf({
      policies: [policy({ ...OF_WEB, policyTypes: ['Egress'], egress: [{ to: [peer] }] })],
    });
    expect(rules).toEqual([...cidrs.map((cidr) => `EGRESS -s 10.0.0.1/32 -d ${cidr} -j RETURN`), DROP]);
  });

  it('knows ports, their ranges and other protocols', () => {
    const ports = [{ port: 80 }, { protocol: 'UDP', port: 50, endPort: 60 }];
    const from = [{ podSelector: { matchLabels: { app: 'web' } } }];
    expect(
      rulesOf({
        policies: [policy({ podSelector: { matchLabels: { app: 'db' } }, ingress: [{ from, ports }] })],
      }),
    ).toEqual([
      'INGRESS -d 10.0.0.2/32 -s 10.0.0.1/32 -p tcp --dport 80 -j RETURN',
      'INGRESS -d 10.0.0.2/32 -s 10.0.0.1/32 -p udp --dport 50:60 -j RETURN',
      'INGRESS -d 10.0.0.2/32 -j DROP',
    ]);
  });

  it('leaves open connections alone when it is told to', () => {
    expect(rulesOf({}, true)).toEqual([
      'EGRESS -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN',
      'INGRESS -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN',
    ]);
  });

  it('takes no pod for a part of a block when it is told to', () => {
    const block = policy({
      ...OF_WEB,
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/30' } }] }],
    });
    const objects = { pods: [WEB, DB, MAIL], namespaces: NAMESPACES, policies: [block] };
    const text = restoreInput(objects, { sparesEstablished: false, blocksMeanOutside: true });
    expect(text.split('\n').filter((line) => line.includes('-s 10.0.0.1'))).toEqual([
      '-A TEST-POLICY-EGRESS -s 10.0.0.1/32 -d 10.0.0.0/32 -j RETURN',
      '-A TEST-POLICY-EGRESS -s 10.0.0.1/32 -j DROP',
    ]);
  });

  it('takes exceptions out of a block, exactly', () => {
    expect(without({ cidr: '10.0.0.0/30', except: ['10.0.0.2/32'] })).toEqual(['10.0.0.0/31', '10.0.0.3/32']);
    expect(without({ cidr: '10.0.0.0/30', except: ['10.0.0.0/8'] })).toEqual([]);
    expect(without({ cidr: '10.0.0.0/30', except: ['10.0.1.0/24'] })).toEqual(['10.0.0.0/30']);
    const rest = without({ cidr: '0.0.0.0/0', except: ['10.0.0.9/32', '10.96.0.9/32'] });
    const size = rest.reduce((sum, one) => sum + 2 ** (32 - Number(one.split('/')[1])), 0);
    expect([size, rest.includes('10.0.0.8/32'), rest.includes('10.0.0.9/32')]).toEqual([
      2 ** 32 - 2,
      true,
      false,
    ]);
  });
});
