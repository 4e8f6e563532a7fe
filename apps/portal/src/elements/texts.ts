/** Words of the elements that both entries share. */
import { inLanguage } from "./language.ts";

const en = {
  product: "Safeconduct",
  language: "Language",
  skip: "Skip to the content",
  evaluation: "Evaluation instance on this computer only. Do not use it for real patient data.",
  evaluationMailbox: "Codes arrive in the local mailbox",
  errorTitle: (title: string) => `Error: ${title}`,
  title: (page: string) => `${page} – Safeconduct`,
  problemHeading: "There is a problem",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "Copying was refused. Select the text and copy it yourself.",
  tryAgain: "Try again",
  cancel: "Cancel",
  show: "Show",
  hide: "Hide",
  showPassword: "Show the password",
  hidePassword: "Hide the password",
  unexpected: "Something went wrong on this page. Nothing was lost. Reload it and try again.",
};

const es: typeof en = {
  product: "Safeconduct",
  language: "Idioma",
  skip: "Ir al contenido",
  evaluation: "Instancia de evaluación solo en este ordenador. No la use con datos reales de pacientes.",
  evaluationMailbox: "Los códigos llegan al buzón local",
  errorTitle: (title: string) => `Error: ${title}`,
  title: (page: string) => `${page} – Safeconduct`,
  problemHeading: "Hay un problema",
  copy: "Copiar",
  copied: "Copiado",
  copyFailed: "No se pudo copiar. Seleccione el texto y cópielo usted.",
  tryAgain: "Intentar de nuevo",
  cancel: "Cancelar",
  show: "Mostrar",
  hide: "Ocultar",
  showPassword: "Mostrar la contraseña",
  hidePassword: "Ocultar la contraseña",
  unexpected: "Algo falló en esta página. No se perdió nada. Vuelva a cargarla e inténtelo de nuevo.",
};

export const texts = inLanguage({ en, es });
