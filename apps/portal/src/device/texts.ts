/** Words about this browser as a device, and its way in. */
import { inLanguage } from "../elements/language.ts";

/** Letter by letter, so that a screen reader does not try to say words. */
const letters = (code: string): string => [...code].join(" ").replaceAll(" - ", ", ");

const en = {
  loading: "Looking for the keys of this browser…",
  ownName: (browser: string | null, system: string | null) =>
    `${browser ?? "Browser"}${system === null ? "" : ` on ${system}`}`,
  name: "Name of this device",
  nameHint: "You find it under this name in the list of your devices.",
  nameWrong: "Enter a name of 1 to 60 characters on one line.",
  firstTitle: "Make keys on this browser",
  firstBody:
    "Files are encrypted before they leave your device. For that, this browser makes keys that stay in it; the server never sees them. It is your first device and can let others in later.",
  firstWhere: "Choose a computer that you come back to. In a private window the keys are gone as soon as you close it.",
  begin: "Make keys here",
  beginBusy: "Making keys…",
  joinTitle: "Let this browser in",
  joinBody:
    "You have keys on another device. It hands them to this browser, so that a password alone is never enough to send or open files as you.",
  ask: "Show a code",
  askBusy: "One moment…",
  codeTitle: "Type this code on your other device",
  codeSpoken: (code: string) => `Code: ${letters(code)}`,
  codeWhere: "In another browser: open “Your account” and choose “Let a device in”.",
  codeCommand: "On the command line:",
  copyCommand: "Copy the command that lets a device in",
  codeSecret: "Show it to nobody else. This page goes on by itself as soon as the code was typed.",
  codeUntil: (when: string, relative: string) => `The code is good until ${when} (${relative}).`,
  codeOver: "The code is over, because nobody typed it for 15 minutes. Nothing was changed.",
  codeStop: "Show no code any more",
  recoveryChoice: "I have my printed recovery key",
  recoveryBody: "Type it from the paper. Capital or small letters, spaces and hyphens make no difference.",
  recoveryKey: "Recovery key",
  recoveryHint: "40 letters and digits, in groups of 8.",
  recoveryMissing: "Type the whole recovery key: 40 letters and digits.",
  recover: "Let this browser in",
  recoverBusy: "Opening…",
  lostChoice: "I have no other device and no recovery key",
  lostBody:
    "You can begin anew on this browser. All your other devices are put out. What you sent before stays open to its recipients and you can revoke it, but you cannot open it or add anybody to it any more.",
  startOver: "Begin anew here",
  startOverTitle: "Begin anew on this browser?",
  startOverConfirm:
    "All your devices and your recovery key stop counting, and keys of what you have sent so far are given up. This cannot be undone.",
  startOverNow: "Begin anew",
  startOverBusy: "Making keys…",
  removedTitle: "This browser was removed",
  removed: (name: string, when: string) =>
    `You removed “${name}” from another device. This browser learnt of it on ${when} and has thrown its keys away. It can send nothing and open nothing.`,
  removedNotYou: "If it was not you, tell your administrator.",
  failedTitle: "The keys of this browser cannot be used",
  forget: "Throw these keys away and begin anew",
  forgetTitle: "Throw the keys of this browser away?",
  forgetBody:
    "Do this only if you know why they do not fit, for example because you began anew on another device. Afterwards this browser asks to be let in again.",
  forgetNow: "Throw them away",
  forgetBusy: "One moment…",
  tryAgain: "Try again",
};

const es: typeof en = {
  loading: "Buscando las claves de este navegador…",
  ownName: (browser, system) => `${browser ?? "Navegador"}${system === null ? "" : ` en ${system}`}`,
  name: "Nombre de este dispositivo",
  nameHint: "Con este nombre lo encontrará en la lista de sus dispositivos.",
  nameWrong: "Escriba un nombre de 1 a 60 caracteres en una sola línea.",
  firstTitle: "Crear claves en este navegador",
  firstBody:
    "Los archivos se cifran antes de salir de su dispositivo. Para ello este navegador crea claves que permanecen en él; el servidor nunca las ve. Es su primer dispositivo y más adelante puede admitir otros.",
  firstWhere:
    "Elija un ordenador al que vaya a volver. En una ventana privada las claves desaparecen en cuanto la cierra.",
  begin: "Crear claves aquí",
  beginBusy: "Creando claves…",
  joinTitle: "Admitir este navegador",
  joinBody:
    "Usted tiene claves en otro dispositivo. Ese dispositivo se las entrega a este navegador, de modo que una contraseña sola nunca basta para enviar o abrir archivos en su nombre.",
  ask: "Mostrar un código",
  askBusy: "Un momento…",
  codeTitle: "Escriba este código en su otro dispositivo",
  codeSpoken: (code) => `Código: ${letters(code)}`,
  codeWhere: "En otro navegador: abra «Su cuenta» y elija «Admitir un dispositivo».",
  codeCommand: "En la línea de comandos:",
  copyCommand: "Copiar la orden que admite un dispositivo",
  codeSecret: "No se lo enseñe a nadie más. Esta página continúa sola en cuanto se haya escrito el código.",
  codeUntil: (when, relative) => `El código vale hasta el ${when} (${relative}).`,
  codeOver: "El código ha caducado porque nadie lo escribió en 15 minutos. No se ha cambiado nada.",
  codeStop: "Dejar de mostrar el código",
  recoveryChoice: "Tengo mi clave de recuperación impresa",
  recoveryBody: "Escríbala tal como está en el papel. Dan igual mayúsculas o minúsculas, espacios y guiones.",
  recoveryKey: "Clave de recuperación",
  recoveryHint: "40 letras y cifras, en grupos de 8.",
  recoveryMissing: "Escriba la clave de recuperación entera: 40 letras y cifras.",
  recover: "Admitir este navegador",
  recoverBusy: "Abriendo…",
  lostChoice: "No tengo otro dispositivo ni clave de recuperación",
  lostBody:
    "Puede empezar de nuevo en este navegador. Todos sus demás dispositivos quedan excluidos. Lo que envió antes sigue abierto para sus destinatarios y usted puede revocarlo, pero ya no podrá abrirlo ni añadir a nadie.",
  startOver: "Empezar de nuevo aquí",
  startOverTitle: "¿Empezar de nuevo en este navegador?",
  startOverConfirm:
    "Todos sus dispositivos y su clave de recuperación dejan de valer, y se renuncia a las claves de lo enviado hasta ahora. Esto no se puede deshacer.",
  startOverNow: "Empezar de nuevo",
  startOverBusy: "Creando claves…",
  removedTitle: "Este navegador fue retirado",
  removed: (name, when) =>
    `Usted retiró «${name}» desde otro dispositivo. Este navegador lo supo el ${when} y ha desechado sus claves. No puede enviar ni abrir nada.`,
  removedNotYou: "Si no fue usted, avise a su administrador.",
  failedTitle: "No se pueden usar las claves de este navegador",
  forget: "Desechar estas claves y empezar de nuevo",
  forgetTitle: "¿Desechar las claves de este navegador?",
  forgetBody:
    "Hágalo solo si sabe por qué no encajan, por ejemplo porque empezó de nuevo en otro dispositivo. Después este navegador pedirá que se le admita otra vez.",
  forgetNow: "Desecharlas",
  forgetBusy: "Un momento…",
  tryAgain: "Intentar de nuevo",
};

export const texts = inLanguage({ en, es });
