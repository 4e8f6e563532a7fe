/** The server behind this page, spoken to with the session cookie that only it can read. */
import { apiClient } from "@safeconduct/contract";

export const server = apiClient({ origin: "", fetch: (input, init) => fetch(input, init) });
