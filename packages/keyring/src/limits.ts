/** How long what the key service reads may be. */

/** Bytes of a sealed share, of sealed shares and of an HPKE public key: thrice what the suite needs. */
export const SEALED_LIMIT_BYTES = 4_096;
/** Bytes of encoded terms. */
export const TERMS_LIMIT_BYTES = 1_024;
/** Bytes of one signed statement. */
export const STATEMENT_LIMIT_BYTES = 1_024;
/** Bytes of a ledger's verifier key in its text form: a name of 255 characters at most, its id and its key. */
export const VERIFIER_KEY_LIMIT_BYTES = 1_024;
/** Bytes of a signed checkpoint: the log's signature and a hundred witnesses'. */
export const CHECKPOINT_LIMIT_BYTES = 16_384;
/** Age at which an intake key makes way for the next one. */
export const INTAKE_ROTATION_MS = 60 * 60 * 1000;
/** How long shares may be sealed to an intake key, from its making: a client that has just asked has an hour left. */
export const INTAKE_USABLE_MS = 2 * INTAKE_ROTATION_MS;
/** How long shares sealed to it are taken in, from its making; then its private key is destroyed. A draft may wait a day. */
export const INTAKE_ACCEPTED_MS = INTAKE_USABLE_MS + 24 * 60 * 60 * 1000;
/** Intake keys in the ring; 27 is what the times above make, more only where the clock jumps. */
export const INTAKE_KEY_LIMIT = 64;
/** Bytes of an HPKE private key as it is stored. */
export const PRIVATE_KEY_LIMIT_BYTES = 8_192;
/** Most transfers, and most grants, in one operation. */
export const ID_LIST_LIMIT = 1_000;
/** Bytes of a request's body; the longest is a list of twice {@link ID_LIST_LIMIT} ids. */
export const REQUEST_LIMIT_BYTES = 1 << 16;
/** Bytes of an answer's body; the longest is a statement for each of those. */
export const RESPONSE_LIMIT_BYTES = 1 << 19;
/** Bytes of one journal record; the longest is that same list. */
export const JOURNAL_RECORD_LIMIT_BYTES = 1 << 16;
/** Records after which the journal is folded into a new ring, so that a start stays quick and the file small. */
export const JOURNAL_FOLD_RECORDS = 10_000;
