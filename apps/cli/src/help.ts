/** What `safeconduct help` prints. `docs/reference/cli.md` explains the exit codes. */
export const HELP = `safeconduct: move files to people outside, encrypted end to end, provable, destroyed on time

  setup [LINK]                   make the organisation and its first member (once); enrols this device
  login SERVER                   enrol this device with an API token (asked for, or in SAFECONDUCT_TOKEN_FILE)
       --join                    as a second device: shows a code to type on the first
       --recovery-key-file FILE  as a new device when all others are lost
       --start-over              as the first again; what was sent before is out of reach
  device list                    your devices, and those that wait to be let in
  device approve [CODE]          let in the device that shows this code
  device remove DEVICE           take a lost or old device out
  device key                     this device's public key, for the key service's list of custodians
  recovery-key [--out FILE]      a new printed recovery key; one of before is void
  recovery-cards [--count 3]     the organisation's recovery key, on 2 to 5 cards of which any two are enough
       [--out FOLDER]            a file for each card, to print
       [--accept FINGERPRINT]    take the key that somebody else has made
  recover TRANSFER               ask to bring back a transfer whose sender has lost every device; once approved,
       [--out FOLDER]            open it with two cards [--cards-file FILE]
       [--approve REQUEST]       approve, as the second person
  send FILE… --to ADDRESS…       encrypt here and upload; prints one link for each recipient
       --purpose CODE            TREAT ETREAT HPAYMT HOPERAT HRESCH PATRQT PUBHLTH HMARKT COVERAGE
                                 ADDRESS alone or 'Name (Organisation) <address>'
       [--profile viewable]      to be viewed in the browser, not saved; else downloadable
       [--expires 48h]           how long the links live: 30m, 24h, 7d (at most 7d); else 24h to view, 48h to download
       [--cap N]                 how often each link may be opened
       [--not-before TIME]       2026-11-30T08:00:00+01:00
       [--language es]           en or es: of the mails to recipients, and of their page; else your organisation's
       [--public]                the files are public: no passcode. Otherwise each recipient gets one,
                                 printed once; [--passcode-file FILE] takes your own from a file
       [--factor KIND]           passcode, or authenticator or passkey where the recipient has enrolled one
       [--no-copies], [--copies] or [--delete-within 30]
                                 terms that recipients accept first; [--close-on-receipt] a receipt ends the link
  send --resume [TRANSFER]       go on with a sending that was killed or cut off, within a day, on this device
  send --forget [TRANSFER]       give it up and remove its keys from this device
  receive [LINK] [--out FOLDER]  confirm your address with the mailed code, give the passcode you were told
       [--passcode-file FILE]    (asked for, or from a file), verify and save;
                                 without LINK it is asked for, so that no process list shows it
       [--accept-terms]          accept the sender's terms without being asked
       [--add-authenticator]     afterwards, add an authenticator app for later files
  factor show ADDRESS            what a recipient has enrolled with your organisation
  factor remove ADDRESS          take it away, when a device is lost [--factor authenticator]
  status [TRANSFER]              what was sent, and what happened to it
  open TRANSFER [--out FOLDER]   your own files again, on any of your devices
  revoke TRANSFER                close every link at once and destroy the keys
       [--recipient ADDRESS]     only this recipient's
  erase TRANSFER --yes           forget who was involved in a destroyed transfer; its proofs stay
  add TRANSFER --to ADDRESS      another recipient, without uploading again
       [--expires] [--cap] [--language] [--passcode-file] [--factor] as for send; --public only where it was sent so
  relink TRANSFER ADDRESS        a fresh link for a recipient; the old one ends
       [--sealed-by-removed]     for these and open: also when a device sealed it that was removed since
  suspend TRANSFER               close one link for now [--recipient ADDRESS]; resume opens it again
  resume TRANSFER
  hold TRANSFER                  keep keys and files from destruction until it is lifted
       --reason-code CODE        litigation audit investigation patient-request other
       [--lift]                  lift the hold of that reason, or all
  certificate TRANSFER           certificate of custody [--out FILE] [--html FILE: a page to print]
  certificate verify FILE        check one, offline [--key FILE]
  log verify [FOLDER]            read the whole audit log, or a copy of it, and check it
       [--checkpoint-url URL] [--key KEY]
       [--witness KEY…] [--policy FILE]  demand these cosignatures; also for \`certificate verify\`
  log mirror FOLDER              keep a checked copy of the log [--checkpoint-url URL] [--key KEY]
  witness key NAME --key FILE    make the key of a witness; prints its verifier key
  witness --key FILE --state FOLDER --log KEY…
       [--listen 127.0.0.1:8401] watch logs and cosign each checkpoint that contains the one before
  clock                          whether the key service believes its clock
  clock confirm                  as a custodian: say that it is right, by this computer's own clock
  config check FILE              whether a server's configuration is right [--mail-to ADDRESS]
  fsck                           check a stopped server's data folder [--home FOLDER] [--quick] [--repair]

  --json                         one JSON line on standard output
`;
