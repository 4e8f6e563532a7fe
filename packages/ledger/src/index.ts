/**
 * Floor 1: the ledger. An RFC 9162 Merkle tree kept and served as C2SP tlog-tiles, signed checkpoints, proofs,
 * and the checks that a browser, the command line or a stranger can make without trusting the operator.
 * Pure: storage, hashing and signatures come in as ports. Does not decide what is recorded; use cases do.
 */
export * from "./canonical-json.ts";
export * from "./certificate.ts";
export * from "./certificate-issue.ts";
export * from "./certificate-page.ts";
export * from "./certificate-verify.ts";
export * from "./checkpoint.ts";
export * from "./cosigning.ts";
export * from "./entry.ts";
export * from "./errors.ts";
export * from "./event-types.ts";
export * from "./leaf.ts";
export * from "./ledger-writer.ts";
export * from "./mirror-log.ts";
export * from "./note.ts";
export * from "./note-keys.ts";
export * from "./ports.ts";
export * from "./proof.ts";
export * from "./tile.ts";
export * from "./tlog-proof.ts";
export * from "./tree-edge.ts";
export * from "./tree-reader.ts";
export * from "./verify-log.ts";
export * from "./witness.ts";
export * from "./witness-policy.ts";
export * from "./witness-request.ts";
