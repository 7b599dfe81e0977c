import type { CDIDevice, Device } from '../../../generated/runtime/v1/api';
import { ContainerConfig } from '../../../generated/runtime/v1/api';
import type { DeviceMapping, HostConfig } from '../../../src/docker/types';
import { checkDevices, dockerDevices } from '../../../src/translate/devices';
import { testFields, type FieldTable } from '../../support/field-table';
import { refusal } from '../../support/refusal';

function translate(given: Parameters<typeof ContainerConfig.fromPartial>[0], cdi = true): HostConfig {
  const config = ContainerConfig.fromPartial(given);
  checkDevices(config, { cdi, engine: '20.10.24' });
  return dockerDevices(config);
}

describe('a device', () => {
  type GivenDevice = Parameters<typeof Device.fromPartial>[0];

  const NULL = { PathOnHost: '/dev/null', PathInContainer: '/dev/null', CgroupPermissions: 'rwm' };

  const DEVICE: FieldTable<Device, GivenDevice, DeviceMapping[]> = {
    hostPath: [
      [{ hostPath: '/dev/null' }, [NULL]],
      [{ containerPath: '/dev/null' }, /^InvalidArgument: config\.devices\.host_path is missing/],
      [{ hostPath: 'dev/null' }, /^InvalidArgument: config\.devices\.host_path must be an absolute path/],
    ],
    containerPath: [
      [{ hostPath: '/dev/null', containerPath: '/dev/x' }, [{ ...NULL, PathInContainer: '/dev/x' }]],
      [{ hostPath: '/dev/null', containerPath: '/dev/x\n' }, /^InvalidArgument: config\.devices\.container_path has a/],
      [
        { hostPath: '/dev/null', containerPath: 'x' },
        /^InvalidArgument: config\.devices\.container_path must be an abs/,
      ],
    ],
    permissions: [
      [{ hostPath: '/dev/null', permissions: 'r' }, [{ ...NULL, CgroupPermissions: 'r' }]],
      [{ hostPath: '/dev/null', permissions: 'rwx' }, /^InvalidArgument: config\.devices\.permissions may have r, w/],
    ],
  };

  testFields(DEVICE, (device) => translate({ devices: [device] }).Devices);
});

describe('a CDI device', () => {
  const NAMES = /^InvalidArgument: config\.CDI_devices must have names like vendor\.com\/class=name/;

  const CDI: FieldTable<CDIDevice, Parameters<typeof CDIDevice.fromPartial>[0], object> = {
    name: [
      [{ name: 'a.b/c=d' }, [{ Driver: 'cdi', DeviceIDs: ['a.b/c=d'] }]],
      [
        { name: 'nvidia.com/gpu=GPU-4cf8db2d:0.1' },
        [{ Driver: 'cdi', DeviceIDs: ['nvidia.com/gpu=GPU-4cf8db2d:0.1'] }],
      ],
      [{ name: 'vendor.com/net.vf=eth0' }, [{ Driver: 'cdi', DeviceIDs: ['vendor.com/net.vf=eth0'] }]],
      [{ name: '' }, NAMES],
      [{ name: 'gpu=0' }, NAMES],
      [{ name: 'a.b/c' }, NAMES],
      [{ name: 'a.b/.c=d' }, NAMES],
      [{ name: 'a.b/c=d\n' }, NAMES],
    ],
  };

  testFields(CDI, (device) => translate({ CDIDevices: [device] }).DeviceRequests);

  it('is refused where the engine was not told to look for such', () => {
    expect(refusal(() => translate({ CDIDevices: [{ name: 'a.b/c=d' }] }, false))).toBe(
      'Unimplemented: config.CDI_devices a.b/c=d: needs Docker 25 or later with the feature "cdi" in its daemon.json, ' +
        'this is Docker 20.10.24',
    );
  });
});

it('none asked for is none asked of Docker', () => {
  expect(translate({})).toEqual({ Devices: [] });
});
