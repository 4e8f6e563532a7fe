import { describeCryptoPorts } from "@safeconduct/testkit";
import { nodeCrypto } from "./index.ts";

describeCryptoPorts("Node", nodeCrypto());
