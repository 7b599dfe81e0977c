import type { CDIDevice, ContainerConfig, Device } from '../../generated/runtime/v1/api';
import type { DeviceMapping, DeviceRequest, HostConfig } from '../docker/types';
import { checkAbsolutePath, invalid, unimplemented } from './checks';

/** What the engine can do with devices. */
export interface DeviceAbilities {
  /** It reads the specifications of the Container Device Interface. */
  readonly cdi: boolean;
  readonly engine: string;
}

/** `vendor.com/class=name`, as the specification of CDI has it; since its version 0.6 a class may have dots too. */
const CDI_NAME = /^[A-Za-z][A-Za-z0-9_.-]*\/[A-Za-z][A-Za-z0-9_.-]*=[A-Za-z0-9][A-Za-z0-9_.:-]*$/;

/** @throws ShimError InvalidArgument or Unimplemented, naming the field. */
export function checkDevices(config: ContainerConfig, abilities: DeviceAbilities): void {
  config.devices.forEach(checkDevice);
  for (const device of config.CDIDevices) checkCdiDevice(device, abilities);
}

function checkDevice(device: Device): void {
  checkAbsolutePath('config.devices.host_path', device.hostPath);
  if (device.containerPath !== '') checkAbsolutePath('config.devices.container_path', device.containerPath);
  if (!/^[rwm]{0,3}$/.test(device.permissions)) {
    throw invalid('config.devices.permissions', `may have r, w and m, not ${JSON.stringify(device.permissions)}`);
  }
}

function checkCdiDevice({ name }: CDIDevice, { cdi, engine }: DeviceAbilities): void {
  if (!CDI_NAME.test(name)) {
    throw invalid('config.CDI_devices', `must have names like vendor.com/class=name, not ${JSON.stringify(name)}`);
  }
  if (!cdi) {
    const cure = 'Docker 25 or later with the feature "cdi" in its daemon.json';
    throw unimplemented(`config.CDI_devices ${name}`, `needs ${cure}, this is Docker ${engine}`);
  }
}

/** In Docker's form. Without a path inside, a device keeps its own; without permissions, it has them all. */
export function dockerDevices(config: ContainerConfig): Pick<HostConfig, 'Devices' | 'DeviceRequests'> {
  const requests = config.CDIDevices.map(({ name }): DeviceRequest => ({ Driver: 'cdi', DeviceIDs: [name] }));
  return {
    Devices: config.devices.map((device): DeviceMapping => ({
      PathOnHost: device.hostPath,
      PathInContainer: device.containerPath || device.hostPath,
      CgroupPermissions: device.permissions || 'rwm',
    })),
    ...(requests.length > 0 && { DeviceRequests: requests }),
  };
}
