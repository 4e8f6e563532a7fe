/** Words of the page on which somebody who was invited joins. */
import { inLanguage } from "../elements/language.ts";

const en = {
  title: (organisation: string) => `Join ${organisation}`,
  steps: ["You", "Authenticator", "Done"],
  stepsLabel: "Steps of joining",
  intro:
    "You were invited to send files, encrypted, to people outside, or to look after that. It takes about two minutes, and you need a phone or a password manager that shows sign-in codes.",
  signIn: (address: string) => `You will sign in as ${address}.`,
  rolesLead: "What you may do:",
  until: (until: string, relative: string) => `This invitation works once, until ${until} (${relative}).`,
  name: "Your name",
  nameHint: "Recipients see who sent the files.",
  nameWrong: "Enter your name, on one line and no longer than 120 characters.",
  password: "Password",
  passwordHint: (least: number) =>
    `${least} characters or more. A few unrelated words are easy to remember. Pasting from a password manager works.`,
  passwordShort: (least: number) => `Enter a password of ${least} characters or more.`,
  passwordLong: (most: number) => `Enter a password of ${most} characters or fewer.`,
  next: "Continue",
  nextBusy: "One moment…",
  someoneElse: (name: string) =>
    `${name} is signed in to Safeconduct in this browser. Joining signs them out here. If that is not you, use another browser.`,
  authenticatorTitle: "Add an authenticator",
  authenticatorIntro:
    "The password alone does not open Safeconduct. An authenticator app or password manager shows a new six-digit code every 30 seconds.",
  scan: "Open your authenticator and scan this picture.",
  scanLabel: "QR code with the key for your authenticator",
  typeSecret: "Or type this key in, as a time-based code:",
  enterCode: "Enter the code that it shows now.",
  code: "6-digit code",
  codeWrong: "Enter the six digits that your authenticator shows now.",
  finish: "Join",
  finishBusy: "Checking…",
  doneTitle: (organisation: string) => `Welcome to ${organisation}`,
  done: "You are signed in. The link in your mail is used up; from now on you sign in with your address, your password and a code.",
  go: "Go on",
  lookFailed: "This invitation does not open",
  toSignIn: "Sign in",
  incompleteTitle: "This invitation is incomplete",
  incomplete: "Copy the whole link from your mail, up to its last character, and open it again.",
};

const es: typeof en = {
  title: (organisation) => `Incorporarse a ${organisation}`,
  steps: ["Usted", "Autenticador", "Listo"],
  stepsLabel: "Pasos de la incorporación",
  intro:
    "Le han invitado a enviar archivos cifrados a personas de fuera, o a velar por ello. Lleva unos dos minutos, y necesita un teléfono o un gestor de contraseñas que muestre códigos de inicio de sesión.",
  signIn: (address) => `Iniciará sesión como ${address}.`,
  rolesLead: "Lo que podrá hacer:",
  until: (until, relative) => `Esta invitación funciona una vez, hasta el ${until} (${relative}).`,
  name: "Su nombre",
  nameHint: "Los destinatarios ven quién envió los archivos.",
  nameWrong: "Escriba su nombre, en una línea y con 120 caracteres como mucho.",
  password: "Contraseña",
  passwordHint: (least) =>
    `${least} caracteres o más. Unas cuantas palabras sin relación son fáciles de recordar. Se puede pegar desde un gestor de contraseñas.`,
  passwordShort: (least) => `Escriba una contraseña de ${least} caracteres o más.`,
  passwordLong: (most) => `Escriba una contraseña de ${most} caracteres o menos.`,
  next: "Continuar",
  nextBusy: "Un momento…",
  someoneElse: (name) =>
    `${name} tiene la sesión iniciada en Safeconduct en este navegador. Al incorporarse usted, esa sesión se cierra aquí. Si no es usted, use otro navegador.`,
  authenticatorTitle: "Añada un autenticador",
  authenticatorIntro:
    "La contraseña sola no abre Safeconduct. Una aplicación de autenticación o un gestor de contraseñas muestra un código nuevo de seis dígitos cada 30 segundos.",
  scan: "Abra su autenticador y escanee esta imagen.",
  scanLabel: "Código QR con la clave para su autenticador",
  typeSecret: "O escriba esta clave en él, como código basado en la hora:",
  enterCode: "Escriba el código que muestra ahora.",
  code: "Código de 6 dígitos",
  codeWrong: "Escriba los seis dígitos que su autenticador muestra ahora.",
  finish: "Incorporarse",
  finishBusy: "Comprobando…",
  doneTitle: (organisation) => `Le damos la bienvenida a ${organisation}`,
  done: "Ha iniciado sesión. El enlace de su correo ya está usado; desde ahora inicia sesión con su dirección, su contraseña y un código.",
  go: "Seguir",
  lookFailed: "Esta invitación no se abre",
  toSignIn: "Iniciar sesión",
  incompleteTitle: "Esta invitación está incompleta",
  incomplete: "Copie el enlace entero de su correo, hasta el último carácter, y ábralo de nuevo.",
};

export const texts = inLanguage({ en, es });
