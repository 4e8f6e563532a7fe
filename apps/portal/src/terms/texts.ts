/** What a sender can ask of recipients, in words for the sender. */
import type { Conditions } from "@safeconduct/envelope";
import { inLanguage } from "../elements/language.ts";
import type { Copies } from "./asked.ts";

const copies: Record<Copies, string> = {
  unsaid: "None",
  none: "No copies are kept",
  keep: "Copies may be kept, for this purpose alone",
  delete: "Copies are deleted within some days",
};

const en = {
  copies: "Terms to accept before anything opens",
  copiesOptions: copies,
  copiesHints: {
    unsaid: "You can have them accept terms about copies. That they did is recorded.",
    none: "They delete what they saved as soon as they have read it, and can tell you so.",
    keep: "They accept that the files are for the purpose above and for nothing else.",
    delete: "They can tell you when it is done; you see it beside the link.",
  } satisfies Record<Copies, string>,
  viewHint: "There is nothing to save; they accept that they make no copies in another way either.",
  days: "Days from the acceptance",
  daysHint: "A number from 1 to 3,650.",
  daysWrong: "Enter how many days they have to delete their copies: a number from 1 to 3,650.",
  closes: "Close a link 15 minutes after its files have arrived",
  closesHint: "For files that are needed once. Whoever wants to look again later asks you for a fresh link.",
  viewOnly: "View only, on the page.",
  download: "View and download.",
  accept: ({ mayStore, deleteByDays }: Conditions): string => {
    if (!mayStore) return "They accept before anything opens: no copies are kept.";
    if (deleteByDays === null) return "They accept before anything opens: copies may be kept for this purpose alone.";
    return `They accept before anything opens: copies are deleted within ${deleteByDays === 1 ? "1 day" : `${deleteByDays} days`}.`;
  },
  closing: "Each link closes 15 minutes after its files have arrived.",
};

const copiasEs: Record<Copies, string> = {
  unsaid: "Ninguna",
  none: "No se conservan copias",
  keep: "Se pueden conservar copias, solo para esta finalidad",
  delete: "Las copias se eliminan en unos días",
};

const es: typeof en = {
  copies: "Condiciones que se aceptan antes de que se abra nada",
  copiesOptions: copiasEs,
  copiesHints: {
    unsaid: "Puede hacer que acepten condiciones sobre las copias. Queda registrado que lo hicieron.",
    none: "Eliminan lo que guardaron en cuanto lo han leído, y pueden comunicárselo.",
    keep: "Aceptan que los archivos son para la finalidad indicada y para nada más.",
    delete: "Pueden comunicarle que está hecho; usted lo ve junto al enlace.",
  },
  viewHint: "No hay nada que guardar; aceptan no hacer copias tampoco de otro modo.",
  days: "Días desde la aceptación",
  daysHint: "Un número de 1 a 3650.",
  daysWrong: "Indique cuántos días tienen para eliminar sus copias: un número de 1 a 3650.",
  closes: "Cerrar un enlace 15 minutos después de que lleguen sus archivos",
  closesHint: "Para archivos que se necesitan una vez. Quien quiera verlos más tarde le pide un enlace nuevo.",
  viewOnly: "Solo ver, en la página.",
  download: "Ver y descargar.",
  accept: ({ mayStore, deleteByDays }) => {
    if (!mayStore) return "Aceptan antes de que se abra nada: no se conservan copias.";
    if (deleteByDays === null)
      return "Aceptan antes de que se abra nada: las copias se conservan solo para esta finalidad.";
    return `Aceptan antes de que se abra nada: las copias se eliminan en ${deleteByDays === 1 ? "1 día" : `${deleteByDays} días`}.`;
  },
  closing: "Cada enlace se cierra 15 minutos después de que lleguen sus archivos.",
};

export const texts = inLanguage({ en, es });
