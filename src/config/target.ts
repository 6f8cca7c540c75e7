/**
 * The shape of a target file, on one page: how to reach a system under test, how to act on it, and what it
 * allows. target-checks.ts checks the dependencies between keys.
 */
import { z } from 'zod';
import type { System } from '../core/system.ts';
import { PLATFORMS } from '../core/topology.ts';
import { block, choice, listOf, oneOf, yesOrNo } from './forms.ts';
import { authBlock } from './target-auth.ts';
import { linksBlock } from './target-links.ts';
import { addressParts, olderParts } from './target-services.ts';
import { cidr } from './words/address.ts';
import { dockerHost } from './words/docker-host.ts';
import { environmentWord } from './words/environment.ts';
import {
  clusterUid,
  context,
  controllerKind,
  hours,
  journalNamespace,
  LABEL,
  namespace,
  selector,
  targetName,
  text,
} from './words/name.ts';
import { rate } from './words/rate.ts';

export const TARGET_SCHEMA = 'gauntlet.target/1';

const policy = block({
  optIn: yesOrNo.default(false).describe('whether faults are allowed'),
  protected: listOf(text('the name of a service'), 'a list of services')
    .default([])
    .describe('services, instances and links that no fault may touch, beside those that the system protects'),
  unprotected: listOf(text('the name of a service'), 'a list of services')
    .default([])
    .describe('services that the system protects and this target does not; a name may end in *'),
  hours: hours.prefault('any').describe('when faults and load are allowed'),
  load: block({
    optIn: yesOrNo
      .optional()
      .describe('whether a target that is not on this machine accepts load; default: as for faults'),
    maxRate: rate.optional().describe('the ceiling of arrivals of all flows together'),
  })
    .optional()
    .describe('which load is allowed'),
});

const WORDS = 'a map such as { cluster: staging-eu, nodes: 3 }';
const WORD_NAME = 'a name of lower-case letters, digits and dashes, such as cluster';

const environment = z.record(z.string().regex(LABEL), environmentWord, {
  error: ({ code }) => (code === 'invalid_key' ? WORD_NAME : WORDS),
});

const image = block({ image: text().describe('where the nodes or the engine find it') });

const SERVICES =
  'at least one service, such as web: { namespace: shop, selector: "app.kubernetes.io/name=web" }';
const SERVICE_NAME = 'the name of a service: lower-case letters, digits and dashes';
const CROSSED_BY = 'a map such as { "web->redis": web }';

const pods = block({
  namespace,
  selector: selector.describe('the labels of its pods, as in kubectl get pods -l'),
  replacedBy: controllerKind.optional(),
});

const kubernetes = block({
  context,
  kubeconfig: text()
    .optional()
    .describe('a path relative to this file; default: KUBECONFIG or ~/.kube/config, as kubectl does'),
  cluster: clusterUid.optional(),
  services: z
    .record(z.string().regex(LABEL), pods, {
      error: ({ code }) => (code === 'invalid_key' ? SERVICE_NAME : SERVICES),
    })
    .refine((services) => Object.keys(services).length > 0, { error: SERVICES })
    .optional()
    .describe('of older files: which pods make up which service; default: as the system finds them'),
  journal: block({ namespace: journalNamespace })
    .optional()
    .describe(
      'the namespace that holds undos while a fault is in place; default: the first one that is not protected',
    ),
  network: oneOf(['agent', 'network-policy']).optional().describe('how Gauntlet itself breaks links'),
  agent: image.optional().describe('the image of packages/netagent'),
  proxy: image.optional().describe('the image of the proxy that links are redirected through'),
  backend: oneOf(['native', 'chaos-mesh'], 'native or chaos-mesh')
    .default('native')
    .describe('what impairs links: Gauntlet itself, or Chaos Mesh'),
  probesFrom: choice({ one: cidr, several: z.array(cidr) }, (value) =>
    Array.isArray(value) ? 'several' : 'one',
  )
    .optional()
    .describe("with chaos-mesh: the addresses under which pods see Gauntlet's probes"),
  crossedBy: z
    .record(z.string(), z.unknown(), { error: CROSSED_BY })
    .optional()
    .describe('with chaos-mesh: which probe needs a link for a good answer'),
});

const docker = block({
  host: dockerHost
    .optional()
    .describe('its unix socket; default: DOCKER_HOST, or unix:///var/run/docker.sock'),
  project: text('the name of a Compose project')
    .optional()
    .describe('default: the only one that has containers of the service'),
  agent: image
    .optional()
    .describe('the image of packages/netagent, which the engine has; default: localhost/netagent:1'),
});

export type TargetShape = z.output<ReturnType<typeof targetSchema>>;

/**
 * @param system decides which services there are; their names are also keys of older files.
 * @param services those of any system, for editors.
 */
export const targetSchema = (system: System, services = addressParts(system)) =>
  block({
    name: targetName.describe('its name in plans, locks and reports'),
    schema: z
      .literal(TARGET_SCHEMA, { error: `${TARGET_SCHEMA}, which this version reads` })
      .optional()
      .describe('the version of this file; with it, addresses are in services'),
    system: text('the name of a system, or the path of its file')
      .optional()
      .describe('what it is a copy of; default: the system that comes with Gauntlet'),
    platform: oneOf(PLATFORMS, 'sandbox, kubernetes, docker, processes or none').describe(
      'how Gauntlet acts on it; none: addresses, and the links that gauntlet proxy carries; processes: that, and processes of this machine; docker: that, and containers of an engine',
    ),
    services,
    ...olderParts(system),
    links: linksBlock,
    auth: authBlock.optional(),
    policy: policy.optional().describe('what its owner allows; default: nothing'),
    environment: environment
      .optional()
      .describe('words about where it runs: a change of one begins a new segment of its nights'),
    sandbox: block({ name: targetName.prefault('default') })
      .optional()
      .describe('with platform sandbox: its name'),
    docker: docker.optional().describe('with platform docker: which engine, and which Compose project'),
    kubernetes: kubernetes
      .optional()
      .describe('with platform kubernetes: which cluster, and which pods are which service'),
  });
