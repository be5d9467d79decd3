import { defineConfig } from 'vitest/config';

/** Tests report nothing, either: see src/runtime/training/no-telemetry.mjs. */
const env = { ORT_DISABLE_TELEMETRY: '1' };

export default defineConfig({
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000, env },
});
