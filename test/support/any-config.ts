import fc, { type Arbitrary } from 'fast-check';
import {
  MountPropagation,
  NamespaceMode,
  Protocol,
  Signal,
  SecurityProfile_ProfileType as ProfileType,
  SupplementalGroupsPolicy,
} from '../../generated/runtime/v1/api';
import type { ContainerParts, PodParts } from './test-pods';

/**
 * Configurations of pods and containers as any client may send them: mostly with sense, now and then without any, so
 * that among some hundred every field is met both ways. What names a file of the host stays below `directory`.
 */
interface AnyConfigs {
  readonly pod: Arbitrary<PodParts>;
  readonly container: Arbitrary<ContainerParts>;
}

const ODD_WEIGHT = { usual: 60, odd: 1 };

function mostly<Usual, Odd>(usual: Arbitrary<Usual>, odd: Arbitrary<Odd>): Arbitrary<Usual | Odd> {
  return fc.oneof({ weight: ODD_WEIGHT.usual, arbitrary: usual }, { weight: ODD_WEIGHT.odd, arbitrary: odd });
}

/** A record of which any field may be left out, but for those that nothing can be done without. */
function part<T, Required extends keyof T = never>(
  fields: { [Key in keyof T]: Arbitrary<T[Key]> },
  requiredKeys: Required[] = [],
) {
  return fc.record<T, Required>(fields, { requiredKeys });
}

