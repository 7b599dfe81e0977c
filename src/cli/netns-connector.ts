import { serveNetnsConnections } from '../host/netns/serve-connections';

/** The process that the shim starts in a pod's network namespace. Answers the exit status. */
export async function netnsConnector(): Promise<number> {
  if (process.send === undefined) {
    process.stderr.write('dockershim: netns-connector is for the shim itself to start\n');
    return 2;
  }
  await serveNetnsConnections();
  return 0;
}
