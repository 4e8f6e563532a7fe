/** The words of the recipient's page from the code on. */

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

export const en = {
  code: {
    label: "6-digit code",
    sent: (address: string) => `We sent it to ${address}.`,
    life: (minutes: number) => `It works for ${count(minutes, "minute", "minutes")}.`,
    older: (address: string) => `It is in a message to ${address}, no more than 10 minutes old.`,
    wrong: "Enter the six digits from the newest message.",
    submit: "Continue",
    busy: "Checking…",
    notReceivedTitle: "Not received it?",
    notReceived:
      "Give it a minute and look into the spam folder. If the address above is not yours, ask the sender to send the files to the right one.",
    again: "Send a new code",
    againIn: (seconds: number) => `You can ask for a new code in ${count(seconds, "second", "seconds")}.`,
    againSent: "A new code is on its way. Older codes no longer work.",
  },
  passcode: {
    title: "One more step: the passcode",
    label: "Passcode",
    hint: (sender: string) =>
      `${sender} told it to you apart from this link, by phone for example. Capitals, spaces and dashes do not matter.`,
    submit: "Open the files",
    busy: "Checking…",
    helpTitle: "You do not know it?",
    help: (sender: string, organisation: string) =>
      `Call ${sender} at ${organisation}, at a number that you know already, and ask for it. It is not in your mail. After ten wrong tries this link is closed for good.`,
  },
  authenticator: {
    title: "One more step: your authenticator",
    label: "Code of your authenticator app",
    hint: (organisation: string) =>
      `The six digits that your app shows for ${organisation}. They change every half minute.`,
    wrong: "Enter the six digits that the app shows.",
    refused:
      "That code was not accepted. Wait for the next one and enter that; each opens only once. After several wrong ones it takes a while until the next one counts.",
    submit: "Open the files",
    busy: "Checking…",
    helpTitle: "You do not have the app any more?",
    help: (sender: string, organisation: string) =>
      `Call ${sender} at ${organisation}, at a number that you know already, and ask for a fresh link with a passcode. They can also take the lost app away.`,
  },
  passkey: {
    title: "One more step: your passkey",
    body: (organisation: string) =>
      `Use the passkey that you added for ${organisation}. Your device asks for your fingerprint, face or PIN.`,
    submit: "Use my passkey",
    busy: "Waiting for your device…",
    cancelled:
      "No passkey was used. Try again. If your device finds none, open the link on the device that you added it with.",
    unsupported: "This browser cannot use passkeys here. Open the link in the browser that you added yours with.",
    refused: (organisation: string) =>
      `That passkey was not accepted. Choose the one that names ${organisation} and your address. After several wrong tries it takes a while until the next one counts.`,
    helpTitle: "You do not have the passkey any more?",
    help: (sender: string, organisation: string) =>
      `Call ${sender} at ${organisation}, at a number that you know already, and ask for a fresh link with a passcode. They can also take the lost passkey away.`,
  },
  ownFactors: {
    offerHeading: "No passcode next time",
    offer: (organisation: string) =>
      `Add a passkey or an authenticator app for ${organisation}. Senders there can then ask for it, and need not call you with a passcode.`,
    offerApp: (organisation: string) =>
      `Add an authenticator app for ${organisation}. Senders there can then ask for its code, and need not call you with a passcode.`,
    offerPasskey: (organisation: string) =>
      `Add a passkey for ${organisation}. Senders there can then ask for it, and need not call you with a passcode.`,
    begin: "Add an authenticator app",
    addHeading: "Add your authenticator app",
    scanLabel: "QR code for your authenticator app",
    scan: "Scan this code with the app.",
    typeSecret: "Or type this in. It is shown only now:",
    code: "The six digits that the app shows",
    finish: "Add it",
    busy: "Checking…",
    added: (organisation: string) => `Your authenticator app is added for ${organisation}.`,
    removeTitle: "Your authenticator app",
    removeBody: (organisation: string) =>
      `You can remove it from ${organisation}, when you change your telephone for example. Links that ask for it then open no more; the next one comes with a passcode again.`,
    remove: "Remove my authenticator app",
    removed: "Your authenticator app was removed.",
    addPasskey: "Add a passkey",
    passkeyAdded: (organisation: string) => `Your passkey is added for ${organisation}.`,
    passkeyCancelled: "No passkey was added.",
    passkeyKnown: "This device has a passkey for this organisation already.",
    passkeyUnsupported: "This browser cannot add a passkey here.",
    passkeyTitle: "Your passkeys",
    passkeyBody: (organisation: string) =>
      `You can add another one for ${organisation}, on a second device for example, up to five. Or remove them all: links that ask for a passkey then open no more, and the next one comes with a passcode again.`,
    addAnotherPasskey: "Add another passkey",
    removePasskeys: "Remove my passkeys",
    passkeysRemoved: "Your passkeys were removed.",
  },
  unlocking: {
    title: "Unlocking the files",
    body: "The keys are fetched and the sender’s seal is checked on this device.",
    failedTitle: "These files could not be opened",
    failed:
      "The link does not fit the files, or they were changed on the way. Nothing was saved. Ask the sender to send them again, and tell them what this page said.",
  },
  problem: {
    title: "Is something wrong?",
    legend: (sender: string) => `What should ${sender} know?`,
    kinds: {
      "wrong-person": "This is not meant for me",
      "cannot-open": "I cannot open the files",
      "missing-file": "A file is missing",
      "wrong-patient": "These are another patient’s files",
      other: "Something else is wrong",
    },
    why: "There is no field for words, so that nothing about a patient is written where others could read it. Call for details.",
    choose: "Choose what is wrong.",
    tell: (sender: string) => `Tell ${sender}`,
    told: (sender: string) =>
      `${sender} was told. If these files are not meant for you, close this page and delete what you saved.`,
  },
  terms: {
    title: "Before you open the files",
    heading: (sender: string) => `${sender} asks you to accept these terms`,
    purpose: (purpose: string) => `The files are for ${purpose}, and for nothing else.`,
    viewOnly: "You may view the files here. They are not to be saved, printed or photographed.",
    noCopies: "You may keep no copies: delete what you saved as soon as you have read it.",
    copies: "You may keep copies.",
    copiesDays: (days: number) =>
      `You may keep copies. Delete them within ${count(days, "day", "days")} of accepting these terms.`,
    closes: "This link closes 15 minutes after every file has arrived.",
    accept: "Accept and open the files",
    busy: "One moment…",
    cannotTitle: "You cannot accept them?",
    cannot: (sender: string) =>
      `Then close this page: nothing was opened. Ask ${sender} to send the files again under other terms.`,
    acceptedHeading: "The terms that you accepted",
    deleteBy: "Delete your copies by",
    deleted: "I have deleted my copies",
    deletedSure: (organisation: string) =>
      `Have you deleted every copy, also from the downloads folder, the trash and backups that you can reach? ${organisation} will see that you said so.`,
    deletedYes: "Yes, all copies are deleted",
    deletedNo: "Not yet",
    deletedTold: (organisation: string) => `Thank you. ${organisation} sees that you have deleted your copies.`,
  },
  files: {
    title: (number: number) => `${count(number, "file", "files")} for you`,
    from: (sender: string, organisation: string) =>
      `From ${sender}, ${organisation}. The seal is the sender’s own, and each file is checked while it arrives.`,
    all: "Download all",
    listHeading: "Files",
    view: "View",
    viewLabel: (name: string) => `View ${name}`,
    viewLoading: "Opening the viewer…",
    viewFailed: "The viewer could not be loaded. Check the connection and try again.",
    notViewable: "This kind of file cannot be shown here, and the sender does not allow downloading. Ask the sender.",
    download: "Download",
    downloadLabel: (name: string) => `Download ${name}`,
    again: "Download again",
    againLabel: (name: string) => `Download again: ${name}`,
    cancel: "Cancel",
    cancelLabel: (name: string) => `Cancel ${name}`,
    waiting: "Waiting for its turn",
    retrying: "The connection was lost. Trying again…",
    running: (done: string, all: string) => `${done} of ${all}`,
    progressLabel: (name: string) => `Progress of ${name}`,
    verified: "Arrived whole and checked",
    announced: (name: string) => `${name} has arrived whole and was checked.`,
    cancelled: "Cancelled. Nothing was kept.",
    failed: "Not downloaded.",
    tooLargeHere: (limit: string) =>
      `This browser cannot save a file of more than ${limit} safely. Use Chrome or Edge on a computer, or the command line:`,
    command: "npx safeconduct receive 'LINK'",
    commandLabel: "Copy the command",
    commandHint: "Put your whole link in place of LINK, and keep the quotation marks.",
    arrivedAll: "All files arrived whole",
    arrivedShown: "All files that can be shown here arrived whole",
    told: (arrived: string, organisation: string) => `${arrived}. We told ${organisation} that they did.`,
    untold: (arrived: string, organisation: string) => `${arrived}, but ${organisation} could not be told.`,
    telling: (arrived: string, organisation: string) => `${arrived}. Telling ${organisation}…`,
    tellAgain: "Try to tell them again",
    keptTitle: "On a shared computer?",
    kept: "This page keeps nothing: close it, and the keys are gone. Downloaded files stay in the folder to which you saved them, so delete them there.",
    endsAt: { viewable: "You can view until", downloadable: "You can download until" },
    viewOnly: "The sender lets you view these files here, not save them.",
    sessionEnded:
      "Your confirmation has ended, because an hour has passed. Confirm your address once more to go on. Finished downloads are kept.",
    confirmAgain: "Confirm again",
  },
};
export type Words = typeof en;
