/** How the key service ends (numbers of sysexits.h). Listed in docs/formats/key-service-messages.md. */
export const EXIT_CODES = {
  /** SIGINT, SIGTERM, or the parent's end with --with-parent. */
  stopped: 0,
  /** Wrong options. */
  usage: 64,
  /** The folder is damaged, incomplete or of another version. Nothing was changed. */
  damaged: 65,
  /** The port is taken or cannot be listened on. */
  cannotListen: 69,
  /** A write failed in a way that only a new start can judge: start again. */
  storeLost: 70,
  /** The folder cannot be made, read or written. */
  cannotUseFolder: 73,
  /** Another process has the folder open. */
  folderInUse: 75,
  /** The folder is pinned to another API key. */
  otherApiKey: 77,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** The service cannot start; the message is the one line that the operator reads. */
export class CannotStart extends Error {
  override readonly name = "CannotStart";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
