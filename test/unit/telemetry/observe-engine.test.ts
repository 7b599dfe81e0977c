import { operationOf } from '../../../src/telemetry/observe-engine';

it.each([
  ['GET', '/_ping', 'GET /_ping'],
  ['GET', '/system/df', 'GET /system/df'],
  ['GET', '/containers/json', 'GET /containers/json'],
  ['POST', '/containers/create', 'POST /containers/create'],
  ['GET', '/containers/0123abcd/json', 'GET /containers/{id}/json'],
  ['POST', '/containers/0123abcd/start', 'POST /containers/{id}/start'],
  ['GET', '/containers/0123abcd/archive', 'GET /containers/{id}/archive'],
  ['DELETE', '/containers/0123abcd', 'DELETE /containers/{id}'],
  ['POST', '/exec/0123abcd/start', 'POST /exec/{id}/start'],
  ['POST', '/images/create', 'POST /images/create'],
  ['GET', '/images/registry.k8s.io/pause:3.10/json', 'GET /images/{id}/json'],
  ['DELETE', '/images/registry.example/team/app', 'DELETE /images/{id}'],
  ['GET', '/images/sha256:0123/history', 'GET /images/{id}/history'],
])('%s %s is one of %s', (method, path, operation) => {
  expect(operationOf(method, path)).toBe(operation);
});
