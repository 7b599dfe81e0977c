/** Unit tests run by themselves; engine tests need the Docker Engine that DOCKERSHIM_TEST_ENGINE names: `npm run engine`. */
const typescript = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } };

module.exports = {
  // For tests that hang. A loaded machine may take many times what a quiet one takes.
  testTimeout: 60_000,
  projects: ['unit', 'engine'].map((name) => ({
    displayName: name,
    testEnvironment: 'node',
    testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
    transform: { '^.+\\.ts$': ['@swc/jest', typescript] },
  })),
};
