/** Words of the page "Your account". */
import { inLanguage } from "../elements/language.ts";

const en = {
  title: "Your account",
  devices: {
    title: "Devices",
    intro:
      "Browsers and programs that hold your keys. Each can send as you, and open what you have sent, until you remove it.",
    loading: "Reading your devices…",
    kinds: { device: "Device", passkey: "Passkey", recovery: "Recovery key" },
    thisOne: "This browser",
    added: (when: string) => `Added ${when}`,
    addedFirst: (when: string) => `Added ${when}, as your first`,
    addedBy: (when: string, by: string) => `Added ${when}, let in by ${by}`,
    stale: "The list could not be brought up to date. It shows what was known before.",
    mayBeCleared:
      "This browser may clear its keys away when it runs short of space. A second device or a printed recovery key keeps you from being locked out.",
    remove: "Remove",
    removeLabel: (name: string) => `Remove the device ${name}`,
    removeTitle: (name: string) => `Remove “${name}”?`,
    removeBody:
      "It can send nothing any more, and open nothing that you send from now on. What it has opened before stays where it is. To use it again you have to let it in again.",
    removeToken:
      "If it is in other hands, also end what it is signed in with: a browser’s session, or the token of a command line.",
    tokens: "API tokens",
    removeNow: "Remove it",
    removing: "Removing…",
    removedAnnounced: (name: string) => `${name} was removed.`,
    removedList: (count: number) => (count === 1 ? "1 removed device" : `${count} removed devices`),
    removedAt: (added: string, removed: string) => `Added ${added} · removed ${removed}`,
    letIn: "Let a device in",
    letInIntro:
      "A new device shows a code of 24 letters and digits. Type it here only if you see it on a screen of your own.",
    code: "Code of the new device",
    codeHint: "In 4 groups of 6. Capital or small letters make no difference.",
    codeMissing: "Type the whole code: 24 letters and digits.",
    letInBusy: "Letting it in…",
    letInDone: (name: string) => `${name} is let in. It can send, and open what you have sent.`,
    waiting: (name: string, since: string) => `“${name}” asks to be let in (${since}).`,
    notYours:
      "A request that you do not know ends by itself after 15 minutes. Do not type a code that somebody tells you.",
  },
  recovery: {
    title: "Recovery key",
    intro:
      "A key on paper that lets a new device in when all of yours are lost. Keep it where you keep passports: whoever has it and your sign-in is you.",
    none: "You have no recovery key. If you lose every device, you can no longer open what you have sent, or add anybody to it.",
    held: (when: string, by: string) => `You have a recovery key, made ${when} on ${by}.`,
    make: "Make a recovery key",
    makeAnother: "Make a new one",
    replaces: "The key of before stays good until you have confirmed this one; then its paper is worth nothing.",
    done: "Your recovery key counts from now on. It is on paper only: neither this browser nor the server can show it again.",
    print: "Print it",
    byHand:
      "Without a printer, write it down letter by letter. There is no O and no I: what looks like them is a zero and a one.",
    group: "The last group, from the paper",
    groupHint: "8 letters and digits. This shows that the key is on paper; only then does it count.",
    groupWrong: "That is not the last group of this key. Read it from the paper again.",
    confirm: "It is on paper",
    confirmBusy: "One moment…",
    stop: "Stop, change nothing",
    sheetTitle: (organisation: string) => `Safeconduct recovery key · ${organisation}`,
    sheetWho: (name: string, host: string, when: string) => `${name} · ${host} · made ${when}`,
    sheetFor:
      "For: when all your devices are lost. Sign in on a new one, open “Your account”, choose “I have my printed recovery key” and type the five groups.",
    sheetKeep: "Keep it locked away, apart from your devices. A newer key makes this paper worthless: destroy it then.",
  },
};

