/**
 * networking.k8s.io/v1 as rules of iptables: which connections the policies of a cluster leave open. Pure. IPv4; ports by
 * number. Written against the API's words alone and apart from the product's own reading of policies: it is what that is tested on.
 */

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface Peer {
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
}

interface Port {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

interface Rule {
  readonly to?: readonly Peer[];
  readonly from?: readonly Peer[];
  readonly ports?: readonly Port[];
}

export interface PolicyObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly podSelector?: LabelSelector;
    readonly policyTypes?: readonly string[];
    readonly egress?: readonly Rule[];
    readonly ingress?: readonly Rule[];
  };
}

type Labels = Readonly<Record<string, string>>;

export interface PodObject {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Labels };
  readonly spec?: { readonly hostNetwork?: boolean };
  readonly status?: { readonly podIP?: string; readonly phase?: string };
}

export interface NamespaceObject {
  readonly metadata: { readonly name: string; readonly labels?: Labels };
}

export interface ClusterObjects {
  readonly pods: readonly PodObject[];
  readonly namespaces: readonly NamespaceObject[];
  readonly policies: readonly PolicyObject[];
}

export interface Enforcement {
  /** True: as Calico and kube-router, which ask policies about new connections only. False: about every packet. */
  readonly sparesEstablished: boolean;
  /** True: as Cilium, for which a block of addresses is the world outside and never a pod. */
  readonly blocksMeanOutside?: boolean;
}

/** In the order in which a packet meets them: what may leave its pod may still not enter the other one. */
export const CHAINS = ['TEST-POLICY-EGRESS', 'TEST-POLICY-INGRESS'] as const;

/** For `iptables-restore --noflush`: both chains filled anew in one transaction; nothing else is touched. */
export function restoreInput(objects: ClusterObjects, how: Enforcement): string {
  const [egress, ingress] = CHAINS;
  return [
    '*mangle',
    `:${egress} - [0:0]`,
    `:${ingress} - [0:0]`,
    ...chain(egress, objects, how, 'Egress'),
    ...chain(ingress, objects, how, 'Ingress'),
    'COMMIT',
    '',
  ].join('\n');
}

function chain(
  name: string,
  objects: ClusterObjects,
  { sparesEstablished, blocksMeanOutside = false }: Enforcement,
  type: 'Egress' | 'Ingress',
): readonly string[] {
  const inside = blocksMeanOutside
    ? objects.pods.filter(hasOwnNetwork).map(({ status }) => `${status?.podIP}/32`)
    : [];
  const seen = { ...objects, inside };
  const own = type === 'Egress' ? '-s' : '-d';
  const other = type === 'Egress' ? '-d' : '-s';
  const isolated = objects.pods.filter(hasOwnNetwork).flatMap((pod) => {
    const policies = objects.policies.filter((one) => typesOf(one).includes(type) && selects(one, pod));
    if (policies.length === 0) return [];
    const allowed = policies.flatMap((one) =>
      ((type === 'Egress' ? one.spec.egress : one.spec.ingress) ?? []).flatMap((rule) =>
        allowances(rule, type, one.metadata.namespace, seen),
      ),
    );
    const mine = `-A ${name} ${own} ${pod.status?.podIP}/32`;
    return [
      ...allowed.map(({ cidr, port }) => `${mine} ${other} ${cidr}${port} -j RETURN`),
      `${mine} -j DROP`,
    ];
  });
  return [
    // A policy decides on the side that opens a connection: answers may pass.
    `-A ${name} -m conntrack --ctdir REPLY -j RETURN`,
    ...(sparesEstablished ? [`-A ${name} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN`] : []),
    ...isolated,
  ];
}

const hasOwnNetwork = ({ spec, status }: PodObject): boolean =>
  spec?.hostNetwork !== true && status?.podIP !== undefined && status.phase === 'Running';

