/** Builds the portal before the first test: files that run side by side would each find it stale and build it over the other's. */
export { ensurePortal as setup } from "@safeconduct/testkit";
