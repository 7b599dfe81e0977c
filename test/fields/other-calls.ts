import { carriedOut, example, nothingToDo, refused, type Messages } from './field';

const id = carriedOut(
  'Which one: the whole id or a beginning that only it has. NotFound, or success where CRI says so, if there is none.',
);
const filter = carriedOut('See below. Without one, all.');
const idFilter = carriedOut('The whole id or its beginning.');
const labels = carriedOut('Every label, with its value.');
const verbose = carriedOut('Fills `info`.');
const stream = carriedOut('Whether it is connected. None at all, or `stderr` beside `tty`, is InvalidArgument.');
const checkpoint = refused('Docker’s checkpoints are an experiment, and can’t be moved to another runtime.');

type Auth = NonNullable<Parameters<typeof example<'PullImageRequest'>>[1]['auth']>;

const pull = (auth: Auth, refusal?: string) =>
  example('PullImageRequest', { image: { image: 'registry.example/a:1' }, auth }, refusal);

/** The calls that make nothing. */
export const OTHER_CALLS: Messages = {
  VersionRequest: { version: nothingToDo('The answer is the same for every kubelet.') },
  StatusRequest: { verbose },
  StopPodSandboxRequest: { pod_sandbox_id: id },
  RemovePodSandboxRequest: { pod_sandbox_id: id },
  PodSandboxStatusRequest: { pod_sandbox_id: id, verbose },
  ListPodSandboxRequest: { filter },
  StreamPodSandboxesRequest: { filter },
  PodSandboxFilter: { id: idFilter, state: carriedOut('See below.'), label_selector: labels },
  PodSandboxStateValue: { state: carriedOut('Those in this state.') },
  StartContainerRequest: { container_id: id },
  StopContainerRequest: {
    container_id: id,
    timeout: carriedOut('Seconds between the stop signal and SIGKILL; negative is InvalidArgument.'),
  },
  RemoveContainerRequest: { container_id: id },
  ListContainersRequest: { filter },
  StreamContainersRequest: { filter },
  ContainerFilter: {
    id: idFilter,
    state: carriedOut('See below.'),
    pod_sandbox_id: carriedOut('The sandbox’s whole id or its beginning.'),
    label_selector: labels,
  },
  ContainerStateValue: { state: carriedOut('Those in this state.') },
  ContainerStatusRequest: { container_id: id, verbose },
  ReopenContainerLogRequest: { container_id: id },
  ExecSyncRequest: {
    container_id: id,
    cmd: carriedOut('The command; none is InvalidArgument.'),
    timeout: carriedOut('Seconds, after which its processes are killed; 0 is none, negative is InvalidArgument.'),
  },
  ExecRequest: {
    container_id: id,
    cmd: carriedOut('The command; none is InvalidArgument.'),
    tty: carriedOut('A terminal.'),
    stdin: stream,
    stdout: stream,
    stderr: stream,
  },
  AttachRequest: {
    container_id: id,
    stdin: stream,
    tty: carriedOut(
      'A client with a terminal has one stream for both outputs; whether there is one, the container decides.',
    ),
    stdout: stream,
    stderr: stream,
  },
  PortForwardRequest: {
    pod_sandbox_id: id,
    port: carriedOut(
      'The ports of a WebSocket client, in their order; one of SPDY names its own. Outside of 1 to 65535 is InvalidArgument.',
    ),
  },
  ContainerStatsRequest: { container_id: id },
  ListContainerStatsRequest: { filter },
  StreamContainerStatsRequest: { filter },
  ContainerStatsFilter: {
    id: idFilter,
    pod_sandbox_id: carriedOut('The sandbox’s whole id or its beginning.'),
    label_selector: labels,
  },
  PodSandboxStatsRequest: { pod_sandbox_id: id },
  ListPodSandboxStatsRequest: { filter },
  StreamPodSandboxStatsRequest: { filter },
  PodSandboxStatsFilter: { id: idFilter, label_selector: labels },
  UpdateRuntimeConfigRequest: { runtime_config: carriedOut('See below.') },
  RuntimeConfig: { network_config: carriedOut('See below.') },
  NetworkConfig: {
    pod_cidr: carriedOut(
      'For CNI plugins that ask for `ipRanges`; kept for the next start. What is no network is InvalidArgument.',
    ),
  },
  CheckpointContainerRequest: { container_id: checkpoint, location: checkpoint, timeout: checkpoint },
  CheckpointPodRequest: {
    pod_sandbox_id: checkpoint,
    output_path: checkpoint,
    container_ids: checkpoint,
    options: checkpoint,
  },
  RestorePodRequest: {
    checkpoint_path: checkpoint,
    config: checkpoint,
    runtime_handler: checkpoint,
    options: checkpoint,
    container_configs: checkpoint,
  },
  ListImagesRequest: { filter },
  StreamImagesRequest: { filter },
  ImageFilter: { image: carriedOut('The one image that the reference leads to.') },
  ImageStatusRequest: { image: carriedOut('Any reference or id; no answer is no error.'), verbose },
  RemoveImageRequest: {
    image: carriedOut(
      'The image that the reference leads to, with all its names; not while a container is of it or has it mounted.',
    ),
  },
  PullImageRequest: {
    image: carriedOut(
      'One tag or one digest; an id is refused, for it would need no credentials.',
      example('PullImageRequest', { image: { image: 'nginx:2' } }),
    ),
    auth: carriedOut('See below.', pull({ username: 'jo', password: 'x' })),
    sandbox_config: nothingToDo('Docker pulls the same for every pod.'),
  },
  AuthConfig: {
    username: carriedOut('Sent to the image’s registry alone.', pull({ username: 'jo', password: 'x' })),
    password: carriedOut('The same.', pull({ username: 'jo', password: 'x' })),
    auth: carriedOut(
      'base64 of user:password, where there is no `username`.',
      pull({ auth: 'am86eA==' }),
      pull(
        { auth: '%' },
        'InvalidArgument: auth.auth must be base64 of user:password, but it is not base64: check the pull secret',
      ),
    ),
    server_address: carriedOut(
      'Whose they are: for another registry they are not sent.',
      pull({ username: 'jo', password: 'x', serverAddress: 'other.example' }),
    ),
    identity_token: carriedOut('Sent likewise.', pull({ identityToken: 'x' })),
    registry_token: carriedOut('Sent likewise.', pull({ registryToken: 'x' })),
  },
};