/** Without the field: Ingress always, Egress when it has rules for it. */
const typesOf = ({ spec }: PolicyObject): readonly string[] =>
  spec.policyTypes ?? (spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']);

const selects = (policy: PolicyObject, { metadata }: PodObject): boolean =>
  policy.metadata.namespace === metadata.namespace && matches(policy.spec.podSelector ?? {}, metadata.labels);

interface Seen extends ClusterObjects {
  /** What no block means. */
  readonly inside: readonly string[];
}

interface Allowance {
  readonly cidr: string;
  /** ` -p tcp --dport 80:90`; empty = every port of every protocol. */
  readonly port: string;
}

/** No peers are all peers, no ports are all ports. */
function allowances(
  rule: Rule,
  type: 'Egress' | 'Ingress',
  namespace: string,
  objects: Seen,
): readonly Allowance[] {
  const peers = (type === 'Egress' ? rule.to : rule.from) ?? [];
  const cidrs = peers.length === 0 ? ['0.0.0.0/0'] : peers.flatMap((one) => cidrsOf(one, namespace, objects));
  const ports = (rule.ports ?? []).length === 0 ? [''] : (rule.ports ?? []).map(portMatch);
  return cidrs.flatMap((cidr) => ports.map((port) => ({ cidr, port })));
}

function cidrsOf(peer: Peer, namespace: string, { pods, namespaces, inside }: Seen): readonly string[] {
  if (peer.ipBlock) {
    const { cidr, except = [] } = peer.ipBlock;
    return cidr.includes(':') ? [] : without({ cidr, except: [...except, ...inside] });
  }
  const { namespaceSelector, podSelector } = peer;
  const isIn = (name: string): boolean =>
    namespaceSelector === undefined
      ? name === namespace
      : namespaces.some(
          ({ metadata }) => metadata.name === name && matches(namespaceSelector, metadata.labels),
        );
  return pods
    .filter(hasOwnNetwork)
    .filter(({ metadata }) => isIn(metadata.namespace) && matches(podSelector ?? {}, metadata.labels))
    .map(({ status }) => `${status?.podIP}/32`);
}

function portMatch({ protocol = 'TCP', port, endPort }: Port): string {
  if (typeof port === 'string') throw new Error(`port ${port}: only numbers are enforced here`);
  const range = port === undefined ? '' : ` --dport ${endPort === undefined ? port : `${port}:${endPort}`}`;
  return ` -p ${protocol.toLowerCase()}${range}`;
}

function matches({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels = {}): boolean {
  const isMet = ({
    key,
    operator,
    values = [],
  }: {
    key: string;
    operator: string;
    values?: readonly string[];
  }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const isOne = value !== undefined && values.includes(value);
    return operator === 'In' ? isOne : !isOne;
  };
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(isMet)
  );
}

/** The block without its exceptions, as blocks: halved until a half is wholly in or wholly out. */
export function without({
  cidr,
  except = [],
}: {
  readonly cidr: string;
  readonly except?: readonly string[];
}): readonly string[] {
  const block = parse(cidr);
  const holes = except.map(parse);
  const isInside = (inner: Block, outer: Block): boolean =>
    inner.bits >= outer.bits && (inner.address & maskOf(outer.bits)) === outer.address;
  const rest = (one: Block): readonly Block[] => {
    if (holes.some((hole) => isInside(one, hole))) return [];
    if (!holes.some((hole) => isInside(hole, one))) return [one];
    const bits = one.bits + 1;
    return [one.address, one.address | (1n << BigInt(32 - bits))].flatMap((address) =>
      rest({ address, bits }),
    );
  };
  return rest(block).map(
    ({ address, bits }) =>
      `${[24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.')}/${bits}`,
  );
}

interface Block {
  readonly address: bigint;
  readonly bits: number;
}

const maskOf = (bits: number): bigint => (0xffffffffn << BigInt(32 - bits)) & 0xffffffffn;

function parse(cidr: string): Block {
  const [text = '', size = '32'] = cidr.split('/');
  const bits = Number(size);
  const address = text.split('.').reduce((sum, one) => (sum << 8n) | BigInt(one), 0n);
  return { address: address & maskOf(bits), bits };
}