const anyText = fc.string({ unit: 'binary', maxLength: 12 });
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const text = mostly(word, anyText);
const path = mostly(
  fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`),
  fc.oneof(anyText, fc.constantFrom('', '/', '/..', '/a/', '//a//b', '/a/../b', 'a', '/a:b')),
);
const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const id = mostly(fc.bigInt({ min: 0n, max: 70_000n }), integer).map((value) => ({ value }));
const labels = fc.dictionary(text, text, { maxKeys: 3 });
const few = <T>(one: Arbitrary<T>): Arbitrary<T[]> => fc.array(one, { maxLength: 3 });
const oneOf = <T extends number>(values: readonly T[]): Arbitrary<T> =>
  mostly(fc.constantFrom(...values), fc.constant(9 as T));

const range = (min: bigint, max: bigint): Arbitrary<bigint> => mostly(fc.bigInt({ min, max }), integer);

const resources = part({
  cpuPeriod: range(1_000n, 1_000_000n),
  cpuQuota: range(1_000n, 10_000_000n),
  cpuShares: range(0n, 300_000n),
  memoryLimitInBytes: range(6n << 20n, 1n << 40n),
  memorySwapLimitInBytes: mostly(fc.constantFrom(0n, -1n, 1n << 41n), integer),
  oomScoreAdj: range(-1000n, 1000n),
  cpusetCpus: mostly(fc.constantFrom('', '0', '0-0'), fc.oneof(anyText, fc.constantFrom('4095', '1-0', '0-', ','))),
  cpusetMems: mostly(fc.constantFrom('', '0'), fc.oneof(anyText, fc.constantFrom('4095'))),
  hugepageLimits: few(fc.record({ pageSize: mostly(fc.constantFrom('2MB', '1GB'), anyText), limit: fc.constant(0n) })),
  unified: mostly(fc.constant({}), fc.dictionary(anyText, anyText, { maxKeys: 2 })),
});

const profile = part({
  profileType: mostly(
    fc.constantFrom(ProfileType.RuntimeDefault, ProfileType.Unconfined),
    oneOf([ProfileType.Localhost]),
  ),
  localhostRef: mostly(fc.constant(''), anyText),
});

const security = {
  namespaceOptions: part({
    network: oneOf([NamespaceMode.POD, NamespaceMode.NODE]),
    pid: oneOf([NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.NODE]),
    ipc: oneOf([NamespaceMode.POD, NamespaceMode.NODE]),
    targetId: mostly(fc.constant(''), anyText),
    usernsOptions: mostly(part({ mode: fc.constant(NamespaceMode.NODE) }), part({ mode: oneOf([NamespaceMode.POD]) })),
  }),
  selinuxOptions: part({ user: text, role: text, type: text, level: mostly(fc.constant('s0:c1,c2'), anyText) }),
  runAsUser: id,
  supplementalGroups: few(range(0n, 70_000n)),
  supplementalGroupsPolicy: mostly(
    fc.constant(SupplementalGroupsPolicy.Merge),
    oneOf([SupplementalGroupsPolicy.Strict]),
  ),
  readonlyRootfs: fc.boolean(),
  seccomp: profile,
  seccompProfilePath: mostly(fc.constantFrom('', 'runtime/default', 'unconfined'), anyText),
};

const pod: Arbitrary<PodParts> = part({
  hostname: mostly(word, anyText),
  logDirectory: path,
  dnsConfig: part({
    servers: few(mostly(fc.ipV4(), anyText)),
    searches: few(mostly(fc.domain(), anyText)),
    options: few(mostly(fc.constant('ndots:5'), anyText)),
  }),
  portMappings: few(
    part(
      {
        protocol: oneOf([Protocol.TCP, Protocol.UDP, Protocol.SCTP]),
        containerPort: mostly(fc.integer({ min: 1, max: 65_535 }), fc.integer()),
        hostPort: mostly(fc.integer({ min: 0, max: 65_535 }), fc.integer()),
        hostIp: mostly(fc.oneof(fc.constant(''), fc.ipV4(), fc.ipV6()), anyText),
      },
      ['containerPort'],
    ),
  ),
  labels,
  annotations: labels,
  linux: part({
    cgroupParent: mostly(fc.constantFrom('', '/dockershim-test/any'), anyText),
    securityContext: part({ ...security, privileged: fc.boolean() }),
    sysctls: mostly(
      fc.constantFrom({}, { 'net.ipv4.ip_forward': '1' }),
      fc.dictionary(mostly(fc.constantFrom('kernel.shm_rmid_forced', 'kernel.pid_max'), anyText), text, { maxKeys: 2 }),
    ),
    overhead: resources,
    resources,
  }),
});

function containers(directory: string): Arbitrary<ContainerParts> {
  return part({
    command: few(text),
    args: few(text),
    workingDir: path,
    envs: few(
      fc.record({
        key: text,
        value: mostly(
          fc.string().map((value) => Buffer.from(value)),
          bytes(),
        ),
      }),
    ),
    mounts: few(
      part(
        {
          containerPath: path,
          hostPath: mostly(
            word.map((last) => `${directory}/host/${last}`),
            fc.constantFrom('', 'relative', `${directory}/host/\n`),
          ),
          readonly: fc.boolean(),
          selinuxRelabel: fc.boolean(),
          propagation: oneOf([MountPropagation.PROPAGATION_PRIVATE, MountPropagation.PROPAGATION_HOST_TO_CONTAINER]),
          uidMappings: mostly(fc.constant([]), fc.constant([{ length: 1 }])),
          recursiveReadOnly: mostly(fc.constant(false), fc.constant(true)),
          image: mostly(fc.constant(undefined), fc.record({ image: anyText })),
          imageSubPath: mostly(fc.constant(''), anyText),
          mountOptions: mostly(fc.constant([]), few(anyText)),
        },
        ['containerPath', 'hostPath'],
      ),
    ),
    devices: few(
      part(
        {
          hostPath: mostly(fc.constantFrom('/dev/null', '/dev/full'), path),
          containerPath: path,
          permissions: mostly(fc.constantFrom('', 'r', 'rw', 'rwm', 'mr'), anyText),
        },
        ['hostPath'],
      ),
    ),
    CDIDevices: mostly(fc.constant([]), few(fc.record({ name: mostly(fc.constant('a.b/c=d'), anyText) }))),
    labels,
    annotations: labels,
    logPath: mostly(word, anyText),
    stdin: fc.boolean(),
    stdinOnce: fc.boolean(),
    tty: fc.boolean(),
    stopSignal: oneOf([Signal.SIGNAL_RUNTIME_DEFAULT, Signal.SIGNAL_SIGHUP, Signal.SIGNAL_SIGRTMAX]),
    linux: part({
      resources,
      securityContext: part({
        ...security,
        capabilities: part({
          addCapabilities: few(mostly(fc.constantFrom('ALL', 'NET_ADMIN', 'CAP_CHOWN', 'chown'), anyText)),
          dropCapabilities: few(mostly(fc.constantFrom('ALL', 'KILL'), anyText)),
          addAmbientCapabilities: mostly(fc.constant([]), few(anyText)),
        }),
        privileged: fc.boolean(),
        runAsGroup: id,
        runAsUsername: mostly(fc.constant(''), text),
        noNewPrivs: fc.boolean(),
        maskedPaths: few(path),
        readonlyPaths: few(path),
      }),
    }),
  });
}

function bytes(): Arbitrary<Buffer> {
  return fc.uint8Array({ maxLength: 8 }).map((array) => Buffer.from(array));
}

/** @param directory of the host, below which containers may mount anything; what is not there is made. */
export function anyConfigs(directory: string): AnyConfigs {
  return { pod, container: containers(directory) };
}
