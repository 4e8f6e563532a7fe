/** Words of the lock and of the sessions. */
import { inLanguage } from "../elements/language.ts";

const en = {
  idle: {
    title: "Are you still there?",
    body: "Nobody has used this page for a while. To protect what it shows, it locks soon. Uploads go on.",
    left: "It locks in",
    announced: (seconds: number) =>
      seconds >= 60
        ? `The page locks in ${seconds === 60 ? "one minute" : "two minutes"}.`
        : `The page locks in ${seconds} seconds.`,
    stay: "I am still here",
    leave: "Sign out",
  },
  sessionLabel: "Your session",
  endsSoon: (when: string, relative: string) =>
    `You will be signed out ${relative} (${when}), because a session lasts 12 hours at most. Send or save what you have begun.`,
  lock: {
    title: "Locked",
    of: (name: string) => `This page is locked. ${name} can go on where it was left.`,
    nameless: "This page is locked. Whoever signed in can go on where it was left.",
    uploads: "Uploads that were running go on.",
    unlock: "Unlock",
    unlocking: "Unlocking…",
    byPasskey: "Unlock with your passkey",
    other: "Someone else?",
    leave: "Sign out",
    leaveHint: "Signing out ends uploads that are still running.",
  },
  proof: {
    or: "Or with your password and a code:",
    password: "Password",
    code: "Code from your authenticator",
    codeHint: "Six digits. Each code works once.",
    passwordMissing: "Enter your password.",
    codeMissing: "Enter the six digits that your authenticator shows now.",
  },
  passkey: {
    waiting: "Waiting for your device…",
    cancelled: "No passkey was used. Try again, or use your password and a code.",
    unsupported: "This browser cannot use your passkey here. Use your password and a code.",
  },
  sessions: {
    title: "Signed in",
    intro: "Where you are signed in to the portal. A session ends by itself 12 hours after its sign-in.",
    current: "This one",
    locked: "Locked",
    otherBrowser: "A browser",
    on: (browser: string, system: string) => `${browser} on ${system}`,
    since: (when: string) => `Since ${when}`,
    used: (relative: string) => `last used ${relative}`,
    endThere: "Sign out there",
    endLabel: (where: string, since: string) => `Sign out there: ${where}, since ${since}`,
    endOthers: "Sign out everywhere else",
    confirmTitle: (where: string) => `Sign out ${where}?`,
    confirmOthersTitle: "Sign out everywhere else?",
    confirm: "Whoever uses it there has to sign in again. What was typed there is lost, and uploads there stop.",
    end: "Sign out",
    ending: "Signing out…",
    ended: (where: string) => `Signed out: ${where}.`,
    othersEnded: "You are signed in here only.",
  },
};

const es: typeof en = {
  idle: {
    title: "¿Sigue ahí?",
    body: "Nadie ha usado esta página durante un rato. Para proteger lo que muestra, se bloqueará pronto. Las cargas continúan.",
    left: "Se bloquea en",
    announced: (seconds) =>
      seconds >= 60
        ? `La página se bloquea en ${seconds === 60 ? "un minuto" : "dos minutos"}.`
        : `La página se bloquea en ${seconds} segundos.`,
    stay: "Sigo aquí",
    leave: "Cerrar sesión",
  },
  sessionLabel: "Su sesión",
  endsSoon: (when, relative) =>
    `Su sesión se cerrará ${relative} (${when}), porque una sesión dura 12 horas como máximo. Envíe o guarde lo que haya empezado.`,
  lock: {
    title: "Bloqueada",
    of: (name) => `Esta página está bloqueada. ${name} puede continuar donde la dejó.`,
    nameless: "Esta página está bloqueada. Quien inició sesión puede continuar donde la dejó.",
    uploads: "Las cargas que estaban en curso continúan.",
    unlock: "Desbloquear",
    unlocking: "Desbloqueando…",
    byPasskey: "Desbloquear con su llave de acceso",
    other: "¿Es otra persona?",
    leave: "Cerrar sesión",
    leaveHint: "Al cerrar la sesión terminan las cargas que aún estén en curso.",
  },
  proof: {
    or: "O con su contraseña y un código:",
    password: "Contraseña",
    code: "Código de su autenticador",
    codeHint: "Seis cifras. Cada código sirve una sola vez.",
    passwordMissing: "Escriba su contraseña.",
    codeMissing: "Escriba las seis cifras que muestra ahora su autenticador.",
  },
  passkey: {
    waiting: "Esperando a su dispositivo…",
    cancelled: "No se usó ninguna llave de acceso. Inténtelo de nuevo, o use su contraseña y un código.",
    unsupported: "Este navegador no puede usar aquí su llave de acceso. Use su contraseña y un código.",
  },
  sessions: {
    title: "Sesiones abiertas",
    intro: "Dónde ha iniciado sesión en el portal. Una sesión termina por sí sola 12 horas después de iniciarla.",
    current: "Esta",
    locked: "Bloqueada",
    otherBrowser: "Un navegador",
    on: (browser, system) => `${browser} en ${system}`,
    since: (when) => `Desde el ${when}`,
    used: (relative) => `último uso: ${relative}`,
    endThere: "Cerrar esa sesión",
    endLabel: (where, since) => `Cerrar esa sesión: ${where}, desde el ${since}`,
    endOthers: "Cerrar todas las demás",
    confirmTitle: (where) => `¿Cerrar la sesión de ${where}?`,
    confirmOthersTitle: "¿Cerrar todas las demás sesiones?",
    confirm:
      "Quien la use allí tendrá que iniciar sesión de nuevo. Lo que se haya escrito allí se perderá y las cargas se detendrán.",
    end: "Cerrar sesión",
    ending: "Cerrando…",
    ended: (where) => `Sesión cerrada: ${where}.`,
    othersEnded: "Solo tiene la sesión abierta aquí.",
  },
};

export const texts = inLanguage({ en, es });
