/** The server behind this page, spoken to with the session cookie that only it can read. */
import { apiClient } from "@safeconduct/contract";
import { network } from "../platform.ts";

export const server = apiClient({ origin: "", fetch: network });
