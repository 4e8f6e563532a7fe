/** Words of how a member signs in, on the page "Your account". */
import { inLanguage } from "../elements/language.ts";

const en = {
  passkeys: {
    title: "Passkeys",
    intro:
      "With a passkey you sign in by fingerprint, face or PIN, without password and code. It stays on your device, on a security key or in your password manager. Your password and authenticator stay good beside it.",
    none: "You have no passkeys yet.",
    since: (when: string) => `Added ${when}`,
    used: (relative: string) => `last used ${relative}`,
    unused: "not used yet",
    remove: "Remove",
    removeLabel: (name: string) => `Remove the passkey ${name}`,
    removed: (name: string) => `“${name}” was removed. A mail about it is on its way to you.`,
    confirmTitle: (name: string) => `Remove “${name}”?`,
    confirm: "Nobody can sign in to Safeconduct with it any more. Sessions that are open stay open.",
    confirmDevice:
      "Your device may go on offering it. Delete it there too, in its settings for passwords and passkeys.",
    removeNow: "Remove it",
    removing: "Removing…",
    name: "Name of the new passkey",
    nameHint: "Where it is, for example “Office computer” or “Blue security key”.",
    nameWrong: "Enter a name of 1 to 60 characters on one line.",
    add: "Add a passkey",
    adding: "Follow your device…",
    added: (name: string) =>
      `“${name}” was added. You can sign in with it from now on. A mail about it is on its way to you.`,
    unknownHere: "This browser does not know passkeys. Open this page in another one to add one.",
    failures: {
      cancelled: "No passkey was added. Try again, and confirm when your device asks.",
      known: "This device has a passkey of yours already. It is in the list above.",
      unsupported: "This browser or device cannot make a passkey that works here. Try another one.",
    },
  },
  password: {
    title: "Password",
    intro:
      "A new password signs you out everywhere else. Change it when somebody may have seen it; there is no need to change it now and then.",
    change: "Change the password",
    done: "Your password is changed, and you are signed in here only. A mail about it is on its way to you.",
    tokens: "API tokens go on as they are. If somebody else may have one,",
    tokensLink: "revoke it there.",
    new: "New password",
    newHint: (least: number) =>
      `${least} characters or more. A few unrelated words are easy to remember. Pasting from a password manager works.`,
    short: (least: number) => `Enter a new password of ${least} characters or more.`,
    long: (most: number) => `Enter a new password of ${most} characters or fewer.`,
    password: "Current password",
    passwordMissing: "Enter your current password.",
    code: "Code from your authenticator",
    codeHint: "Six digits. Each code works once.",
    codeMissing: "Enter the six digits that your authenticator shows now.",
    go: "Change the password",
    busy: "Changing…",
    byPasskey: "Change it with a passkey",
    waiting: "Waiting for your device…",
    or: "Or with your current password and a code:",
  },
  proof: {
    title: "Is it you?",
    intro: "You are about to change how you sign in. Show once more who you are.",
    go: "Go on",
    busy: "Checking…",
    byPasskey: "Use a passkey",
  },
};

const es: typeof en = {
  passkeys: {
    title: "Llaves de acceso",
    intro:
      "Con una llave de acceso (passkey) inicia sesión con su huella, su cara o un PIN, sin contraseña ni código. Queda en su dispositivo, en una llave de seguridad o en su gestor de contraseñas. Su contraseña y su autenticador siguen sirviendo.",
    none: "Aún no tiene llaves de acceso.",
    since: (when) => `Añadida el ${when}`,
    used: (relative) => `último uso: ${relative}`,
    unused: "aún sin usar",
    remove: "Retirar",
    removeLabel: (name) => `Retirar la llave de acceso ${name}`,
    removed: (name) => `Se retiró «${name}». Le enviamos un correo sobre ello.`,
    confirmTitle: (name) => `¿Retirar «${name}»?`,
    confirm: "Nadie podrá iniciar sesión en Safeconduct con ella. Las sesiones abiertas siguen abiertas.",
    confirmDevice:
      "Es posible que su dispositivo la siga ofreciendo. Elimínela también allí, en los ajustes de contraseñas y llaves de acceso.",
    removeNow: "Retirarla",
    removing: "Retirando…",
    name: "Nombre de la llave nueva",
    nameHint: "Dónde está, por ejemplo «Ordenador de la oficina» o «Llave de seguridad azul».",
    nameWrong: "Escriba un nombre de 1 a 60 caracteres en una sola línea.",
    add: "Añadir una llave de acceso",
    adding: "Siga los pasos de su dispositivo…",
    added: (name) =>
      `Se añadió «${name}». Desde ahora puede iniciar sesión con ella. Le enviamos un correo sobre ello.`,
    unknownHere: "Este navegador no conoce las llaves de acceso. Abra esta página en otro para añadir una.",
    failures: {
      cancelled: "No se añadió ninguna llave de acceso. Inténtelo de nuevo y confirme cuando su dispositivo lo pida.",
      known: "Este dispositivo ya tiene una llave de acceso suya. Está en la lista de arriba.",
      unsupported: "Este navegador o dispositivo no puede crear una llave de acceso que sirva aquí. Pruebe con otro.",
    },
  },
  password: {
    title: "Contraseña",
    intro:
      "Una contraseña nueva cierra sus demás sesiones. Cámbiela si alguien pudo verla; no hace falta cambiarla de vez en cuando.",
    change: "Cambiar la contraseña",
    done: "Su contraseña está cambiada y solo tiene la sesión abierta aquí. Le enviamos un correo sobre ello.",
    tokens: "Los tokens de API siguen como están. Si otra persona puede tener uno,",
    tokensLink: "revóquelo allí.",
    new: "Contraseña nueva",
    newHint: (least) =>
      `${least} caracteres o más. Unas pocas palabras sin relación son fáciles de recordar. Puede pegarla desde un gestor de contraseñas.`,
    short: (least) => `Escriba una contraseña nueva de ${least} caracteres o más.`,
    long: (most) => `Escriba una contraseña nueva de ${most} caracteres o menos.`,
    password: "Contraseña actual",
    passwordMissing: "Escriba su contraseña actual.",
    code: "Código de su autenticador",
    codeHint: "Seis cifras. Cada código sirve una sola vez.",
    codeMissing: "Escriba las seis cifras que muestra ahora su autenticador.",
    go: "Cambiar la contraseña",
    busy: "Cambiando…",
    byPasskey: "Cambiarla con una llave de acceso",
    waiting: "Esperando a su dispositivo…",
    or: "O con su contraseña actual y un código:",
  },
  proof: {
    title: "¿Es usted?",
    intro: "Está a punto de cambiar cómo inicia sesión. Demuestre una vez más quién es.",
    go: "Continuar",
    busy: "Comprobando…",
    byPasskey: "Usar una llave de acceso",
  },
};

export const texts = inLanguage({ en, es });