const es: typeof en = {
  title: "Su cuenta",
  devices: {
    title: "Dispositivos",
    intro:
      "Navegadores y programas que tienen sus claves. Cada uno puede enviar en su nombre y abrir lo que usted ha enviado, hasta que lo retire.",
    loading: "Leyendo sus dispositivos…",
    kinds: { device: "Dispositivo", passkey: "Llave de acceso", recovery: "Clave de recuperación" },
    thisOne: "Este navegador",
    added: (when) => `Añadido el ${when}`,
    addedFirst: (when) => `Añadido el ${when}, como el primero`,
    addedBy: (when, by) => `Añadido el ${when}, admitido por ${by}`,
    stale: "La lista no se pudo actualizar. Muestra lo que se sabía antes.",
    mayBeCleared:
      "Este navegador puede borrar sus claves si le falta espacio. Un segundo dispositivo o una clave de recuperación impresa evita que usted se quede fuera.",
    remove: "Retirar",
    removeLabel: (name) => `Retirar el dispositivo ${name}`,
    removeTitle: (name) => `¿Retirar «${name}»?`,
    removeBody:
      "Ya no podrá enviar nada ni abrir nada de lo que usted envíe a partir de ahora. Lo que ya abrió se queda donde está. Para volver a usarlo tendrá que admitirlo otra vez.",
    removeToken:
      "Si está en otras manos, termine también aquello con lo que ha iniciado sesión: la sesión de un navegador o el token de una línea de comandos.",
    tokens: "Tokens de API",
    removeNow: "Retirarlo",
    removing: "Retirando…",
    removedAnnounced: (name) => `Se retiró ${name}.`,
    removedList: (count) => (count === 1 ? "1 dispositivo retirado" : `${count} dispositivos retirados`),
    removedAt: (added, removed) => `Añadido el ${added} · retirado el ${removed}`,
    letIn: "Admitir un dispositivo",
    letInIntro:
      "Un dispositivo nuevo muestra un código de 24 letras y cifras. Escríbalo aquí solo si lo ve en una pantalla suya.",
    code: "Código del dispositivo nuevo",
    codeHint: "En 4 grupos de 6. Dan igual mayúsculas o minúsculas.",
    codeMissing: "Escriba el código entero: 24 letras y cifras.",
    letInBusy: "Admitiendo…",
    letInDone: (name) => `${name} ha sido admitido. Puede enviar y abrir lo que usted ha enviado.`,
    waiting: (name, since) => `«${name}» pide ser admitido (${since}).`,
    notYours:
      "Una petición que usted no conoce termina sola a los 15 minutos. No escriba un código que le diga otra persona.",
  },
  recovery: {
    title: "Clave de recuperación",
    intro:
      "Una clave en papel que admite un dispositivo nuevo cuando se han perdido todos los suyos. Guárdela donde guarda los pasaportes: quien la tenga y pueda iniciar su sesión es usted.",
    none: "No tiene clave de recuperación. Si pierde todos los dispositivos, ya no podrá abrir lo que ha enviado ni añadir a nadie.",
    held: (when, by) => `Tiene una clave de recuperación, creada el ${when} en ${by}.`,
    make: "Crear una clave de recuperación",
    makeAnother: "Crear otra",
    replaces: "La clave anterior sigue valiendo hasta que confirme esta; después su papel no vale nada.",
    done: "Su clave de recuperación vale desde ahora. Solo está en el papel: ni este navegador ni el servidor pueden volver a mostrarla.",
    print: "Imprimirla",
    byHand:
      "Sin impresora, cópiela letra por letra. No hay ninguna O ni ninguna I: lo que se les parece es un cero y un uno.",
    group: "El último grupo, leído del papel",
    groupHint: "8 letras y cifras. Así se ve que la clave está en papel; solo entonces vale.",
    groupWrong: "Ese no es el último grupo de esta clave. Vuelva a leerlo del papel.",
    confirm: "Está en papel",
    confirmBusy: "Un momento…",
    stop: "Dejarlo, no cambiar nada",
    sheetTitle: (organisation) => `Clave de recuperación de Safeconduct · ${organisation}`,
    sheetWho: (name, host, when) => `${name} · ${host} · creada el ${when}`,
    sheetFor:
      "Para cuando se hayan perdido todos sus dispositivos. Inicie sesión en uno nuevo, abra «Su cuenta», elija «Tengo mi clave de recuperación impresa» y escriba los cinco grupos.",
    sheetKeep:
      "Guárdela bajo llave, lejos de sus dispositivos. Una clave más nueva deja este papel sin valor: destrúyalo entonces.",
  },
};

export const texts = inLanguage({ en, es });
