import { attach } from '../../container/attach';
import { createContainer } from '../../container/create';
import { exec } from '../../container/exec';
import { execSync } from '../../container/exec-sync';
import { listContainers } from '../../container/list';
import { listContainerStats } from '../../container/list-stats';
import { removeContainer } from '../../container/remove';
import { reopenContainerLog } from '../../container/reopen-log';
import { startContainer } from '../../container/start';
import { containerStats } from '../../container/stats';
import { containerStatus } from '../../container/status';
import { stopContainer } from '../../container/stop';
import { updateContainerResources } from '../../container/update-resources';
import type { Parts } from '../parts/build';

/** The verbs of the RuntimeService that are about containers. */
export function containerVerbs(parts: Parts) {
  return {
    createContainer: createContainer(parts),
    startContainer: startContainer(parts),
    stopContainer: stopContainer(parts),
    removeContainer: removeContainer(parts),
    containerStatus: containerStatus(parts),
    listContainers: listContainers(parts),
    updateContainerResources: updateContainerResources(parts),
    reopenContainerLog: reopenContainerLog(parts),
    execSync: execSync(parts),
    exec: exec(parts),
    attach: attach(parts),
    containerStats: containerStats(parts),
    listContainerStats: listContainerStats(parts),
  };
}
