const environments = ['node', 'jsdom', '@happy-dom/jest-environment'];

export default {
  projects: environments.map(testEnvironment => ({ displayName: testEnvironment, testEnvironment, transform: {} })),
};
