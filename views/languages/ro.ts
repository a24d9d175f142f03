// Romanian.

import type { Sentences } from "./en.ts";

export const SENTENCES: Sentences = {
  dear: "Bună ziua, {name},",
  ring: "sunați la secretariatul școlii: {phone}",
  ask: "adresați-vă secretariatului școlii",
  didNotAsk: "Dacă nu ați cerut acest lucru, {turn}.",
  address: "Adresa",
  username: "Numele de utilizator",
  password: "Parola",
  detailsSubject: "Datele dumneavoastră de conectare la Parent Portal, {school}",
  detailsIntro:
    "Acestea sunt datele dumneavoastră de conectare la Parent Portal, {school}: adresa (Address), numele de utilizator (Username) și parola (Password).",
  detailsAfter:
    "Valabilitatea parolei, în zile: {days}. La prima conectare vă alegeți propria parolă. Parola dinainte nu mai funcționează.",
  detailsHelp: "Dacă nu vă așteptați la acest mesaj sau nu vă puteți conecta, {turn}.",
  phoneRemovedSubject: "Telefonul dumneavoastră a fost scos din Parent Portal, {school}",
  phoneRemoved:
    "La {at}, secretariatul școlii a scos telefonul cu care vă conectați la Parent Portal, {school}. Nici cheile de acces (passkeys) de pe acest telefon nu mai funcționează. La următoarea conectare configurați din nou autentificarea în doi pași. Parola a rămas aceeași.",
  passkeysRemovedSubject:
    "Cheile dumneavoastră de acces au fost scoase din Parent Portal, {school}",
  passkeysRemoved:
    "La {at}, secretariatul școlii a scos cheile de acces (passkeys) cu care vă conectați la Parent Portal, {school}. Vă conectați cu numele de utilizator și parola. Parola a rămas aceeași.",
  passkeyAddedSubject: "O cheie de acces a fost adăugată pentru Parent Portal, {school}",
  passkeyAdded:
    "La {at}, o cheie de acces (passkey) cu numele „{passkey}” a fost adăugată la contul dumneavoastră din Parent Portal, {school}. Cine are acest dispozitiv și îl poate debloca se poate conecta în locul dumneavoastră.",
  passkeyNotYou: "Dacă nu ați fost dumneavoastră, {turn}, și schimbați parola.",
  recoveryCodesSubject: "Coduri de recuperare noi pentru Parent Portal, {school}",
  recoveryCodes:
    "La {at}, au fost create coduri de recuperare noi pentru contul dumneavoastră din Parent Portal, {school}. Codurile de recuperare pe care le aveați înainte nu mai funcționează.",
  passkeyRemovedSubject: "O cheie de acces a fost scoasă din Parent Portal, {school}",
  passkeyRemoved:
    "La {at}, cheia de acces (passkey) cu numele „{passkey}” a fost scoasă din contul dumneavoastră din Parent Portal, {school}. Ea nu mai deschide portalul.",
  tfaSetUpSubject: "Autentificarea în doi pași a fost configurată pentru Parent Portal, {school}",
  tfaSetUp:
    "La {at}, autentificarea în doi pași a fost configurată pentru contul dumneavoastră din Parent Portal, {school}. Pentru conectare este nevoie acum, pe lângă parolă, de un cod din aplicația cu care a fost configurată.",
  tfaOffSubject: "Autentificarea în doi pași a fost dezactivată pentru Parent Portal, {school}",
  tfaOff:
    "La {at}, secretariatul școlii a dezactivat autentificarea în doi pași pentru contul dumneavoastră din Parent Portal, {school}. Pentru conectare este de ajuns parola.",
  passwordChangedSubject: "Parola dumneavoastră pentru Parent Portal, {school}, a fost schimbată",
  passwordChanged:
    "La {at}, a fost aleasă o parolă nouă pentru contul dumneavoastră din Parent Portal, {school}. Trebuie să vă conectați din nou pe toate dispozitivele.",
  passwordNotYou:
    "Dacă ați fost dumneavoastră, nu aveți nimic de făcut. Dacă nu, {turn}, și alegeți o parolă nouă:",
  letterSubject: "O scrisoare cu un cod nou pentru Parent Portal, {school}",
  letter:
    "La {at}, secretariatul școlii a tipărit o scrisoare cu un cod nou pentru contul dumneavoastră din Parent Portal, {school}. Parola dinainte nu mai funcționează.",
  linkSubject: "Alegeți o parolă nouă pentru Parent Portal, {school}",
  link:
    "Cineva, cel mai probabil dumneavoastră, a cerut o parolă nouă pentru numele de utilizator {username}. Pentru a o alege, deschideți acest link:",
  linkUntil:
    "Linkul funcționează o singură dată, până la {until}. Dacă vă conectați cu un cod de pe telefon, acesta vă este cerut ca de obicei.",
  linkIgnore:
    "Dacă nu ați cerut acest lucru, nu faceți nimic: parola rămâne aceeași. Dacă se repetă, {turn}.",
  usernamesSubject: "Numele dumneavoastră de utilizator pentru Parent Portal, {school}",
  usernameOne: "Acesta este numele dumneavoastră de utilizator pentru Parent Portal, {school}:",
  usernameMany:
    "Acestea sunt numele de utilizator pentru Parent Portal, {school}, care au această adresă de e-mail:",
  usernamesSignIn: "Vă puteți conecta sau puteți alege o parolă nouă aici:",
  usernamesIgnore:
    "Dacă nu ați cerut acest lucru, nu aveți nimic de făcut. Dacă se repetă, {turn}.",
  tfaRequiredSubject:
    "Autentificarea în doi pași este acum obligatorie pentru Parent Portal, {school}",
  tfaRequired:
    "La următoarea conectare la Parent Portal, {school}, veți configura un cod cu o aplicație de pe telefon. Secretariatul școlii a cerut acest lucru la {at}.",
  tfaQuestion: "Dacă aveți întrebări, {turn}.",
  tfaNotRequiredSubject:
    "Autentificarea în doi pași nu mai este obligatorie pentru Parent Portal, {school}",
  tfaNotRequired:
    "De la {at}, nu mai este obligatoriu un cod de pe telefon pentru contul dumneavoastră din Parent Portal, {school}. Pentru conectare este de ajuns parola.",
  changedSubject: "Contul dumneavoastră din Parent Portal, {school}, a fost modificat",
  changed:
    "La {at}, secretariatul școlii a modificat un cont din Parent Portal, {school}. Numele: {name}. Numele de utilizator: {username}.",
  changedNoEmail: "Contul nu mai are adresă de e-mail.",
  changedEmail: "Mesajele despre acest cont sunt trimise acum la altă adresă de e-mail: {email}.",
  changedUsername: "Noul nume de utilizator este: {username}.",
  changedPassword: "Secretariatul școlii a stabilit o parolă nouă.",
  mergedSubject: "Aveți acum un singur cont în Parent Portal, {school}",
  merged:
    "La {at}, secretariatul școlii a unit cele două conturi ale dumneavoastră din Parent Portal, {school}. Contul cu numele de utilizator {username} este închis.",
  mergedKept:
    "De acum înainte vă conectați cu celălalt cont, {kept}, și cu parola lui. Acesta arată elevii din ambele conturi.",
  mergedHelp: "Dacă nu vă așteptați la aceasta sau nu aveți celălalt cont, {turn}.",
  languageSaved: "De acum înainte vă scriem în română.",
};
