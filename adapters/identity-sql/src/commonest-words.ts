/**
 * What people reach for when they are asked for a password: the words that lead the published lists of leaked
 * passwords, the words of this product's surroundings, and the runs that fingers find by themselves.
 * Lower case. Few passwords of 15 characters lead those lists; chains of these words do.
 */

export const COMMONEST_WORDS: readonly string[] = [
  // Leading words of leaked passwords
  ..."password passwords passwort passw0rd p@ssword p@ssw0rd pass motdepasse contraseña parola senha secret".split(" "),
  ..."welcome letmein login logon admin administrator root user guest test testing default changeme master".split(" "),
  ..."iloveyou love lovely sunshine princess monkey dragon football baseball soccer basketball superman".split(" "),
  ..."batman shadow michael jennifer charlie jordan daniel thomas ashley jessica freedom whatever trustno1".split(" "),
  ..."starwars pokemon computer internet samsung google facebook microsoft windows hello hallo access flower".split(
    " ",
  ),
  ..."summer winter spring autumn monday tuesday wednesday thursday friday saturday sunday".split(" "),
  ..."january february march april may june july august september october november december".split(" "),
  ..."qwerty qwertz azerty qazwsx qazwsxedc 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx q1w2e3r4".split(" "),
  // This product and where it is used (SP 800-63B-4 §3.1.1.2: context-specific words)
  ..."safeconduct hospital clinic doctor nurse patient health healthcare medical radiology hipaa".split(" "),
  // Glue
  ..."my is the a i me you for and 4 2".split(" "),
];

/** Any three neighbours or more of one of these count as one word, forwards and backwards. */
export const COMMONEST_RUNS: readonly string[] = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890123456789",
  "qwertyuiop[]",
  "qwertzuiopü",
  "azertyuiop",
  "asdfghjkl;'",
  "zxcvbnm,./",
  "yxcvbnm",
  "!@#$%^&*()_+",
];
